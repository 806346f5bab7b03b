//! tokio, with its clock paused.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
pub use tokio::spawn;
pub use tokio::sync::mpsc::channel;
use tokio::time::{Instant, Sleep, Timeout};

#[path = "../workloads/yielded.rs"]
mod yielded;
pub use yielded::yield_now;

/// A runtime from scratch.
pub fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    let paused = builder.enable_time().start_paused(true);
    paused.build().expect("a runtime")
}

/// Waits for so many milliseconds.
pub fn sleep(millis: u64) -> Sleep {
    tokio::time::sleep(Duration::from_millis(millis))
}

/// Runs a future for so many milliseconds.
pub fn timeout<F: Future>(millis: u64, future: F) -> Timeout<F> {
    tokio::time::timeout(Duration::from_millis(millis), future)
}

/// The time it is.
pub fn now() -> Instant {
    Instant::now()
}

/// How many milliseconds have passed.
pub fn since(begin: Instant) -> u64 {
    (now() - begin).as_millis() as u64
}
