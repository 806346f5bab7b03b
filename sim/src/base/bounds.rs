//! How late things may be, and where a run is cut short: what a user sets, and which limit was met.

use std::fmt;
use std::time::Duration;

/// How late things may be. Both zero is classic virtual time, which moves only when nothing else can
/// happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    /// A timer may fire at any moment in `[deadline, deadline + late]`.
    pub late: Duration,
    /// A woken task may take its turn at any moment in `[woken, woken + task_late]`.
    pub task_late: Duration,
}

impl Bounds {
    /// How late timers may be in half of the runs unless told otherwise.
    pub const USUAL_LATE: Duration = Duration::from_millis(1);

    /// Everything happens on time.
    pub const EXACT: Bounds = Bounds {
        late: Duration::ZERO,
        task_late: Duration::ZERO,
    };

    /// Timers may be late by this much.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Bounds;
    /// use std::time::Duration;
    ///
    /// let bounds = Bounds { task_late: Duration::from_millis(1), ..Bounds::late(Duration::from_millis(5)) };
    /// assert_eq!(bounds.late, Duration::from_millis(5));
    /// ```
    pub const fn late(late: Duration) -> Self {
        Bounds {
            late,
            task_late: Duration::ZERO,
        }
    }

    pub(crate) fn late_ns(&self) -> i64 {
        clamp(self.late)
    }

    pub(crate) fn task_late_ns(&self) -> i64 {
        clamp(self.task_late)
    }
}

/// Where a run ends even if the program does not. Each is checked as it is counted.
///
/// The limits on steps are for programs of up to a thousand tasks and timers. Each further task that is
/// spawned, and each further timer that is pending at once, allows for 16 steps more, so that very many
/// tasks which end at the same moment are no livelock.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Limits, Verdict, run, yield_now};
/// use deadheat::record::LimitReached;
///
/// let limits = Limits { steps_per_instant: 500, ..Limits::default() };
/// let livelock = run(&Config::new().limits(limits), || async { loop { yield_now().await } });
/// assert_eq!(livelock.unwrap_err().run.verdict, Verdict::Limit(LimitReached::StepsPerInstant));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Turns and timers of one run.
    pub steps: u64,
    /// Turns and timers without time passing: more are a livelock.
    pub steps_per_instant: u64,
    /// Tasks that one run spawns in all.
    pub tasks: u64,
    /// Things that go wrong in one run (see [`fault`](fn@crate::fault)); nothing does beyond them.
    pub faults: u64,
    /// Virtual time of one run.
    pub virtual_time: Duration,
    /// Events that a recorded trace keeps.
    pub trace_events: usize,
}

impl Default for Limits {
    /// A million steps, a hundred thousand an instant, two million tasks, 64 faults, 290 years (nearly all
    /// that the clock can tell), a million events.
    fn default() -> Self {
        Limits {
            steps: 1_000_000,
            steps_per_instant: 100_000,
            tasks: 2_000_000,
            faults: 64,
            virtual_time: Duration::from_secs(290 * 365 * 86_400),
            trace_events: 1_000_000,
        }
    }
}

/// A duration in whole nanoseconds, as the clock counts them.
pub(crate) fn clamp(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Which limit a run reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LimitReached {
    /// Turns and timers of one run.
    Steps,
    /// Turns and timers without time passing: a livelock.
    StepsPerInstant,
    /// Virtual time of one run.
    VirtualTime,
    /// Tasks of one run.
    Tasks,
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LimitReached::Steps => "the limit on the steps of a run",
            LimitReached::StepsPerInstant => "the limit on steps without time passing (a livelock)",
            LimitReached::VirtualTime => "the limit on virtual time",
            LimitReached::Tasks => "the limit on the tasks of a run",
        })
    }
}
