//! The clock of one node among several: off by some, and too fast or too slow.

use std::panic::Location;
use std::task::{Context, Poll};
use std::time::Duration;

use deadheat_timeout::{Clock, Event, Place};

use super::shifted::{Shift, ShiftedTimer};
use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::clock::SimClock;
use crate::fault::point::fault_of;

const BILLION: i128 = 1_000_000_000;

/// A clock of its own, for one node of a simulated system: it reads the run's time plus an offset, and
/// runs fast or slow. Deadlines and readings are by this clock; nothing else knows of it.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check};
/// use deadheat::fault::NodeClock;
/// use deadheat_timeout::Clock;
/// use std::time::Duration;
///
/// let failure = check(&Config::new(), || async {
///     let skew = Duration::from_millis(5);
///     let (a, b) = (NodeClock::skewed(skew), NodeClock::skewed(skew));
///     let written = a.now();
///     assert!(b.now() >= written, "b read what a has not written yet");
/// })
/// .unwrap_err();
/// assert!(failure.to_string().contains("a node's clock is"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeClock {
    clock: SimClock,
    offset: i64,
    /// How many billionths of time it gains; above minus one billion.
    drift: i64,
}

impl NodeClock {
    /// A clock that is off by exactly this (`ahead` or behind), and gains `drift_ppb` billionths of the
    /// time; at least -999,999,999.
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
    ///     use deadheat::fault::NodeClock;
    ///     use std::time::Duration;
    ///     let fast = NodeClock::exactly(Duration::from_nanos(500), true, 1_000_000); // a thousandth too fast
    ///     assert_eq!(fast.reading(Instant::from_nanos(2_000)), Instant::from_nanos(2_502));
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn exactly(offset: Duration, ahead: bool, drift_ppb: i64) -> Self {
        let offset = clamp(offset);
        NodeClock {
            clock: crate::clock(),
            offset: if ahead { offset } else { -offset },
            drift: drift_ppb.clamp(1 - BILLION as i64, BILLION as i64),
        }
    }

    /// A clock that is right, or ahead or behind by this: a decision.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Instant, check};
    /// use deadheat::fault::NodeClock;
    /// use deadheat_timeout::Clock;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let node = NodeClock::skewed(Duration::from_secs(1));
    ///     assert_eq!(node.now(), Instant::START);
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("a node's clock is"));
    /// ```
    #[track_caller]
    pub fn skewed(by: Duration) -> Self {
        match fault_of(
            "a node's clock",
            &[("is ahead", true), ("is behind", false)],
        ) {
            Some(ahead) => NodeClock::exactly(by, *ahead, 0),
            None => NodeClock::exactly(Duration::ZERO, false, 0),
        }
    }

    /// A clock that is right, or gains or loses so many millionths of the time: a decision. It may be
    /// skewed as well.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Instant, check};
    /// use deadheat::fault::NodeClock;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let node = NodeClock::drifting(200, Duration::ZERO);
    ///     let hour = Instant::START + Duration::from_secs(3600);
    ///     assert_eq!(node.reading(hour), hour, "off after an hour");
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("off after an hour"));
    /// ```
    #[track_caller]
    pub fn drifting(by_ppm: u32, skew: Duration) -> Self {
        let ppb = i64::from(by_ppm) * 1_000;
        let drift = match fault_of("a node's clock", &[("is fast", 1), ("is slow", -1)]) {
            Some(sign) => sign * ppb,
            None => 0,
        };
        let drift = drift.clamp(1 - BILLION as i64, BILLION as i64);
        NodeClock {
            drift,
            ..NodeClock::skewed(skew)
        }
    }

    /// What this clock reads at a moment of the run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat::Instant;
    ///     use deadheat::fault::NodeClock;
    ///     use std::time::Duration;
    ///     let behind = NodeClock::exactly(Duration::from_nanos(500), false, 0);
    ///     assert_eq!(behind.reading(Instant::from_nanos(2_000)), Instant::from_nanos(1_500));
    /// }).unwrap();
    /// ```
    pub fn reading(&self, at: Instant) -> Instant {
        let nanos = i128::from(at.as_nanos());
        let gained = (nanos * i128::from(self.drift)).div_euclid(BILLION);
        instant(nanos + gained + i128::from(self.offset))
    }

    /// The first moment of the run at which this clock reads `reading` or more.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat::Instant;
    ///     use deadheat::fault::NodeClock;
    ///     use std::time::Duration;
    ///     let behind = NodeClock::exactly(Duration::from_nanos(500), false, 0);
    ///     assert_eq!(behind.moment(Instant::from_nanos(1_500)), Instant::from_nanos(2_000));
    /// }).unwrap();
    /// ```
    pub fn moment(&self, reading: Instant) -> Instant {
        let wanted = i128::from(reading.as_nanos()) - i128::from(self.offset);
        // Whole billionths: at + floor(at * drift / B) >= wanted.
        let rate = BILLION + i128::from(self.drift);
        instant((wanted * BILLION + rate - 1).div_euclid(rate))
    }
}

fn instant(nanos: i128) -> Instant {
    let clamped = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Instant::from_nanos(clamped as i64)
}

impl NodeClock {
    /// What it shows now, where it is not the program that looks.
    pub(super) fn present(&self) -> Instant {
        self.reading(self.clock.present())
    }
}

impl Clock for NodeClock {
    type Instant = Instant;
    type Timer = ShiftedTimer;

    #[track_caller]
    fn now(&self) -> Instant {
        self.reading(self.clock.now())
    }

    #[track_caller]
    fn timer(&self, deadline: Instant) -> ShiftedTimer {
        self.timer_made_at(deadline, Location::caller())
    }

    fn timer_made_at(&self, deadline: Instant, made: Place) -> ShiftedTimer {
        ShiftedTimer::new(Shift::Node(*self), self.clock, deadline, made)
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
