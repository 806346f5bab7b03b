//! What the AWS SDKs ask for: a sleeper and a wall clock.
//!
//! They go into a client's configuration (`sleep_impl`, `time_source`); timeouts, retries and token refreshes
//! then take virtual time. An SDK's HTTP client is a real one: give it one that connects to nothing.

use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

/// Sleeps in virtual time.
///
/// # Panics
///
/// Outside of a run, when it is asked for a sleep.
///
/// # Examples
///
/// ```
/// use aws_smithy_async::{future::timeout::Timeout, rt::sleep::AsyncSleep};
/// use deadheat::{Config, now, run};
/// use deadheat_ties::aws_smithy::Sleeper;
/// use std::time::Duration;
///
/// run(&Config::new(), || async {
///     let patience = Sleeper.sleep(Duration::from_millis(3_100));
///     let reply = Timeout::new(std::future::pending::<()>(), patience).await;
///     assert!(reply.is_err());
///     assert_eq!(now().as_nanos(), 3_100_000_000);
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Sleeper;

impl AsyncSleep for Sleeper {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(deadheat::sleep(duration))
    }
}

/// A wall clock that shows a date of your choice when the run starts, and goes right from then on.
///
/// # Panics
///
/// Outside of a run, when it is read.
///
/// # Examples
///
/// ```
/// use aws_smithy_async::time::TimeSource;
/// use deadheat_ties::aws_smithy::WallTime;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// deadheat::run(&deadheat::Config::new(), || async {
///     let clock = WallTime::from(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
///     deadheat::sleep(Duration::from_secs(60)).await;
///     assert_eq!(clock.now(), UNIX_EPOCH + Duration::from_secs(1_700_000_060));
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct WallTime {
    start: SystemTime,
}

impl From<SystemTime> for WallTime {
    /// The date at the start of the run.
    fn from(start: SystemTime) -> Self {
        WallTime { start }
    }
}

impl TimeSource for WallTime {
    fn now(&self) -> SystemTime {
        let since = deadheat::now() - deadheat::Instant::START;
        self.start.checked_add(since).unwrap_or(self.start)
    }
}
