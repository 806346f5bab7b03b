//! Which runs are made: are they those that were asked for, within their limits, and always the same ones?

mod determinism;
mod limits;
mod many;
mod nothing_run;
mod orders;
mod outcomes;
mod own_invariant;
mod own_scheduler;
mod random_programs;
mod repeats;
mod schedulers;
mod zones;
