//! `Instant`: a moment of tokio's clock, or of the run that it is made in.
//!
//! Inside a run the clock is virtual without any runtime. A moment of a run is what tokio's clock would show: the time
//! since the start of the run behind a moment that stands for the start, which is the same in all runs of a process; with
//! [`beside`](crate::beside) it is what the clock of that runtime shows.

use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::{fmt, time};

use super::Duration;
use crate::sim::budget::in_run;
use crate::sim::kept;

/// A moment of the clock: tokio's, or inside a run the virtual one.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let start = tokio::time::Instant::now();
///     deadheat::program::busy(Duration::from_nanos(1_500_000));
///     assert_eq!(start.elapsed(), Duration::from_nanos(1_500_000));
/// });
/// run.unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(tokio::time::Instant);

/// What stands for the start of a run.
fn start_of_run() -> tokio::time::Instant {
    kept::origin().unwrap_or_else(|| deadheat::beside::origin().into())
}

impl Instant {
    /// The present.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn now() -> Instant {
        match in_run() {
            true => Instant::of_run(deadheat::now()),
            false => Instant(tokio::time::Instant::now()),
        }
    }

    /// The same moment of the standard library's clock.
    pub fn from_std(std: time::Instant) -> Instant {
        Instant(tokio::time::Instant::from_std(std))
    }

    /// The same moment of the standard library's clock.
    pub fn into_std(self) -> time::Instant {
        self.0.into_std()
    }

    /// The time since an earlier moment; zero if that is later.
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.0.duration_since(earlier.0)
    }

    /// The time since an earlier moment; none if that is later.
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// The time since an earlier moment; zero if that is later.
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time since then; zero if it is yet to come.
    #[must_use]
    #[track_caller]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(*self)
    }

    /// So much later; none if that is too far to be told.
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_add(duration).map(Instant)
    }

    /// So much earlier; none if that is too far to be told.
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_sub(duration).map(Instant)
    }
}

impl Instant {
    /// A moment of the run under way, as tokio's clock would show it.
    #[inline]
    pub(crate) fn of_run(at: deadheat::Instant) -> Instant {
        let (start, nanos) = (start_of_run(), at.as_nanos());
        let by = Duration::from_nanos(nanos.unsigned_abs());
        let shown = match nanos < 0 {
            true => start.checked_sub(by),
            false => start.checked_add(by),
        };
        Instant(shown.unwrap_or(start))
    }

    /// The moment of the run under way that this is. One that no [`deadheat::Instant`] can tell becomes the first or the
    /// last that there is.
    #[inline]
    pub(crate) fn in_run(self) -> deadheat::Instant {
        let start = start_of_run();
        match self.0.checked_duration_since(start) {
            Some(after) => deadheat::Instant::START.saturating_add(after),
            None => {
                let before = i64::try_from((start - self.0).as_nanos()).unwrap_or(i64::MAX);
                deadheat::Instant::from_nanos(-before)
            }
        }
    }

    pub(super) fn of_tokio(self) -> tokio::time::Instant {
        self.0
    }
}

impl From<tokio::time::Instant> for Instant {
    fn from(at: tokio::time::Instant) -> Self {
        Instant(at)
    }
}

impl From<Instant> for tokio::time::Instant {
    fn from(at: Instant) -> Self {
        at.0
    }
}

impl From<time::Instant> for Instant {
    fn from(at: time::Instant) -> Self {
        Instant::from_std(at)
    }
}

impl From<Instant> for time::Instant {
    fn from(at: Instant) -> Self {
        at.into_std()
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, duration: Duration) -> Instant {
        Instant(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
