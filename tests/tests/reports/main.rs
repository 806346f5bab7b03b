//! What is said of a run: is it true, complete, word for word the same, and safe to print?

mod explanations;
mod long_runs;
mod panics;
mod printable;
mod repeats;
mod reports;
mod starved;
mod trace_snapshots;
