//! The drop-in: tokio's names, and inside a run deadheat's tasks and time.

use std::future::Future;
use std::time::Duration;

pub use deadheat_tokio::spawn;
pub use deadheat_tokio::sync::mpsc::channel;
use deadheat_tokio::time::{Instant, Sleep, Timeout};

#[path = "../workloads/yielded.rs"]
mod yielded;
pub use yielded::yield_now;

/// Waits for so many milliseconds.
pub fn sleep(millis: u64) -> Sleep {
    deadheat_tokio::time::sleep(Duration::from_millis(millis))
}

/// Runs a future for so many milliseconds.
pub fn timeout<F: Future>(millis: u64, future: F) -> Timeout<F> {
    deadheat_tokio::time::timeout(Duration::from_millis(millis), future)
}

/// The time it is.
pub fn now() -> Instant {
    Instant::now()
}

/// How many milliseconds have passed.
pub fn since(begin: Instant) -> u64 {
    (now() - begin).as_millis() as u64
}
