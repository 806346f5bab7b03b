//! How a run goes on: a step, a turn, time passing, its end.

pub(crate) mod abort;
pub(crate) mod block_on;
pub(crate) mod caught;
pub(crate) mod clock;
pub(crate) mod companion;
pub(crate) mod decisions;
pub(crate) mod execute;
pub(crate) mod explain;
pub(crate) mod foreign;
pub(crate) mod instants;
pub(crate) mod join;
pub(crate) mod limits;
pub(crate) mod panics;
pub(crate) mod passing;
pub(crate) mod pending;
pub(crate) mod plain;
pub(crate) mod program;
pub(crate) mod stalls;
pub(crate) mod step;
pub(crate) mod trace;
pub(crate) mod waker;
