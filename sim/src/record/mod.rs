//! What is written down of a run: its events, its trace, what came of it.

pub(crate) mod coverage;
pub(crate) mod departures;
pub(crate) mod events;
pub(crate) mod foreign;
pub(crate) mod panic;
pub(crate) mod run;
pub(crate) mod trace;
