//! Waiting for a future, so that a cancel request can end the wait.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::clock::Clock;
use crate::core::WaitPoint;
use crate::error::Cancelled;

pin_project! {
    /// The future of [`Cx::wait`](crate::Cx::wait).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future that is waited for. A request that was not delivered waits for the task's next wait.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Wait<C: Clock, F> {
        point: Option<WaitPoint<C>>,
        #[pin]
        future: Option<F>,
    }
}

impl<C: Clock, F> Wait<C, F> {
    pub(crate) fn new(point: WaitPoint<C>, future: F) -> Self {
        Wait {
            point: Some(point),
            future: Some(future),
        }
    }
}

impl<C: Clock, F: Future> Future for Wait<C, F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (Some(point), Some(future)) = (this.point.as_mut(), this.future.as_mut().as_pin_mut())
        else {
            // Polled after it ended: there is nothing left to be ready.
            return Poll::Pending;
        };
        let end = if point.begin() {
            Err(Cancelled::new())
        } else {
            match future.poll(cx) {
                Poll::Ready(value) => Ok(value),
                Poll::Pending => {
                    point.suspend(cx);
                    return Poll::Pending;
                }
            }
        };
        // T5: what was being waited for is dropped, in the turn of the delivery.
        this.future.set(None);
        *this.point = None;
        Poll::Ready(end)
    }
}
