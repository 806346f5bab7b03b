//! Mistakes as they are found: where, what, and what to do about it.
//!
//! 1. Reading goes on after a mistake, so that one look at a file finds all that are independent.
//! 2. At most [`MAX_MISTAKES`] are kept, the rest only counted; a message is not even composed for them,
//!    so a file of nothing but mistakes costs no more than a good one.
//! 3. Whoever fails to make a value holds a [`Reported`], and only [`Problems::report`] makes one: no
//!    piece of a scenario is ever left out in silence.

/// How many mistakes of one file are kept.
pub(super) const MAX_MISTAKES: usize = 20;

/// Bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// What this part of the text says.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// One mistake.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Span,
    pub(super) message: String,
    /// A word or two at the place itself.
    pub(super) label: &'static str,
    /// A concrete hint.
    pub(super) help: String,
    /// For something that is there twice: the first of the two.
    pub(super) first: Option<Span>,
}

impl Problem {
    pub(super) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            label: "here",
            help: help.into(),
            first: None,
        }
    }

    pub(super) fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// This is the second of two things of which there can be one.
    pub(super) fn second_to(mut self, first: Span) -> Self {
        self.first = Some(first);
        self.label("second")
    }
}

/// Proof that a mistake was reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reported(());

/// A value, or the proof that somebody was told why there is none.
pub(super) type Checked<T> = Result<T, Reported>;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    kept: Vec<Problem>,
    omitted: usize,
}

impl Problems {
    pub(super) fn report(&mut self, problem: impl FnOnce() -> Problem) -> Reported {
        if self.is_full() {
            self.omitted += 1;
        } else {
            self.kept.push(problem());
        }
        Reported(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether another one would only be counted.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() == MAX_MISTAKES
    }

    /// Those that were kept, in order of place, and how many were not.
    pub(super) fn into_parts(mut self) -> (Vec<Problem>, usize) {
        self.kept
            .sort_by_key(|problem| (problem.span.start, problem.span.end));
        (self.kept, self.omitted)
    }
}
