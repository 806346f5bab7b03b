//! What is written down of a run: its events, its trace, what came of it.

pub(crate) mod coverage;
pub(crate) mod events;
pub(crate) mod run;
pub(crate) mod trace;
