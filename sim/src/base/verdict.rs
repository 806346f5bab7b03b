//! How a run ended, in a word.

use std::fmt;

use crate::base::bounds::LimitReached;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that had to end has ended.
    Done,
    /// Tasks are pending, and nothing can ever happen again.
    Stuck,
    /// A limit was reached.
    Limit(LimitReached),
    /// A check did not hold, a task panicked, or something outside took part.
    Failed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Done => "done",
            Verdict::Stuck => "stuck",
            Verdict::Limit(_) => "limit",
            Verdict::Failed => "failed",
        })
    }
}
