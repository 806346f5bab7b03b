//! What a clock is told of deadlines: which were kept, and which were not.

use std::time::Duration;

use crate::elapsed::Elapsed;
use crate::place::Place;

/// How something ended that had a deadline.
///
/// Nothing is told of what was dropped or cancelled before its deadline, nor of what had no deadline.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Told<'a, I> {
    /// By itself. In a scope it may have taken longer than the deadline allowed, for clean-up.
    Ended {
        /// Whose deadline it is.
        deadline: Deadline<'a>,
        /// When it is. None where only the clock's timer knows that.
        at: Option<I>,
    },
    /// At its deadline.
    Elapsed(&'a Elapsed),
}

/// Whose a deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadline<'a> {
    /// The name of the timeout, if it was given one.
    pub name: Option<&'a str>,
    /// Where the timeout was made.
    pub place: Place,
    /// How long after the timeout began the deadline was, as far as it is known.
    pub delay: Option<Duration>,
}
