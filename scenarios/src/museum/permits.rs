//! A semaphore: permits, and who waits for one, served in the order in which they began to wait.
//!
//! 1. `release` hands the permit to the first that waits, before that one runs.
//! 2. A wait that is dropped after it was served gives its permit back, so the semaphore itself leaks none.
//! 3. Who was asked to cancel is passed over, from the request on.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use deadheat::program::SimClock;
use deadheat_timeout::{Canceller, Cx};

pub(crate) struct Permits {
    free: Cell<usize>,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

struct Waiter {
    served: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    owner: Option<Canceller<SimClock>>,
}

impl Permits {
    pub(crate) fn new(capacity: usize) -> Rc<Self> {
        Rc::new(Permits {
            free: Cell::new(capacity),
            waiters: RefCell::default(),
        })
    }

    /// How many nobody has.
    pub(crate) fn free(&self) -> usize {
        self.free.get()
    }

    /// Takes one, or joins those who wait.
    pub(crate) fn acquire(&self) -> Acquire<'_> {
        self.acquire_as(None)
    }

    /// As [`acquire`](Self::acquire), for a task that may be cancelled.
    pub(crate) fn acquire_in(&self, cx: &Cx<SimClock>) -> Acquire<'_> {
        self.acquire_as(Some(cx.canceller()))
    }

    fn acquire_as(&self, owner: Option<Canceller<SimClock>>) -> Acquire<'_> {
        let waiter = Rc::new(Waiter {
            served: Cell::new(false),
            waker: RefCell::default(),
            owner,
        });
        self.waiters.borrow_mut().push_back(Rc::clone(&waiter));
        self.serve();
        let taken = false;
        Acquire {
            permits: self,
            waiter,
            taken,
        }
    }

    /// Gives one back.
    pub(crate) fn release(&self) {
        self.free.set(self.free.get() + 1);
        self.serve();
    }

    fn serve(&self) {
        while self.free.get() > 0 {
            let next = self.waiters.borrow_mut().pop_front();
            let Some(next) = next else { return };
            let cancelled = next
                .owner
                .as_ref()
                .is_some_and(Canceller::is_cancel_undelivered);
            if !cancelled {
                self.free.set(self.free.get() - 1);
                next.served.set(true);
                if let Some(waker) = next.waker.take() {
                    waker.wake();
                }
            }
        }
    }
}

/// A wait for a permit, which whoever waited owns once this is ready.
pub(crate) struct Acquire<'a> {
    permits: &'a Permits,
    waiter: Rc<Waiter>,
    taken: bool,
}

impl Acquire<'_> {
    /// Whether a permit was handed over, and not taken yet.
    pub(crate) fn is_served(&self) -> bool {
        self.waiter.served.get() && !self.taken
    }
}

impl Future for Acquire<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.waiter.served.get() {
            self.taken = true;
            return Poll::Ready(());
        }
        *self.waiter.waker.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        if self.is_served() {
            self.permits.release();
        }
        self.permits
            .waiters
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &self.waiter));
    }
}
