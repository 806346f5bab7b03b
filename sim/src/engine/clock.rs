//! The simulated clock: time, and timers whose lateness is a decision.
//!
//! 1. A clock belongs to the run it was made in. Used after that run, or on another thread, it does
//!    not move, its timers never fire, and the run is told (see [`Escape`](crate::record::Escape)).
//! 2. A timer is armed at its first poll, and numbered then.

use std::future::Future;
use std::ops::RangeInclusive;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat_timeout as lib;
use deadheat_timeout::{Clock, Place};

use crate::base::time::Instant;
use crate::engine::threads::{let_others_go_first, others_went_first};
use crate::engine::waker;
use crate::record::foreign::{self, Escape};
use crate::state::timers::{Phase, TimerKey, Whom};
use crate::state::world::{self, World};

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
    #[inline]
    pub(crate) fn of(run: u32) -> Self {
        SimClock { run }
    }

    /// Whether the run that the clock belongs to is the one that is under way on this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let clock = deadheat::clock();
    ///     assert!(clock.is_here());
    ///     assert!(!std::thread::spawn(move || clock.is_here()).join().unwrap());
    /// });
    /// run.unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub fn is_here(self) -> bool {
        self.run != 0 && world::run_number() == self.run
    }

    #[inline]
    fn with<R>(self, f: impl FnOnce(&mut World) -> R) -> Option<R> {
        let result = world::with_run(self.run, f);
        if result.is_none() {
            foreign::report(self.run, Escape::Clock);
        }
        result
    }

    /// The present, where it is not the program that looks at the clock.
    #[inline]
    pub(crate) fn present(self) -> Instant {
        self.with(|world| world.instant()).unwrap_or_default()
    }

    /// How long after `earlier` `later` is, of a clock that shows such moments.
    pub(crate) fn between_readings(earlier: Instant, later: Instant) -> Option<Duration> {
        (earlier <= later).then(|| later.saturating_duration_since(earlier))
    }

    /// A timer whose deadline is `low` and whose own lateness reaches to `high`: a latency.
    #[inline]
    pub(crate) fn timer_between(self, low: Instant, high: Instant, made: Place) -> SimTimer {
        let span = high.as_nanos().saturating_sub(low.as_nanos()).max(0);
        SimTimer {
            run: self.run,
            life: Life::Ahead { sleep: false },
            key: None,
            deadline: low,
            span,
            made,
        }
    }
}

impl Clock for SimClock {
    type Instant = Instant;
    type Timer = SimTimer;

    #[inline]
    #[track_caller]
    fn now(&self) -> Instant {
        let from = Location::caller();
        let now = self.with(|world| {
            // The library looks at the clock only to arm a timer.
            if world.recorder.keeps && !lib::is_own(from) {
                world.recorder.reads_clock(from);
            }
            world.instant()
        });
        now.unwrap_or_default()
    }

    #[inline]
    #[track_caller]
    fn timer(&self, deadline: Instant) -> SimTimer {
        self.timer_between(deadline, deadline, Location::caller())
    }

    #[inline]
    fn timer_made_at(&self, deadline: Instant, made: Place) -> SimTimer {
        self.timer_between(deadline, deadline, made)
    }

    #[inline]
    fn checked_add(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_add(by)
    }

    #[inline]
    fn checked_sub(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_sub(by)
    }

    fn between(&self, earlier: Instant, later: Instant) -> Option<Duration> {
        SimClock::between_readings(earlier, later)
    }

