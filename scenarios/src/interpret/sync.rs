//! Events, queues and semaphores with asyncio's rules, which are part of what a scenario means.
//!
//! 1. Waiters are served in the order in which they began to wait.
//! 2. A waiter whose task was asked to cancel while it waits is no waiter any more from the moment of
//!    the request, although it stays in the list until its task takes its turn: asyncio cancels the
//!    waiter's future with the request.
//! 3. A waiter that was served first and asked to cancel second gives back what it got when its task
//!    takes its turn.
//!
//! Source: CPython 3.13, `asyncio/locks.py` and `asyncio/queues.py`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use deadheat::program::SimClock;
use deadheat_timeout::{Cancelled, Canceller, Cx};

/// One place in a list of waiters: asyncio's waiter future.
#[derive(Debug)]
struct Waiter {
    served: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    owner: Canceller<SimClock>,
}

impl Waiter {
    fn is_cancelled(&self) -> bool {
        !self.served.get() && self.owner.is_cancel_undelivered()
    }

    fn is_done(&self) -> bool {
        self.served.get() || self.owner.is_cancel_undelivered()
    }

    fn serve(&self) {
        self.served.set(true);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Waiters, in the order in which they began to wait.
#[derive(Debug, Default)]
struct Waiters(RefCell<VecDeque<Rc<Waiter>>>);

impl Waiters {
    fn remove(&self, waiter: &Rc<Waiter>) {
        self.0
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, waiter));
    }

    /// Serves the first that still waits; with `forget`, those passed over and it leave the list.
    fn serve_next(&self, forget: bool) -> bool {
        let next = {
            let mut waiters = self.0.borrow_mut();
            let found = waiters.iter().position(|waiter| !waiter.is_done());
            let next = found.map(|index| Rc::clone(&waiters[index]));
            if forget {
                let served = found.map_or(waiters.len(), |index| index + 1);
                waiters.drain(..served);
            }
            next
        };
        let Some(next) = next else { return false };
        next.serve();
        true
    }

    fn any_waiting(&self) -> bool {
        self.0.borrow().iter().any(|waiter| !waiter.is_done())
    }

    fn any_not_cancelled(&self) -> bool {
        self.0.borrow().iter().any(|waiter| !waiter.is_cancelled())
    }

    /// Waits to be served. If the wait is dropped instead, `given_up` is told whether it had been.
    fn wait<'a>(
        &'a self,
        cx: &Cx<SimClock>,
        given_up: impl FnMut(bool) + 'a,
    ) -> Waiting<'a, impl FnMut(bool) + 'a> {
        let waiter = Rc::new(Waiter {
            served: Cell::new(false),
            waker: RefCell::default(),
            owner: cx.canceller(),
        });
        self.0.borrow_mut().push_back(Rc::clone(&waiter));
        Waiting {
            waiters: self,
            waiter,
            over: false,
            given_up,
        }
    }
}

struct Waiting<'a, F: FnMut(bool)> {
    waiters: &'a Waiters,
    waiter: Rc<Waiter>,
    over: bool,
    given_up: F,
}

impl<F: FnMut(bool) + Unpin> Future for Waiting<'_, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.waiter.served.get() {
            self.over = true;
            self.waiters.remove(&self.waiter);
            return Poll::Ready(());
        }
        *self.waiter.waker.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<F: FnMut(bool)> Drop for Waiting<'_, F> {
    fn drop(&mut self) {
        if !self.over {
            self.waiters.remove(&self.waiter);
            (self.given_up)(self.waiter.served.get());
        }
    }
}

/// `asyncio.Event`.
#[derive(Debug)]
pub(crate) struct Event {
    name: Arc<str>,
    set: Cell<bool>,
    waiters: Waiters,
}

impl Event {
    pub(crate) fn new(name: Arc<str>) -> Self {
        Event {
            name,
            set: Cell::new(false),
            waiters: Waiters::default(),
        }
    }

    /// Sets it and serves all who wait. Who was served stays so, even if it is cleared at once.
    pub(crate) fn set(&self) {
        if !self.set.replace(true) {
            while self.waiters.serve_next(false) {}
        }
    }

    pub(crate) fn clear(&self) {
        self.set.set(false);
    }

