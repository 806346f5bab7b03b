//! How many steps the run may still take before something is to be looked at.

use crate::base::bounds::Limit;

/// How far a run may go on.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// The number of steps at which something is to be looked at, unless time passes before.
    pub(crate) steps_end: u64,
    /// The same, but for what ends a lateness.
    pub(crate) instant_end: u64,
    /// How many steps had been taken when the instant began.
    pub(crate) instant_begin: u64,
    /// A limit that was reached in the middle of a turn.
    pub(crate) reached: Option<Limit>,
    /// How often an event was late.
    pub(crate) late: u64,
}

impl Reach {
    /// A run begins; its first instant fills the rest.
    pub(crate) fn clear(&mut self) {
        (self.reached, self.late) = (None, 0);
    }

    /// An event is late.
    pub(crate) fn count_late(&mut self) {
        self.late += 1;
    }
}
