//! Decisions: the schedulers that take them, the tape that keeps them, the token that is a tape on one line.

pub(crate) mod scheduler;
pub(crate) mod tape;
pub(crate) mod token;
