//! What was found in a run that counts for or against it.

use crate::invariant::{Checks, Owns};
use crate::record::panic::PanicReport;

/// The findings of a run.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) checks: Checks,
    /// The user's own invariants.
    pub(crate) owns: Owns,
    /// What was stated to hold sometimes, and whether it did in this run.
    pub(crate) statements: Vec<(&'static str, bool)>,
    /// Panics that were caught on behalf of tasks, and that nobody has seen.
    pub(crate) unseen: Vec<PanicReport>,
    /// Those do not count.
    pub(crate) forgiving: bool,
}

impl Findings {
    pub(crate) fn begin(&mut self, owns: Owns) {
        self.checks.reset();
        self.owns = owns;
        self.statements.clear();
        self.unseen.clear();
        self.forgiving = false;
    }
}
