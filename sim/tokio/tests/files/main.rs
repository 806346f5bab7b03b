//! Files and standard streams: inside of a run as outside of one, and what a run adds.

mod in_run;
mod listed;
mod named;
mod opened;
mod same;
mod sides;
mod standard;