    pub(crate) async fn wait(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        if self.set.get() {
            return Ok(());
        }
        let waiting = self.waiters.wait(cx, |_| ());
        cx.wait(deadheat::program::waiting_for(self.name.clone(), waiting))
            .await
    }

    pub(crate) fn stranded(&self) -> Option<String> {
        let stranded = self.set.get() && self.waiters.any_waiting();
        stranded.then(|| format!("{} is set and somebody waits for it", self.name))
    }
}

/// `asyncio.Queue`.
#[derive(Debug)]
pub(crate) struct Queue {
    value: Arc<str>,
    room: Arc<str>,
    capacity: usize,
    values: RefCell<VecDeque<String>>,
    getters: Waiters,
    putters: Waiters,
}

impl Queue {
    /// A queue, and what those wait for who take from it and who put into it.
    pub(crate) fn new(value: Arc<str>, room: Arc<str>, capacity: usize) -> Self {
        let (values, getters, putters) = Default::default();
        Queue {
            value,
            room,
            capacity,
            values,
            getters,
            putters,
        }
    }

    fn is_empty(&self) -> bool {
        self.values.borrow().is_empty()
    }

    fn is_full(&self) -> bool {
        self.values.borrow().len() >= self.capacity
    }

    pub(crate) async fn put(&self, cx: &Cx<SimClock>, value: String) -> Result<(), Cancelled> {
        while self.is_full() {
            let waiting = self.putters.wait(cx, |served| {
                if !self.is_full() && served {
                    self.putters.serve_next(true);
                }
            });
            cx.wait(deadheat::program::waiting_for(self.room.clone(), waiting))
                .await?;
        }
        self.values.borrow_mut().push_back(value);
        self.getters.serve_next(true);
        Ok(())
    }

    pub(crate) async fn take(&self, cx: &Cx<SimClock>) -> Result<String, Cancelled> {
        loop {
            let value = self.values.borrow_mut().pop_front();
            if let Some(value) = value {
                self.putters.serve_next(true);
                return Ok(value);
            }
            let waiting = self.getters.wait(cx, |served| {
                if !self.is_empty() && served {
                    self.getters.serve_next(true);
                }
            });
            cx.wait(deadheat::program::waiting_for(self.value.clone(), waiting))
                .await?;
        }
    }

    pub(crate) fn stranded(&self) -> Option<String> {
        if !self.is_empty() && self.getters.any_waiting() {
            return Some(format!("there is {} and somebody waits for it", self.value));
        }
        let room = !self.is_full() && self.putters.any_waiting();
        room.then(|| format!("there is {} and somebody waits for it", self.room))
    }
}

/// `asyncio.Semaphore`.
#[derive(Debug)]
pub(crate) struct Semaphore {
    name: Arc<str>,
    permits: Cell<u32>,
    waiters: Waiters,
}

impl Semaphore {
    pub(crate) fn new(name: Arc<str>, permits: u32) -> Self {
        Semaphore {
            name,
            permits: Cell::new(permits),
            waiters: Waiters::default(),
        }
    }

    /// Gives a permit to the first that waits.
    fn serve_next(&self) -> bool {
        let served = self.waiters.serve_next(false);
        if served {
            self.permits.set(self.permits.get() - 1);
        }
        served
    }

    fn serve_all(&self) {
        while self.permits.get() > 0 && self.serve_next() {}
    }

    pub(crate) async fn acquire(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        // Nobody overtakes those who wait, even those who were served and have not run yet.
        if self.permits.get() > 0 && !self.waiters.any_not_cancelled() {
            self.permits.set(self.permits.get() - 1);
            return Ok(());
        }
        let waiting = self.waiters.wait(cx, |served| {
            self.permits.set(self.permits.get() + u32::from(served));
            self.serve_all();
        });
        cx.wait(deadheat::program::waiting_for(self.name.clone(), waiting))
            .await?;
        self.serve_all();
        Ok(())
    }

    pub(crate) fn release(&self) {
        self.permits.set(self.permits.get() + 1);
        self.serve_next();
    }

    pub(crate) fn stranded(&self) -> Option<String> {
        let stranded = self.permits.get() > 0 && self.waiters.any_waiting();
        stranded.then(|| format!("{} has a permit and somebody waits for it", self.name))
    }
}
