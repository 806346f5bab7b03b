//! The run that is under way on a thread, in parts that each know how to begin anew.

pub(crate) mod queue;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod world;
