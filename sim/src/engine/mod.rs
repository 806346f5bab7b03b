//! How a run goes on: a step, a turn, time passing, its end.

pub(crate) mod abort;
pub(crate) mod block_on;
pub(crate) mod caught;
pub(crate) mod clock;
pub(crate) mod companion;
pub(crate) mod decisions;
pub(crate) mod ended;
pub(crate) mod execute;
pub(crate) mod explain;
pub(crate) mod inside;
pub(crate) mod join;
pub(crate) mod lateness;
pub(crate) mod limits;
pub(crate) mod look_back;
pub(crate) mod panics;
pub(crate) mod passing;
pub(crate) mod pending;
pub(crate) mod plain;
pub(crate) mod program;
pub(crate) mod stalling;
pub(crate) mod step;
pub(crate) mod task_end;
pub(crate) mod teardown;
pub(crate) mod trace_builder;
pub(crate) mod unwound;
pub(crate) mod waker;
