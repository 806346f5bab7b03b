//! How a future is cancelled everywhere: where, in which ways, and which runs.

use crate::search::config::Config;

/// How a future is cancelled everywhere.
///
/// # Examples
///
/// ```
/// use deadheat::cancel_safe::CancelEverywhere;
///
/// let how = CancelEverywhere::new().name("recv").schedules(20).waits(100);
/// # let _ = how;
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is cancelled until a future is given to `cancel_everywhere`"]
pub struct CancelEverywhere {
    pub(super) config: Config,
    pub(super) schedules: u64,
    pub(super) waits: u64,
    pub(super) replay: Option<String>,
}

/// Waits at which a future is cancelled at most.
const WAITS_MAX: u64 = 1_000;

impl CancelEverywhere {
    /// FIFO and on time, at most 1000 waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let tried = cancel_everywhere(&CancelEverywhere::new(), async || (), async |_| for _ in 0..3 { yield_now().await }, async |_, _| ()).unwrap();
    /// assert_eq!((tried.schedules, tried.waits), (1, 3));
    /// ```
    pub fn new() -> Self {
        CancelEverywhere {
            config: Config::new().name("cancel everywhere"),
            schedules: 1,
            waits: WAITS_MAX,
            replay: None,
        }
    }

    /// Names the future in reports.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let how = CancelEverywhere::new().name("recv");
    /// let fails = cancel_everywhere(&how, async || (), async |_| yield_now().await, async |_, _| panic!());
    /// assert_eq!(fails.unwrap_err().failure.name, "recv");
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.config = self.config.name(name);
        self
    }

    /// In how many schedules; zero is one. The first is FIFO and on time, the others are run 1, 2, … of the
    /// configuration's mix.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let how = CancelEverywhere::new().schedules(5);
    /// assert_eq!(cancel_everywhere(&how, async || (), async |_| for _ in 0..3 { yield_now().await }, async |_, _| ()).unwrap().schedules, 5);
    /// ```
    pub fn schedules(mut self, schedules: u64) -> Self {
        self.schedules = schedules.max(1);
        self
    }

    /// At how many waits of a schedule at most; the report says if there are more. Zero is none: the
    /// future is never cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let how = CancelEverywhere::new().waits(2);
    /// assert!(!cancel_everywhere(&how, async || (), async |_| for _ in 0..3 { yield_now().await }, async |_, _| ()).unwrap().complete, "there is a third");
    /// ```
    pub fn waits(mut self, waits: u64) -> Self {
        self.waits = waits;
        self
    }

    /// The limits, the seed, and who takes the decisions of which schedule.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let how = CancelEverywhere::new().config(deadheat::Config::new().seed(7));
    /// assert!(cancel_everywhere(&how, async || (), async |_| for _ in 0..3 { yield_now().await }, async |_, _| ()).unwrap().complete);
    /// ```
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Makes only the run that the last line of a report names.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::yield_now;
    /// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
    ///
    /// let cut = |how: CancelEverywhere| {
    ///     let dropped = async |_, end: Option<()>| assert!(end.is_some(), "it was dropped");
    ///     cancel_everywhere(&how, async || (), async |_| yield_now().await, dropped).unwrap_err()
    /// };
    /// let found = cut(CancelEverywhere::new());
    /// let line = found.failure.replay[0].split('"').nth(1).unwrap();
    /// assert_eq!(cut(CancelEverywhere::new().replay(line)).point, found.point);
    /// ```
    pub fn replay(mut self, line: impl Into<String>) -> Self {
        self.replay = Some(line.into());
        self
    }
}

impl Default for CancelEverywhere {
    fn default() -> Self {
        CancelEverywhere::new()
    }
}
