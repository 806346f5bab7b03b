//! How many steps the run may still take before something is to be looked at.

/// How far a run may go on.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// The number of steps at which to look whether the run goes on, unless time passes before.
    pub(crate) look_at: u64,
    /// The same, but for what ends a lateness.
    pub(crate) instant_end: u64,
    /// How many steps had been taken when the instant began.
    pub(crate) instant_begin: u64,
    /// How often an event was late.
    pub(crate) late: u64,
}

impl Reach {
    /// A run begins; its first instant fills the rest.
    pub(crate) fn begin(&mut self) {
        self.late = 0;
    }

    /// Before the next step it is looked whether the run goes on.
    pub(crate) fn look_now(&mut self) {
        self.look_at = 0;
    }

    /// An event is late.
    pub(crate) fn count_late(&mut self) {
        self.late += 1;
    }
}
