//! A channel, as Go's is.
//!
//! 1. A channel of capacity 0 is a rendezvous: whoever sends waits until somebody has received it. With more, that many
//!    are sent without waiting.
//! 2. A send that is dropped before it was done has sent nothing, as an arm of `select` that was not taken.
//! 3. What is closed gives what is in it, and then `None`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use deadheat::program::waiting_for;

pub(super) struct Channel<T> {
    capacity: usize,
    /// What was not received yet, with its number. What is past the capacity is still being sent.
    items: RefCell<VecDeque<(u64, T)>>,
    numbers: Cell<u64>,
    closed: Cell<bool>,
    /// Who waits for a change.
    wakers: RefCell<Vec<Waker>>,
}

impl<T> Channel<T> {
    pub(super) fn new(capacity: usize) -> Rc<Self> {
        Rc::new(Channel {
            capacity,
            items: RefCell::default(),
            numbers: Cell::new(0),
            closed: Cell::new(false),
            wakers: RefCell::default(),
        })
    }

    pub(super) async fn send(&self, item: T) {
        waiting_for("a receiver".into(), self.sending(item)).await;
    }

    /// Sends it if that takes no waiting: `select` with a default.
    pub(super) fn send_or_drop(&self, item: T) {
        if self.items.borrow().len() < self.capacity {
            drop(self.sending(item));
        }
    }

    fn sending(&self, item: T) -> Sending<'_, T> {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.items.borrow_mut().push_back((number, item));
        self.changed();
        Sending {
            channel: self,
            number,
        }
    }

    pub(super) async fn receive(&self) -> Option<T> {
        let received = poll_fn(|cx| match self.try_receive() {
            None if !self.closed.get() => {
                self.wakers.borrow_mut().push(cx.waker().clone());
                Poll::Pending
            }
            received => Poll::Ready(received),
        });
        waiting_for("a sender".into(), received).await
    }

    /// What was sent, if anything was.
    pub(super) fn try_receive(&self) -> Option<T> {
        let (_, item) = self.items.borrow_mut().pop_front()?;
        self.changed();
        Some(item)
    }

    pub(super) fn close(&self) {
        self.closed.set(true);
        self.changed();
    }

    fn changed(&self) {
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    /// Whether this one is sent: it was received, or it is within the capacity.
    fn is_sent(&self, number: u64) -> bool {
        let items = self.items.borrow();
        let at = items.iter().position(|(waiting, _)| *waiting == number);
        at.is_none_or(|at| at < self.capacity)
    }
}

/// A send that is under way.
struct Sending<'a, T> {
    channel: &'a Channel<T>,
    number: u64,
}

impl<T> Future for Sending<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.channel.is_sent(self.number) {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        self.channel.wakers.borrow_mut().push(waker);
        Poll::Pending
    }
}

impl<T> Drop for Sending<'_, T> {
    fn drop(&mut self) {
        if !self.channel.is_sent(self.number) {
            let mut items = self.channel.items.borrow_mut();
            items.retain(|(number, _)| *number != self.number);
        }
    }
}
