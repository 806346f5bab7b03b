//! The floor, by the names that the workloads use.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

pub use crate::channel::channel;
use crate::executor;
pub use crate::executor::now;
pub use crate::join::spawn;

/// Waits for so many milliseconds.
pub fn sleep(millis: u64) -> impl Future<Output = ()> {
    let at = now() + millis;
    executor::until(move || executor::has_come(at).then_some(()))
}

/// Runs a future for so many milliseconds.
pub async fn timeout<F: Future>(millis: u64, future: F) -> Result<F::Output, ()> {
    let at = now() + millis;
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending if executor::has_come(at) => Poll::Ready(Err(())),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Gives way once.
pub fn yield_now() -> impl Future<Output = ()> {
    let mut yielded = false;
    executor::until(move || {
        if std::mem::replace(&mut yielded, true) {
            return Some(());
        }
        executor::wake(executor::current());
        None
    })
}

/// How many milliseconds have passed.
pub fn since(begin: u64) -> u64 {
    now() - begin
}
