//! `Interval`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::sleep::{MADE_OUTSIDE, RunSleep};
use super::{Duration, FAR, Instant, MissedTickBehavior, after, present};

/// So late a tick is not missed yet.
const PATIENCE: Duration = Duration::from_millis(5);

/// Ticks every `period`, first at once.
///
/// # Timing
///
/// The first tick is due at the call. What ticks are due after one that is late by more than 5 ms, its
/// [`MissedTickBehavior`] says, as in tokio.
///
/// # Panics
///
/// If `period` is zero; and outside of a run where tokio's does: outside of a runtime with time.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let start = tokio::time::Instant::now();
///     let mut interval = tokio::time::interval(Duration::from_secs(10));
///     assert_eq!(interval.tick().await, start);
///     assert_eq!(interval.tick().await, start + Duration::from_secs(10));
///     assert_eq!(start.elapsed(), Duration::from_secs(10));
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    if crate::sim::budget::in_run() {
        return Interval::in_run(Instant::of_run(present()), period);
    }
    Interval(Inner::Tokio(tokio::time::interval(period)))
}

/// Ticks every `period`, first at `start`; see [`interval`].
///
/// # Panics
///
/// If `period` is zero; and outside of a run where tokio's does: outside of a runtime with time.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    if crate::sim::budget::in_run() {
        return Interval::in_run(start, period);
    }
    Interval(Inner::Tokio(tokio::time::interval_at(
        start.of_tokio(),
        period,
    )))
}

/// Made by [`interval`] and [`interval_at`].
#[derive(Debug)]
pub struct Interval(Inner);

#[derive(Debug)]
enum Inner {
    Tokio(tokio::time::Interval),
    Run(Box<RunInterval>),
}

#[derive(Debug)]
struct RunInterval {
    delay: RunSleep,
    period: Duration,
    behavior: MissedTickBehavior,
}

impl Interval {
    #[track_caller]
    fn in_run(start: Instant, period: Duration) -> Interval {
        assert!(!period.is_zero(), "`period` must be non-zero.");
        deadheat::program::interval_made();
        Interval(Inner::Run(Box::new(RunInterval {
            delay: RunSleep::new(start.in_run()),
            period: period.min(FAR),
            behavior: MissedTickBehavior::default(),
        })))
    }

    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no tick.
    pub async fn tick(&mut self) -> Instant {
        poll_fn(|cx| self.poll_tick(cx)).await
    }

    /// Polls for the next tick.
    ///
    /// # Panics
    ///
    /// If it is polled inside a run and was made outside of it, or the other way round.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        match &mut self.0 {
            Inner::Tokio(interval) => {
                assert!(!crate::sim::budget::in_run(), "{MADE_OUTSIDE}");
                interval.poll_tick(cx).map(Instant::from)
            }
            Inner::Run(interval) => interval.poll_tick(cx),
        }
    }

    /// The next tick is due one period from now.
    pub fn reset(&mut self) {
        match &mut self.0 {
            Inner::Tokio(interval) => interval.reset(),
            Inner::Run(interval) => interval.delay.reset(after(interval.period)),
        }
    }

    /// The next tick is due now.
    pub fn reset_immediately(&mut self) {
        match &mut self.0 {
            Inner::Tokio(interval) => interval.reset_immediately(),
            Inner::Run(interval) => interval.delay.reset(present()),
        }
    }

    /// The next tick is due when so much time has passed.
    pub fn reset_after(&mut self, duration: Duration) {
        match &mut self.0 {
            Inner::Tokio(interval) => interval.reset_after(duration),
            Inner::Run(interval) => interval.delay.reset(after(duration)),
        }
    }

    /// The next tick is due at `deadline`.
    pub fn reset_at(&mut self, deadline: Instant) {
        match &mut self.0 {
            Inner::Tokio(interval) => interval.reset_at(deadline.of_tokio()),
            Inner::Run(interval) => interval.delay.reset(deadline.in_run()),
        }
    }

    /// What happens to ticks that are missed.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        match &self.0 {
            Inner::Tokio(interval) => interval.missed_tick_behavior(),
            Inner::Run(interval) => interval.behavior,
        }
    }

    /// Says what happens to ticks that are missed.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        match &mut self.0 {
            Inner::Tokio(interval) => interval.set_missed_tick_behavior(behavior),
            Inner::Run(interval) => interval.behavior = behavior,
        }
    }

    /// The period.
    pub fn period(&self) -> Duration {
        match &self.0 {
            Inner::Tokio(interval) => interval.period(),
            Inner::Run(interval) => interval.period,
        }
    }
}

impl From<Interval> for tokio::time::Interval {
    /// tokio's own, for crates that take one. Of a run's, the next tick and all that follow are due when they
    /// were, by tokio's ticks, and no decisions of the run any more.
    fn from(interval: Interval) -> Self {
        match interval.0 {
            Inner::Tokio(interval) => interval,
            Inner::Run(run) => {
                let mut interval = tokio::time::interval_at(run.due().of_tokio(), run.period);
                interval.set_missed_tick_behavior(run.behavior);
                interval
            }
        }
    }
}

impl RunInterval {
    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(self.delay.poll(cx));
        let due = self.due();
        self.delay
            .move_to(self.next(due, Instant::of_run(present())).in_run());
        Poll::Ready(due)
    }

    /// When the next tick is due.
    fn due(&self) -> Instant {
        Instant::of_run(self.delay.deadline())
    }

    /// When the tick after one that was due at `due` is due.
    fn next(&self, due: Instant, now: Instant) -> Instant {
        let missed = now > due + PATIENCE;
        match self.behavior {
            MissedTickBehavior::Delay if missed => now + self.period,
            MissedTickBehavior::Skip if missed => now + self.to_next_multiple(now - due),
            _ => due + self.period,
        }
    }

    /// How long it is to the next multiple of the period.
    fn to_next_multiple(&self, passed: Duration) -> Duration {
        // No period is longer than 30 years: it is a u64 of nanoseconds.
        let beyond = passed.as_nanos() % self.period.as_nanos();
        self.period - Duration::from_nanos(beyond as u64)
    }
}
