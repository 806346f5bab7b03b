//! tokio's clock, where it meets that of a run.
//!
//! With the feature `tokio` a run has a tokio runtime beside it, with a paused clock that shows virtual time.
//! So crates that use tokio themselves work inside a run: `tokio::time::Instant::now()` is virtual, their
//! timers fire in virtual time by tokio's ticks of 1 ms, what they spawn runs, and each turn of a task has
//! tokio's budget. What they do that way is no decision of the run: it happens in tokio's order, on time,
//! before the run's own timers of the same moment. For the code under test itself there is the package
//! `deadheat-tokio`, with which all of that is decided by the run.
//!
//! A run cannot be made from within a tokio runtime, as by `#[tokio::test]`: the runtime says so.
//! What tokio itself draws at random is not decided by the run: where `tokio::select!` without `biased` begins, and
//! in which order a `tokio::sync::watch` wakes its receivers.

use std::task::Waker;
use std::time::Duration;

use ::tokio::time::Instant as TokioInstant;
use ::tokio::time::error::Elapsed;

use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::companion;
use crate::engine::inside::inside;

/// The moment of this run that a moment of tokio's clock stands for.
///
/// One that no [`Instant`] can tell becomes the first or the last that there is.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::sleep(Duration::from_nanos(1_500_000)).await;
///     let now = tokio::time::Instant::now();
///     assert_eq!(deadheat::tokio_time::to_virtual(now), deadheat::now());
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn to_virtual(at: TokioInstant) -> Instant {
    let origin = origin();
    match at.checked_duration_since(origin) {
        Some(after) => Instant::START.saturating_add(after),
        None => {
            let before = i64::try_from((origin - at).as_nanos()).unwrap_or(i64::MAX);
            Instant::from_nanos(-before)
        }
    }
}

/// What tokio's clock shows at a moment of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let shown = deadheat::tokio_time::from_virtual(deadheat::now());
///     assert_eq!(shown, tokio::time::Instant::now());
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn from_virtual(at: Instant) -> TokioInstant {
    let origin = origin();
    let by = Duration::from_nanos(at.as_nanos().unsigned_abs());
    let shown = if at < Instant::START {
        origin.checked_sub(by)
    } else {
        origin.checked_add(by)
    };
    shown.unwrap_or(origin)
}

/// Moves the clock of this run in the call, as tokio's paused clock is moved: what comes due by then fires at
/// once, in the order of its deadlines and on time.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let timer = tokio::spawn(tokio::time::sleep(Duration::from_secs(3)));
///     deadheat::yield_now().await;
///     deadheat::tokio_time::advance(Duration::from_secs(3));
///     assert_eq!(deadheat::now().as_nanos(), 3_000_000_000);
///     timer.await.unwrap();
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn advance(by: Duration) {
    let wakers = inside("tokio::advance", |world| world.advance(clamp(by)));
    companion::sync();
    wakers.into_iter().for_each(Waker::wake);
    companion::settle();
}

/// tokio's error of a timeout, which only tokio can make.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let error = deadheat::tokio_time::elapsed();
///     assert_eq!(error.to_string(), "deadline has elapsed");
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn elapsed() -> Elapsed {
    let error = companion::elapsed();
    error.expect("deadheat::tokio_time works only inside a run, on the run's own thread")
}

#[track_caller]
fn origin() -> TokioInstant {
    let origin = crate::program::in_run().then(companion::origin).flatten();
    origin.expect("deadheat::tokio_time works only inside a run, on the run's own thread")
}