    fn deadline_won(made: Place, cx: &Context<'_>) -> Poll<()> {
        match let_others_go_first("the future of a timeout is dropped", made, cx) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    fn deadline_stands() -> bool {
        others_went_first()
    }

    fn next_id(&self) -> u64 {
        self.with(World::next_id).unwrap_or_default()
    }

    fn name(&self, id: u64, name: &str) {
        world::with_run(self.run, |world| world.names.name_scope(id, name.into()));
    }

    fn observe(&self, event: lib::Event<Instant>) {
        // Teardown comes after the run: what scopes do then is nobody's concern.
        world::with_run(self.run, |world| world.observe(event, None));
    }

    fn observe_at(&self, event: lib::Event<Instant>, at: Place) {
        world::with_run(self.run, |world| world.observe(event, Some(at)));
    }
}

/// A timer of a [`SimClock`].
///
/// # Cancel safety
///
/// Dropping it disarms it.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct SimTimer {
    run: u32,
    life: Life,
    key: Option<TimerKey>,
    deadline: Instant,
    span: i64,
    made: Place,
}

/// Where a timer is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It is armed, or will be at its next poll.
    Ahead {
        /// Nobody does more with it than wait for it.
        sleep: bool,
    },
    /// It was disarmed.
    Off,
    Fired,
}

impl Future for SimTimer {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        // What has a key was armed, and has no slot any more once it has fired.
        let has_fired = |key| world::with_run(this.run, |world| !world.timers.has_slot(key));
        if this.key.and_then(has_fired) != Some(true) {
            return this.poll_unfired(cx);
        }
        (this.life, this.key) = (Life::Fired, None);
        Poll::Ready(())
    }
}

impl SimTimer {
    /// Polls a timer that has not fired since it was last polled.
    #[inline(never)]
    fn poll_unfired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.life {
            Life::Ahead { .. } => {}
            Life::Off => return Poll::Pending,
            Life::Fired => return Poll::Ready(()),
        }
        let clock = SimClock { run: self.run };
        let _replaced = clock.with(|world| match self.key {
            Some(key) => direct(world, key, cx.waker()),
            None => {
                let (deadline, span) = (self.deadline.as_nanos(), self.span);
                self.key = Some(world.arm(deadline, span, &self.made, cx.waker()));
                None
            }
        });
        Poll::Pending
    }
}

/// Lets a timer that was armed wake whom this waker wakes. What that replaces is for the caller to drop.
#[inline(never)]
fn direct(world: &mut World, key: TimerKey, waker: &Waker) -> Option<Whom> {
    let is_so = match waker::task_of(waker, world.run) {
        Some(task) => world.timers.wakes_task(key, task),
        None => world.timers.wakes_other(key, waker),
    };
    if is_so {
        return None;
    }
    let whom = world.whom(waker);
    world.timers.redirect(key, whom)
}

impl lib::Timer<Instant> for SimTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.get_mut();
        (this.life, this.deadline) = (Life::Ahead { sleep: false }, deadline);
        let Some(key) = this.key.take() else { return };
        let (run, made) = (this.run, this.made);
        let (moved, released) = SimClock { run }
            .with(|world| match world.timers.phase(key) {
                Phase::Armed | Phase::Due => (world.rearm(key, deadline.as_nanos(), made), None),
                _ => (None, world.disarm(key)),
            })
            .unwrap_or_default();
        this.key = moved;
        drop(released);
    }

    fn disarm(self: Pin<&mut Self>) {
        let this = self.get_mut();
        this.life = Life::Off;
        this.release();
    }

    fn lateness(&self) -> Option<Duration> {
        let clock = SimClock { run: self.run };
        clock.between(self.deadline, clock.present())
    }
}

impl SimTimer {
    /// Whether it has fired since it was made or reset.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat_timeout::{Clock, Place};
    ///     use std::{pin::pin, time::Duration};
    ///     let mut timer = pin!(deadheat::clock().timer(deadheat::now() + Duration::from_secs(3)));
    ///     assert!(!timer.is_elapsed());
    ///     timer.as_mut().await;
    ///     assert!(timer.is_elapsed());
    /// }).unwrap();
    /// ```
    pub fn is_elapsed(&self) -> bool {
        let has_slot = |key| world::with_run(self.run, |world| world.timers.slot(key).is_some());
        match self.life {
            Life::Fired => true,
            Life::Off => false,
            Life::Ahead { .. } => self.key.is_some_and(|key| has_slot(key) == Some(false)),
        }
    }

