//! What was found in a run that counts for or against it.

use std::collections::BTreeMap;

use crate::invariant::Checks;
use crate::record::panic::PanicReport;
use crate::state::should_panic::ShouldPanic;

/// The findings of a run.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) checks: Checks,
    /// What was stated to hold sometimes, and whether it did in this run.
    pub(crate) statements: Vec<(&'static str, bool)>,
    /// Panics that were caught on behalf of tasks, and that nobody has seen.
    pub(crate) unseen: Vec<PanicReport>,
    /// The tasks that ended in a panic which was caught and is their output, with that panic.
    pub(crate) caught: BTreeMap<u32, PanicReport>,
    /// The run is to end with a panic.
    pub(crate) should_panic: Option<ShouldPanic>,
    /// Panics that nobody has seen do not count.
    pub(crate) forgiving: bool,
}

impl Findings {
    pub(crate) fn begin(&mut self) {
        self.checks.begin();
        self.statements.clear();
        self.unseen.clear();
        if !self.caught.is_empty() {
            self.caught.clear();
        }
        self.should_panic = None;
        self.forgiving = false;
    }

    /// The panic of a task that was joined, if this later panic tells of it: by the error of the join, which has its
    /// message in quotes, or by the message itself, where the payload was raised once more.
    pub(crate) fn raised_first(&self, later: &PanicReport) -> Option<&PanicReport> {
        let mut caught = self.caught.values();
        caught.find(|first| {
            let message = first.message.as_str();
            let is_other = first.place != later.place && !message.is_empty();
            is_other
                && (later.message == message || later.message.contains(&format!("{message:?}")))
        })
    }
}
