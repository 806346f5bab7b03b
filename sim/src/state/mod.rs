//! The run that is under way on a thread, in parts that each know how to begin anew.

pub(crate) mod beside;
pub(crate) mod crashes;
pub(crate) mod decided;
pub(crate) mod disks;
pub(crate) mod draws;
pub(crate) mod ending;
pub(crate) mod findings;
pub(crate) mod in_order;
pub(crate) mod instants;
pub(crate) mod lateness;
mod lent;
pub(crate) mod links;
pub(crate) mod looks;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod queue;
pub(crate) mod reach;
pub(crate) mod resolver;
pub(crate) mod restarts;
pub(crate) mod should_panic;
pub(crate) mod stalls;
pub(crate) mod tasks;
pub(crate) mod threads;
pub(crate) mod timers;
pub(crate) mod world;
