//! The time of day, which somebody may set.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use crate::base::bounds::clamp;
use crate::fault::point::fault_of;
use crate::program::here::now;

/// When runs start by the wall clock: 2001-09-09 01:46:40 UTC, a round number of seconds.
const EPOCH: Duration = Duration::from_secs(1_000_000_000);
const NAME: &str = "the wall clock";

/// A wall clock: it goes with the run's clock, but may be set forward or back between two readings.
///
/// # Determinism
///
/// A reading is a decision of three options, if the clock may jump: on time, set forward, set back. Clones
/// are the same clock.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check};
/// use deadheat::fault::WallClock;
/// use std::time::Duration;
///
/// let failure = check(&Config::new(), || async {
///     let clock = WallClock::new().may_jump(Duration::from_secs(3600));
///     let start = clock.now();
///     assert!(clock.now() >= start, "time runs backwards");
/// })
/// .unwrap_err();
/// assert!(failure.to_string().contains("the wall clock is set back"));
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a clock that nobody reads changes nothing"]
pub struct WallClock {
    jump: i64,
    offset: Rc<Cell<i64>>,
}

impl WallClock {
    /// A wall clock that is right.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let clock = deadheat::fault::WallClock::new();
    ///     let start = clock.now();
    ///     deadheat::sleep(std::time::Duration::from_secs(3)).await;
    ///     assert_eq!(clock.now().duration_since(start).unwrap().as_secs(), 3);
    /// }).unwrap();
    /// ```
    pub fn new() -> Self {
        WallClock::default()
    }

    /// It may be set forward or back by this much, whenever it is read.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::fault::WallClock;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let clock = WallClock::new().may_jump(Duration::from_secs(3600));
    ///     let start = clock.now();
    ///     assert!(clock.now().duration_since(start).is_ok(), "the clock was set back");
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("the clock was set back"));
    /// ```
    pub fn may_jump(self, by: Duration) -> Self {
        let jump = clamp(by);
        WallClock { jump, ..self }
    }

    /// The time of day.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use std::time::SystemTime;
    ///     let now = deadheat::fault::WallClock::new().now();
    ///     assert_eq!(now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 1_000_000_000);
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn now(&self) -> SystemTime {
        if self.jump > 0 {
            let jump = match fault_of(NAME, &[("is set forward", 1), ("is set back", -1)]) {
                Some(sign) => sign * self.jump,
                None => 0,
            };
            self.offset.set(self.offset.get().saturating_add(jump));
        }
        let nanos = now().as_nanos().saturating_add(self.offset.get());
        let magnitude = Duration::from_nanos(nanos.unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH + EPOCH;
        match nanos < 0 {
            true => epoch - magnitude,
            false => epoch + magnitude,
        }
    }
}
