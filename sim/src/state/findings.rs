//! What was found in a run that counts for or against it.

use crate::invariant::Checks;
use crate::record::panic::PanicReport;

/// The findings of a run.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) checks: Checks,
    /// What was stated to hold sometimes, and whether it did in this run.
    pub(crate) statements: Vec<(&'static str, bool)>,
    /// Panics that were caught on behalf of tasks, and that nobody has seen.
    pub(crate) unseen: Vec<PanicReport>,
    /// Those do not count.
    pub(crate) forgiving: bool,
}

impl Findings {
    pub(crate) fn begin(&mut self) {
        self.checks.begin();
        self.statements.clear();
        self.unseen.clear();
        self.forgiving = false;
    }
}
