//! What was decided in a run: its departures, and how many decisions of each kind there were.

use crate::decide::scheduler::{Choice, Options};
use crate::decide::tape::{DecisionKind, Tape};

/// What a departure was, for a report: kept only while a trace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) kind: DecisionKind,
    pub(crate) number: u64,
    pub(crate) at: i64,
    /// How many events had been recorded.
    pub(crate) event: usize,
    pub(crate) chosen: Choice,
    pub(crate) instead_of: Choice,
    /// What there was to choose from, if that is more than a number.
    pub(crate) options: Vec<Choice>,
}

/// So many options of a decision are kept for a reader.
const OPTIONS_KEPT: u64 = 12;

/// What was chosen, from what.
pub(crate) struct Chosen {
    pub(crate) chosen: Choice,
    pub(crate) instead_of: Choice,
    pub(crate) options: Vec<Choice>,
}

impl Chosen {
    /// A choice among these.
    #[cold]
    pub(crate) fn among(view: &dyn Options, choice: u64, options: u64) -> Self {
        let kept = (0..options.min(OPTIONS_KEPT)).map(|index| view.option(index));
        Chosen {
            chosen: view.option(choice),
            instead_of: view.option(0),
            options: kept.collect(),
        }
    }

    /// A number, in place of the least.
    pub(crate) fn value(value: u64) -> Self {
        Chosen {
            chosen: Choice::Value(value),
            instead_of: Choice::Value(0),
            options: Vec::new(),
        }
    }
}

/// The decisions of a run.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    pub(crate) tape: Tape,
    /// The departures in words, while a trace is kept.
    pub(crate) labels: Vec<Label>,
    /// How many events had been recorded at each decision about what happens next, while a trace is kept.
    pub(crate) marks: Vec<usize>,
    /// The same at each decision that a scheduler was asked to take, of whatever kind, and when that was.
    pub(crate) asked: Vec<(usize, i64)>,
    /// How many decisions of each kind there were.
    pub(crate) numbers: [u64; DecisionKind::ALL.len()],
}

impl Decided {
    pub(crate) fn begin(&mut self) {
        self.tape.clear();
        self.labels.clear();
        self.marks.clear();
        self.asked.clear();
        self.numbers = [0; DecisionKind::ALL.len()];
    }
}
