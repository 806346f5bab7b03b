//! A flag that is set and waited for: asyncio's `Event`, a channel that is closed, a signal.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

#[derive(Default)]
pub(crate) struct Flag {
    set: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Flag {
    pub(crate) fn is_set(&self) -> bool {
        self.set.get()
    }

    /// Sets it, and wakes all who wait in the order in which they began.
    pub(crate) fn set(&self) {
        self.set.set(true);
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn wait(&self) {
        poll_fn(|cx| {
            if self.set.get() {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
