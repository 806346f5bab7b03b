//! The smallest `select!`: two futures, of which the first that is ready counts and the other is dropped.
//!
//! As in `tokio::select!` both are polled by the task itself, in an order that is drawn anew each turn. So
//! where both are ready, either may win.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use deadheat::random;

pub(crate) enum Either<A, B> {
    Left(A),
    Right(B),
}

/// Waits for one of two futures, and drops both. Of a future given by reference only the reference is dropped.
pub(crate) async fn select<A: Future, B: Future>(
    left: A,
    right: B,
) -> Either<A::Output, B::Output> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|cx| {
        let left_first = random(2) == 0;
        for turn_of_left in [left_first, !left_first] {
            if turn_of_left {
                if let Poll::Ready(value) = left.as_mut().poll(cx) {
                    return Poll::Ready(Either::Left(value));
                }
            } else if let Poll::Ready(value) = right.as_mut().poll(cx) {
                return Poll::Ready(Either::Right(value));
            }
        }
        Poll::Pending
    })
    .await
}
