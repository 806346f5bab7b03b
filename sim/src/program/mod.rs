//! What a program under test calls inside a run.

pub(crate) mod draw;
pub(crate) mod inside;
pub(crate) mod macros;
