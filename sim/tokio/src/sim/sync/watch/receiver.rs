//! `Receiver`: tokio's own, which waits in our list.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::sync::{Notify, watch};
use tokio::task::coop::{cooperative, unconstrained};

use super::Ref;
use super::error::RecvError;

/// Sees the latest value of a channel; made by [`channel`](super::channel()) and
/// [`Sender::subscribe`](super::Sender::subscribe).
pub struct Receiver<T> {
    inner: watch::Receiver<T>,
    changed: Arc<Notify>,
}

impl<T> Receiver<T> {
    pub(super) fn new(inner: watch::Receiver<T>, changed: Arc<Notify>) -> Self {
        Receiver { inner, changed }
    }

    /// The value, which does not count as seen by this. As long as it is borrowed, a sender that changes it blocks
    /// its thread.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.inner.borrow()
    }

    /// The value, which counts as seen. As long as it is borrowed, a sender that changes it blocks its thread.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        self.inner.borrow_and_update()
    }

    /// Whether there is a value that was not seen.
    ///
    /// # Errors
    ///
    /// If there is no sender, whether the value was seen or not.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        self.inner.has_changed()
    }

    /// Whether there is no sender.
    #[cfg(tokio_since_1_54)]
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// The value counts as not seen.
    pub fn mark_changed(&mut self) {
        self.inner.mark_changed();
    }

    /// The value counts as seen.
    pub fn mark_unchanged(&mut self) {
        self.inner.mark_unchanged();
    }

    /// Waits for a value that was not seen; it counts as seen then.
    ///
    /// # Errors
    ///
    /// If there is no sender and the value was seen.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, it has not marked a value as seen. Who waits again joins the
    /// list at its end.
    pub async fn changed(&mut self) -> Result<(), RecvError> {
        in_order_of_arrival(&self.changed, self.inner.changed()).await
    }

    /// Waits for a value for which `f` returns true, the present one first; it counts as seen then.
    ///
    /// # Errors
    ///
    /// If there is no sender and `f` returned false for the last value.
    ///
    /// # Panics
    ///
    /// If `f` does.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, what counts as seen are values for which `f` returned false.
    pub async fn wait_for(&mut self, f: impl FnMut(&T) -> bool) -> Result<Ref<'_, T>, RecvError> {
        in_order_of_arrival(&self.changed, self.inner.wait_for(f)).await
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }
}

/// Waits as `asked`, a future of tokio's, would, but in the list of `changed`.
///
/// `asked` is polled by nobody's waker: once at first, and again each time the channel has changed. It must not
/// wait for the budget, since nobody would hear of it; so the budget is asked for here, once, as tokio does.
async fn in_order_of_arrival<F: Future>(changed: &Notify, asked: F) -> F::Output {
    cooperative(async {
        let mut asked = pin!(unconstrained(asked));
        loop {
            // From here on it hears of every change, and it joins the list in the same poll.
            let told = changed.notified();
            let deaf = || Context::from_waker(Waker::noop());
            if let Poll::Ready(output) = asked.as_mut().poll(&mut deaf()) {
                return output;
            }
            told.await;
        }
    })
    .await
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Receiver::new(self.inner.clone(), self.changed.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T> From<Receiver<T>> for watch::Receiver<T> {
    /// tokio's own, for crates that take one. Where it waits among others is drawn at random, and no replay
    /// repeats it.
    fn from(receiver: Receiver<T>) -> Self {
        receiver.inner
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn a_change_while_one_looks_is_heard() {
        let (changed, looks) = (Notify::new(), Cell::new(0));
        let asked = poll_fn(|_| {
            looks.set(looks.get() + 1);
            // It has just looked when another thread changes the value.
            changed.notify_waiters();
            if looks.get() < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let mut waits = tokio_test::task::spawn(in_order_of_arrival(&changed, asked));
        assert!(waits.poll().is_ready());
    }
}
