//! What came of cancelling everywhere: how much was tried, or the cancel that does harm, as a value that
//! prints its own reproduction.

use std::fmt;

use crate::base::time::Instant;
use crate::report::failure::Failure;

use super::point::CancelPoint;
use crate::record::await_place::AwaitPlace;

/// How much was tried without a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CancelReport {
    /// How many schedules.
    pub schedules: u64,
    /// How often the future waits, at most.
    pub waits: u64,
    /// How many runs it was cancelled in.
    pub cancelled: u64,
    /// Whether the limit on waits left none out.
    pub complete: bool,
}

impl fmt::Display for CancelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CancelReport {
            schedules,
            waits,
            cancelled,
            complete,
        } = self;
        write!(
            f,
            "cancelled in {cancelled} runs of {schedules} schedules, at up to {waits} waits"
        )?;
        match complete {
            true => Ok(()),
            false => f.write_str("; there are more, beyond the limit"),
        }
    }
}

/// A cancel after which the check does not hold.
///
/// # Examples
///
/// ```
/// use deadheat::{Failure, yield_now};
/// use deadheat::cancel_safe::{CancelEverywhere, CancelWay, cancel_everywhere};
/// use std::error::Error;
///
/// let dropped = async |_, end: Option<()>| assert!(end.is_some(), "it was dropped");
/// let how = CancelEverywhere::new();
/// let found = cancel_everywhere(&how, async || (), async |_| yield_now().await, dropped).unwrap_err();
/// assert_eq!(found.point.unwrap().way, CancelWay::Dropped);
/// assert!(found.source().unwrap().is::<Failure>());
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct CancelFailure {
    /// Where it was cancelled; none if the run fails without a cancel.
    pub point: Option<CancelPoint>,
    /// When.
    pub at: Option<Instant>,
    /// Where in the sources it waited, the innermost place first. Empty if that is not known: the future
    /// took no note of a waker, or the program has no symbols.
    pub places: Vec<AwaitPlace>,
    /// The run, with its trace; its last line reproduces it.
    pub failure: Failure,
}

impl fmt::Display for CancelFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.failure.refused().is_some() {
            return self.failure.fmt(f);
        }
        match (self.point, self.at) {
            (Some(point), Some(at)) => writeln!(f, "not cancel safe: {point}, at {at}")?,
            _ => writeln!(f, "fails without a cancel")?,
        }
        for (index, place) in self.places.iter().enumerate() {
            let label = if index == 0 { "waits at" } else { "within" };
            writeln!(f, "  {label:<8} {place}")?;
        }
        write!(f, "\n{}", self.failure)
    }
}

/// The report, so that `unwrap` and `?` in a test print it.
impl fmt::Debug for CancelFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for CancelFailure {
    /// The failure of the run.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.failure)
    }
}
