//! What was decided in a run: its departures, and how many decisions of each kind there were.

use crate::decide::scheduler::Choice;
use crate::decide::tape::{DecisionKind, Tape};

/// What a departure was, for a report: kept only while a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) kind: DecisionKind,
    pub(crate) number: u64,
    pub(crate) at: i64,
    /// How many events had been recorded.
    pub(crate) event: usize,
    pub(crate) chosen: Choice,
    pub(crate) instead_of: Choice,
}

/// The decisions of a run.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    pub(crate) tape: Tape,
    /// The departures in words, while a trace is kept.
    pub(crate) labels: Vec<Label>,
    /// How many events had been recorded at each decision about what happens next, while a trace is kept.
    pub(crate) marks: Vec<usize>,
    /// How many decisions of each kind there were.
    pub(crate) numbers: [u64; DecisionKind::ALL.len()],
}

impl Decided {
    pub(crate) fn begin(&mut self) {
        self.tape.clear();
        self.labels.clear();
        self.marks.clear();
        self.numbers = [0; DecisionKind::ALL.len()];
    }
}
