//! The departures of a run, in words.

use std::fmt;

use crate::base::time::Instant;
use crate::record::origin::Origin;

/// One departure from "FIFO and on time", for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explained {
    /// When it was decided.
    pub at: Instant,
    /// What was decided, and what would have been.
    pub text: String,
    /// How many events of the trace came before it.
    pub events_before: usize,
    /// Where in the sources that was made which departs: a timer, a task, a fault.
    pub origin: Option<Origin>,
    /// What there was to choose from, the dullest first; empty where that is only a number.
    pub options: Vec<String>,
    /// The timer that fires later than it could, if that is it.
    pub(crate) timer: Option<u64>,
}

impl Explained {
    /// What there was to choose from, for a reader.
    pub(crate) fn choices(&self) -> Option<String> {
        (self.options.len() > 1).then(|| format!("one of: {}", self.options.join(", ")))
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}   {}", self.at, self.text))
    }
}
