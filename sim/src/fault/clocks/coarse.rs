//! Timers of a coarse resolution, as operating systems have them.

use std::panic::Location;
use std::task::{Context, Poll};
use std::time::Duration;

use deadheat_timeout::{Clock, Event, Place};

use super::shifted::{Shift, ShiftedTimer};
use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::clock::SimClock;

/// To which tick a deadline goes that lies between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the one before: the timer fires early.
    Down,
    /// To the one after: it is late.
    Up,
}

/// The run's clock, with timers that fire at whole ticks only. Readings stay exact: that a timer is over
/// and its deadline is not yet reached is what such clocks are used for in tests.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, now, run};
/// use deadheat::fault::{Coarse, Rounding};
/// use deadheat_timeout::Clock;
/// use std::time::Duration;
///
/// let ms = Duration::from_millis(1);
/// let run = run(&Config::new(), move || async move {
///     let clock = Coarse::new(ms, Rounding::Down);
///     clock.timer(clock.now() + ms + ms / 2).await;
///     assert_eq!(now().as_nanos(), 1_000_000);          // half a millisecond early
/// });
/// run.unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coarse {
    clock: SimClock,
    tick: i64,
    rounding: Rounding,
}

impl Coarse {
    /// The clock of this run, with ticks of this length; zero is exact.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat::Instant;
    ///     use deadheat::fault::{Coarse, Rounding};
    ///     use std::time::Duration;
    ///     let clock = Coarse::new(Duration::from_nanos(100), Rounding::Up);
    ///     assert!(deadheat_timeout::timeout(&clock, Duration::from_nanos(1), std::future::pending::<()>()).await.is_err());
    ///     assert_eq!(deadheat::now().as_nanos(), 100);
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn new(tick: Duration, rounding: Rounding) -> Self {
        Coarse {
            clock: crate::clock(),
            tick: clamp(tick).max(1),
            rounding,
        }
    }

    /// When a timer with this deadline fires.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat::Instant;
    ///     use deadheat::fault::{Coarse, Rounding};
    ///     use std::time::Duration;
    ///     let clock = Coarse::new(Duration::from_nanos(100), Rounding::Up);
    ///     assert_eq!(clock.round(Instant::from_nanos(130)), Instant::from_nanos(200));
    ///     assert_eq!(clock.round(Instant::from_nanos(200)), Instant::from_nanos(200));
    /// }).unwrap();
    /// ```
    pub fn round(&self, deadline: Instant) -> Instant {
        let nanos = deadline.as_nanos();
        let past = nanos.rem_euclid(self.tick);
        Instant::from_nanos(match self.rounding {
            _ if past == 0 => nanos,
            Rounding::Down => nanos.saturating_sub(past),
            Rounding::Up => nanos.saturating_add(self.tick - past),
        })
    }
}

impl Coarse {
    /// What it shows now, where it is not the program that looks.
    pub(super) fn present(&self) -> Instant {
        self.clock.present()
    }
}

impl Clock for Coarse {
    type Instant = Instant;
    type Timer = ShiftedTimer;

    #[track_caller]
    fn now(&self) -> Instant {
        self.clock.now()
    }

    #[track_caller]
    fn timer(&self, deadline: Instant) -> ShiftedTimer {
        self.timer_made_at(deadline, Location::caller())
    }

    fn timer_made_at(&self, deadline: Instant, made: Place) -> ShiftedTimer {
        ShiftedTimer::new(Shift::Coarse(*self), self.clock, deadline, made)
    }

    fn checked_add(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_add(by)
    }

    fn checked_sub(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_sub(by)
    }

    fn between(&self, earlier: Instant, later: Instant) -> Option<Duration> {
        self.clock.between(earlier, later)
    }

    fn deadline_won(made: Place, cx: &Context<'_>) -> Poll<()> {
        SimClock::deadline_won(made, cx)
    }

    fn deadline_stands() -> bool {
        SimClock::deadline_stands()
    }

    fn next_id(&self) -> u64 {
        self.clock.next_id()
    }

    fn name(&self, id: u64, name: &str) {
        self.clock.name(id, name);
    }

    fn observe(&self, event: Event<Instant>) {
        self.clock.observe(event);
    }

    fn observe_at(&self, event: Event<Instant>, at: Place) {
        self.clock.observe_at(event, at);
    }
}
