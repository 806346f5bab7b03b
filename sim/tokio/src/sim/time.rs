//! `tokio::time`, inside a run and outside of it.
//!
//! 1. What is made inside a run belongs to that run, what is made outside is tokio's own. It stays what it
//!    is: used on the other side it panics, and says why.
//! 2. Inside a run a timer is a timer of the run: exact to the nanosecond, on time or late as a decision
//!    says. [`Instant`] is a type of its own, so that the clock is virtual without a runtime of tokio's.
//! 3. A deadline that is not after the present is no timer: it has elapsed when it is first polled.

mod elapsed;
pub mod error;
mod instant;
mod interval;
mod sleep;
mod ticks;
mod timeout;

pub use instant::Instant;
pub use interval::{Interval, interval, interval_at};
pub use sleep::{Sleep, sleep, sleep_until};
pub use ticks::millisecond_ticks;
pub use timeout::{Timeout, timeout, timeout_at};
pub use tokio::time::{Duration, MissedTickBehavior};

/// What tokio takes for a duration that overflows its clock.
const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);

/// When something of this run is due that takes so long.
fn after(duration: Duration) -> deadheat::Instant {
    present().saturating_add(duration.min(FAR))
}

/// The present of this run, where the program does not ask for it.
fn present() -> deadheat::Instant {
    deadheat::beside::present().unwrap_or_default()
}

/// Pauses tokio's clock.
///
/// Inside a run the clock is virtual from the start: nothing is to be done, however often it is called.
///
/// # Panics
///
/// Outside of a run where tokio's does: if the clock is paused already, or the runtime has several threads.
#[track_caller]
pub fn pause() {
    if !crate::sim::budget::in_run() {
        tokio::time::pause();
    }
}

/// Lets tokio's clock go on with the real one.
///
/// Inside a run time is virtual to the end: nothing is done.
///
/// # Panics
///
/// Outside of a run where tokio's does: if the clock is not paused.
#[track_caller]
pub fn resume() {
    if !crate::sim::budget::in_run() {
        tokio::time::resume();
    }
}

/// Moves tokio's paused clock.
///
/// # Timing
///
/// Inside a run the clock moves as the future is first polled. What comes due by then fires at once, in the order of
/// its deadlines and on time; then the task yields for one turn.
///
/// # Panics
///
/// Outside of a run where tokio's does: if the clock is not paused.
pub async fn advance(duration: Duration) {
    if !crate::sim::budget::in_run() {
        return tokio::time::advance(duration).await;
    }
    deadheat::beside::advance(duration);
    deadheat::yield_now().await;
}
