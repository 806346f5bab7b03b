//! Giving way once, as a future of nobody's: it wakes itself and waits.

use std::future::poll_fn;
use std::task::Poll;

/// Pending once, and woken at once.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
