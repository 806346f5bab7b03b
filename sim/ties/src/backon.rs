//! backon's sleeper: the pauses between attempts are waits of the run.
//!
//! A backoff's jitter comes from a generator of backon's own, seeded from outside: give it a seed of the run
//! (`with_jitter_seed(deadheat::random(u64::MAX))`), or the same token makes another run.

use std::time::Duration;

use ::backon as upstream;

/// Sleeps between attempts in virtual time.
///
/// # Timing
///
/// A pause counts from the end of the attempt before it.
///
/// # Panics
///
/// Outside of a run, when a pause begins.
///
/// # Examples
///
/// ```
/// use backon::{ExponentialBuilder, Retryable};
/// use deadheat::{Config, now, random, run};
/// use deadheat_ties::backon::Sleeper;
///
/// run(&Config::new(), || async {
///     let backoff = ExponentialBuilder::default().with_jitter().with_jitter_seed(random(u64::MAX));
///     let down = (async || Err::<(), _>("down")).retry(backoff).sleep(Sleeper).await;
///     assert_eq!(down, Err("down"));
///     assert!(now().as_nanos() >= 7_000_000_000);          // 1 s, 2 s and 4 s, and the jitter
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Sleeper;

impl upstream::Sleeper for Sleeper {
    type Sleep = deadheat::program::Sleep;

    #[track_caller]
    fn sleep(&self, duration: Duration) -> deadheat::program::Sleep {
        deadheat::sleep(duration)
    }
}
