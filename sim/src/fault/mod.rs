//! What may go wrong around a program, each a decision: faults, links, processes, clocks.

pub(crate) mod clocks;
pub(crate) mod link;
pub(crate) mod point;
pub(crate) mod process;

pub use clocks::{Coarse, NodeClock, Rounding, ShiftedTimer, WallClock};
pub use link::{Link, Receiver, Sender};
pub use point::{fault, fault_of};
pub use process::Process;
