//! deadheat's own tasks, time and timeouts; channels are tokio's.

use std::future::Future;
use std::time::Duration;

pub use deadheat::{now, spawn};
use deadheat_timeout::Elapsed;
pub use tokio::sync::mpsc::channel;

#[path = "../workloads/yielded.rs"]
mod yielded;
pub use yielded::yield_now;

/// Waits for so many milliseconds.
pub fn sleep(millis: u64) -> impl Future<Output = ()> {
    deadheat::sleep(Duration::from_millis(millis))
}

/// Runs a future for so many milliseconds.
pub fn timeout<F: Future>(
    millis: u64,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    deadheat_timeout::timeout(&deadheat::clock(), Duration::from_millis(millis), future)
}

/// How many milliseconds have passed.
pub fn since(begin: deadheat::Instant) -> u64 {
    (now() - begin).as_millis() as u64
}
