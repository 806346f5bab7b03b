//! The simulated clock: time, and timers whose lateness is a decision.
//!
//! 1. A clock belongs to the run it was made in. Used after that run, or on another thread, it does
//!    not move, its timers never fire, and the run is told (see [`Escape`](crate::Escape)).
//! 2. A timer is armed at its first poll, and numbered then.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deadheat_timeout as lib;
use deadheat_timeout::Clock;

use crate::config::clamp;
use crate::foreign::{self, Escape};
use crate::time::Instant;
use crate::timers::{Phase, TimerKey};
use crate::world::{self, World};

/// The clock of a run, for everything that is generic over [`deadheat_timeout::Clock`].
///
/// # Panics
///
/// Never. Outside of its run it stands still; use of it on another thread makes the run fail with
/// advice.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, clock, run};
/// use deadheat_timeout::{Clock, timeout};
/// use std::time::Duration;
///
/// let run = run(&Config::new(), || async {
///     let late = timeout(&clock(), Duration::from_secs(2), std::future::pending::<()>()).await;
///     assert!(late.is_err());
///     assert_eq!(clock().now().as_nanos(), 2_000_000_000);
/// });
/// run.unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimClock {
    run: u32,
}

impl SimClock {
    pub(crate) fn of(run: u32) -> Self {
        SimClock { run }
    }

    fn with<R>(self, f: impl FnOnce(&mut World) -> R) -> Option<R> {
        let result = world::with_run(self.run, f);
        if result.is_none() {
            foreign::report(self.run, Escape::Clock);
        }
        result
    }

    /// A timer whose deadline is `low` and whose own lateness reaches to `high`: a latency.
    pub(crate) fn timer_between(self, low: Instant, high: Instant) -> SimTimer {
        let span = clamp(high.saturating_duration_since(low));
        SimTimer {
            run: self.run,
            key: None,
            deadline: Some(low),
            span,
        }
    }
}

impl Clock for SimClock {
    type Instant = Instant;
    type Timer = SimTimer;

    fn now(&self) -> Instant {
        self.with(|world| world.instant()).unwrap_or_default()
    }

    fn timer(&self, deadline: Instant) -> SimTimer {
        self.timer_between(deadline, deadline)
    }

    fn checked_add(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_add(by)
    }

    fn checked_sub(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_sub(by)
    }

    fn next_id(&self) -> u64 {
        self.with(World::next_id).unwrap_or_default()
    }

    fn observe(&self, event: lib::Event<Instant>) {
        // Teardown comes after the run: what scopes do then is nobody's concern.
        world::with_run(self.run, |world| world.observe(event));
    }
}

/// A timer of a [`SimClock`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct SimTimer {
    run: u32,
    key: Option<TimerKey>,
    /// None once it was disarmed.
    deadline: Option<Instant>,
    span: i64,
}

impl Future for SimTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(deadline) = this.deadline else {
            return Poll::Pending;
        };
        let (run, span) = (this.run, this.span);
        let polled = SimClock { run }.with(|world| poll(world, &mut this.key, deadline, span, cx));
        match polled {
            Some((poll, old)) => {
                drop(old);
                poll
            }
            None => Poll::Pending,
        }
    }
}

/// Arms the timer, or looks at it. The waker it replaces is for the caller to drop.
fn poll(
    world: &mut World,
    key: &mut Option<TimerKey>,
    deadline: Instant,
    span: i64,
    cx: &Context<'_>,
) -> (Poll<()>, Option<std::task::Waker>) {
    let Some(armed) = *key else {
        *key = Some(world.arm(deadline.as_nanos(), span, cx.waker()));
        return (Poll::Pending, None);
    };
    match world.timers.slot_mut(armed) {
        Some(slot) if slot.phase() == Phase::Fired => (Poll::Ready(()), None),
        Some(slot)
            if slot
                .waker
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker())) =>
        {
            (Poll::Pending, None)
        }
        Some(slot) => (Poll::Pending, slot.waker.replace(cx.waker().clone())),
        None => (Poll::Ready(()), None),
    }
}

impl lib::Timer<Instant> for SimTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.get_mut();
        this.deadline = Some(deadline);
        let Some(key) = this.key.take() else { return };
        let run = this.run;
        let (moved, waker) = SimClock { run }
            .with(|world| match world.timers.phase(key) {
                Phase::Armed | Phase::Due => (world.rearm(key, deadline.as_nanos()), None),
                _ => (None, world.disarm(key)),
            })
            .unwrap_or_default();
        this.key = moved;
        drop(waker);
    }

    fn disarm(self: Pin<&mut Self>) {
        let this = self.get_mut();
        this.deadline = None;
        this.release();
    }
}

impl SimTimer {
    fn release(&mut self) {
        if let Some(key) = self.key.take() {
            // Of a run that is over, nothing is left to release.
            drop(world::with_run(self.run, |world| world.disarm(key)));
        }
    }
}

impl Drop for SimTimer {
    fn drop(&mut self) {
        self.release();
    }
}

/// A duration, or a range of them of which a decision takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Latency {
    pub(crate) low: Duration,
    pub(crate) high: Duration,
}

impl From<Duration> for Latency {
    fn from(exact: Duration) -> Self {
        Latency {
            low: exact,
            high: exact,
        }
    }
}

impl From<RangeInclusive<Duration>> for Latency {
    /// A range that is empty is its start.
    fn from(range: RangeInclusive<Duration>) -> Self {
        let (low, high) = range.into_inner();
        Latency {
            low,
            high: high.max(low),
        }
    }
}
