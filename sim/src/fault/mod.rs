//! What may go wrong around a program, each a decision: faults, links, processes, clocks.

pub(crate) mod clocks;
pub(crate) mod link;
pub(crate) mod point;
pub(crate) mod process;
