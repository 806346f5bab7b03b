//! `Sender`: tokio's own, which also tells those who wait in our list.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::error::SendError;
use super::{Receiver, Ref};

/// Changes the value of a channel; made by [`channel`](super::channel()).
///
/// # Timing
///
/// Who waits is woken in the call, in the order in which the receivers began to wait.
pub struct Sender<T> {
    // Fields are dropped in this order: the channel is closed before the last of its senders tells it.
    inner: watch::Sender<T>,
    senders: Arc<Senders>,
}

/// The senders of a channel together: tells when the last of them is gone.
struct Senders(Arc<Notify>);

impl Drop for Senders {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}

/// A channel with its only receiver.
pub(super) fn pair<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let (inner, receiver) = watch::channel(init);
    let changed = Arc::new(Notify::new());
    let receiver = Receiver::new(receiver, changed.clone());
    let senders = Arc::new(Senders(changed));
    (Sender { inner, senders }, receiver)
}

impl<T> Sender<T> {
    /// The sender of a new channel that has no receiver yet.
    pub fn new(init: T) -> Self {
        pair(init).0
    }

    /// Changes the value.
    ///
    /// # Errors
    ///
    /// Gives the value back if there is no receiver.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value in its place, also if there is no receiver.
    ///
    /// # Panics
    ///
    /// If `modify` does; then nobody is told.
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.inner.send_modify(modify);
        self.tell();
    }

    /// Changes the value in its place, also if there is no receiver; where `modify` returns false nobody is told.
    ///
    /// Returns what `modify` does.
    ///
    /// # Panics
    ///
    /// If `modify` does; then nobody is told.
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let modified = self.inner.send_if_modified(modify);
        if modified {
            self.tell();
        }
        modified
    }

    /// Changes the value, also if there is no receiver, and returns the one before.
    pub fn send_replace(&self, value: T) -> T {
        let before = self.inner.send_replace(value);
        self.tell();
        before
    }

    /// The value. As long as it is borrowed, a sender that changes it blocks its thread.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.inner.borrow()
    }

    /// Whether there is no receiver.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn closed(&self) {
        self.inner.closed().await;
    }

    /// A new receiver, which has seen the present value.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(self.inner.subscribe(), self.senders.0.clone())
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.inner.receiver_count()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.inner.sender_count()
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.inner.same_channel(&other.inner)
    }

    fn tell(&self) {
        self.senders.0.notify_waiters();
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender {
            inner: self.inner.clone(),
            senders: self.senders.clone(),
        }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
