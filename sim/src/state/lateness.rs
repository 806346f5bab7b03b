//! How late things may be in a run, and what was asked of it.

use crate::base::bounds::Bounds;
use crate::state::instants::Instants;
use crate::state::queue::Event;

/// [`Bounds`] in the executor's unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BoundsNs {
    pub(crate) late: i64,
    pub(crate) task_late: i64,
}

/// The lateness of a run.
#[derive(Debug, Default)]
pub(crate) struct Lateness {
    pub(crate) bounds: BoundsNs,
    /// Why time may pass although something could happen: timers with a span of their own that are
    /// armed or due, tasks that may stall, and one more if the bounds leave room. At zero nothing is asked.
    /// Too high a number costs time and changes nothing: each event has its own bound.
    pub(crate) slack: usize,
    /// The moments that time may pass to, while a decision is taken.
    pub(crate) instants: Instants,
    /// Of which event it was decided last how late it is, and how many timers had been armed then.
    pub(crate) asked: Option<(Event, u64)>,
}

impl Lateness {
    pub(crate) fn begin(&mut self, bounds: &Bounds) {
        self.bounds = BoundsNs {
            late: bounds.late_ns(),
            task_late: bounds.task_late_ns(),
        };
        self.slack = usize::from(self.bounds.late > 0 || self.bounds.task_late > 0);
        self.asked = None;
    }
}
