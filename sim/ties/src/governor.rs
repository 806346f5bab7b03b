//! governor's clock, and its waits.
//!
//! governor waits (`until_ready`) on timers of the real clock, served by a thread, if a clock says that it is
//! close to real time. This one does not say so, so those methods do not exist for it, and the functions
//! here wait in their place.

use std::num::NonZeroU32;

use ::governor::clock;
use ::governor::middleware::RateLimitingMiddleware;
use ::governor::nanos::Nanos;
use ::governor::state::{DirectStateStore, NotKeyed};
use ::governor::{InsufficientCapacity, NotUntil, RateLimiter};

/// The clock of the run, for `RateLimiter::direct_with_clock` and its like.
///
/// # Panics
///
/// Outside of a run, when it is read, which making a limiter does.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, now, run};
/// use deadheat_ties::governor::{Clock, until_ready};
/// use governor::{Quota, RateLimiter};
/// use std::num::NonZeroU32;
///
/// run(&Config::new(), || async {
///     let two_a_second = Quota::per_second(NonZeroU32::new(2).unwrap());
///     let limiter = RateLimiter::direct_with_clock(two_a_second, Clock);
///     for _ in 0..5 {
///         until_ready(&limiter).await;
///     }
///     assert_eq!(now().as_nanos(), 1_500_000_000);         // two at once, then one each half second
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl clock::Clock for Clock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let now = deadheat::now().as_nanos();
        Nanos::new(u64::try_from(now).unwrap_or(0))
    }
}

/// Waits until the limiter lets one through.
///
/// # Timing
///
/// It asks at once, and again when the limiter said to; who is then too late, because another took
/// what there was, waits anew. There is no queue, so no order among those who wait.
///
/// # Panics
///
/// Outside of a run.
///
/// # Cancel safety
///
/// What was let through is returned in the same turn, so none is lost with a dropped future.
pub async fn until_ready<S, MW>(
    limiter: &RateLimiter<NotKeyed, S, Clock, MW>,
) -> MW::PositiveOutcome
where
    S: DirectStateStore,
    MW: RateLimitingMiddleware<Nanos, NegativeOutcome = NotUntil<Nanos>>,
{
    loop {
        match limiter.check() {
            Ok(through) => return through,
            Err(not_until) => wait(&not_until).await,
        }
    }
}

/// Waits until the limiter lets `n` through together; see [`until_ready`].
///
/// # Errors
///
/// [`InsufficientCapacity`] if that will never be.
///
/// # Panics
///
/// Outside of a run.
pub async fn until_n_ready<S, MW>(
    limiter: &RateLimiter<NotKeyed, S, Clock, MW>,
    n: NonZeroU32,
) -> Result<MW::PositiveOutcome, InsufficientCapacity>
where
    S: DirectStateStore,
    MW: RateLimitingMiddleware<Nanos, NegativeOutcome = NotUntil<Nanos>>,
{
    loop {
        match limiter.check_n(n)? {
            Ok(through) => return Ok(through),
            Err(not_until) => wait(&not_until).await,
        }
    }
}

async fn wait(not_until: &NotUntil<Nanos>) {
    let now = clock::Clock::now(&Clock);
    deadheat::sleep(not_until.wait_time_from(now)).await;
}
