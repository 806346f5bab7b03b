//! FIFO and on time: asyncio's order.
//!
//! One queue. A woken task joins it when it is woken. Timers that are due join it, in the order of
//! (deadline, arming), once everything has had its turn that was queued when they were last looked
//! at, as in one iteration of asyncio's loop (CPython 3.13, `base_events.py`, `_run_once`). The
//! executor keeps that order; so this scheduler takes the first option, always.

use super::{Decision, Sampled, Scheduler};

/// Takes the dullest option of every decision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fifo;

impl Sampled for Fifo {
    fn with(_: u32) -> Self {
        Fifo
    }
}

impl Scheduler for Fifo {
    fn name(&self) -> &'static str {
        "fifo"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        true
    }

    #[inline]
    fn choose(&mut self, _decision: &Decision<'_>) -> u64 {
        0
    }
}

/// Whoever has no other has this one.
impl Default for Box<dyn Scheduler> {
    fn default() -> Self {
        Box::new(Fifo)
    }
}
