//! What a run is made with.

use crate::base::bounds::{Bounds, Limits};
use crate::engine::beside::Make;
use crate::invariant::Own;
use crate::record::run::Keeps;

/// Everything a run is a function of, next to the program and the scheduler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) seed: u64,
    pub(crate) bounds: Bounds,
    pub(crate) limits: Limits,
    pub(crate) keeps: Keeps,
    /// Whether clocks and chance of the whole process are the run's.
    pub(crate) sealed: bool,
    /// The user's own.
    pub(crate) invariants: &'a [Own],
    /// The turns that are looked at (`state/looks.rs`).
    pub(crate) waits: &'a [(u32, usize)],
    /// Whether it stands for a runtime of several threads.
    pub(crate) threads: bool,
    /// The runtime that stands beside it.
    pub(crate) beside: Option<Make>,
}