    /// Fires now, whatever the deadline: whoever polled it last is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat_timeout::{Clock, Place};
    ///     use std::{pin::pin, time::Duration};
    ///     let mut timer = pin!(deadheat::clock().timer(deadheat::now() + Duration::from_secs(3)));
    ///     timer.as_mut().elapse();
    ///     timer.await;
    ///     assert_eq!(deadheat::now(), deadheat::Instant::START);
    /// }).unwrap();
    /// ```
    pub fn elapse(self: Pin<&mut Self>) {
        let this = self.get_mut();
        this.life = Life::Fired;
        let Some(key) = this.key.take() else { return };
        let released = world::with_run(this.run, |world| match world.disarm(key) {
            Some(Whom::Task(task)) => {
                world.wake(task);
                None
            }
            other => other,
        });
        if let Some(Some(Whom::Other(waker))) = released {
            waker.wake();
        }
    }

    /// The timer of a sleep, with which nothing is done but to wait for it, and to drop it. If it is made and dropped
    /// again and again, that is noticed: see [`Config::check_starved`](crate::Config::check_starved).
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat_timeout::Clock;
    ///     let deadline = deadheat::now() + std::time::Duration::from_secs(3);
    ///     deadheat::clock().timer(deadline).of_sleep().await;
    ///     assert_eq!(deadheat::now(), deadline);
    /// }).unwrap();
    /// ```
    #[inline]
    pub fn of_sleep(mut self) -> SimTimer {
        self.life = Life::Ahead { sleep: true };
        self
    }

    #[inline]
    fn release(&mut self) {
        if let Some(key) = self.key.take() {
            self.release_key(key);
        }
    }

    #[inline(never)]
    fn release_key(&self, key: TimerKey) {
        // Of a run that is over, nothing is left to release.
        drop(world::with_run(self.run, |world| {
            if let Life::Ahead { sleep: true } = self.life {
                world.sleep_dropped(key, self.made, self.deadline.as_nanos());
            }
            world.disarm(key)
        }));
    }
}

impl World {
    /// A sleep is dropped that its task has waited for.
    fn sleep_dropped(&mut self, key: TimerKey, made: Place, deadline: i64) {
        if let (Some(task), Phase::Armed) = (self.current, self.timers.phase(key)) {
            self.restarts.dropped(made, task, deadline, self.now);
        }
    }
}

impl Drop for SimTimer {
    #[inline]
    fn drop(&mut self) {
        self.release();
    }
}

/// A duration, or a range of them of which a decision takes one.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     use std::time::Duration;
///     deadheat::sleep(Duration::from_secs(1)).await; // exactly
///     deadheat::sleep(Duration::from_secs(1)..=Duration::from_secs(2)).await; // in FIFO order the low end
///     assert_eq!(deadheat::now().as_nanos(), 2_000_000_000);
/// }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Latency {
    low: Duration,
    high: Duration,
}

impl Latency {
    /// Its ends.
    ///
    /// # Panics
    ///
    /// If it is a range that ends before it starts.
    #[inline]
    #[track_caller]
    pub(crate) fn ends(self) -> (Duration, Duration) {
        let Latency { low, high } = self;
        if low > high {
            self.is_empty();
        }
        (low, high)
    }

    #[cold]
    #[track_caller]
    fn is_empty(self) -> ! {
        let Latency { low, high } = self;
        panic!(
            "the range {low:?}..={high:?} holds no duration: it ends before it starts; did you mean \
             {high:?}..={low:?}?"
        );
    }
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
    /// A range that ends before it starts makes whatever waits for it panic.
    fn from(range: RangeInclusive<Duration>) -> Self {
        let (low, high) = range.into_inner();
        Latency { low, high }
    }
}
