//! What a program under test calls inside a run.

pub(crate) mod draw;
pub(crate) mod here;
pub(crate) mod macros;
pub(crate) mod spawn;
pub(crate) mod state;
pub(crate) mod wait;
