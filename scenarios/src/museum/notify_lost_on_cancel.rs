//! `Condition.notify` wakes a task that is cancelled (CPython gh-112202; fixed by PR #112201 in 3.13).
//!
//! `notify(1)` picks the first waiter and marks it; the waiter runs in a later turn. If it is cancelled in
//! between, it leaves with `CancelledError`, and the notification goes with it: the item that was announced
//! is there, and the other consumers sleep on.
//!
//! The fix: a wait that ends in any error notifies one more waiter, because it may have been notified.
//!
//! The condition's lock is left out: nobody waits while holding it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use deadheat::program::{SimClock, spawn_task, waiting_for};
use deadheat::{log, sleep, spawn_named};
use deadheat_timeout::{Cancelled, Canceller, Cx, Interrupted, TaskEnd, TaskHandle};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "notify-lost-on-cancel",
    summary: "a consumer is notified and then cancelled, and the others sleep beside the item",
    source: "CPython gh-112202, PR #112201",
    checked_by: "a consumer that waits for an item gets the one that is there",
    finder: Finder::Order,
    variants: variants! {
        "notify-lost-on-cancel" Shipped: consumers(Notified::Dropped);
        "notify-lost-on-cancel-fixed" Fixed: consumers(Notified::PassedOn);
    },
};

/// What becomes of the notification of a waiter that is cancelled.
#[derive(Clone, Copy, PartialEq)]
enum Notified {
    /// Up to 3.12.
    Dropped,
    /// From 3.13 on.
    PassedOn,
}

/// Two consumers, of whom the first is told to stop: there is an item for everyone who is left.
async fn consumers(notified: Notified) {
    let queue = Rc::new(Queue::new(notified));
    let first = consumer("first", &queue);
    let second = consumer("second", &queue);
    let items = Rc::clone(&queue);
    let producer = spawn_named("producer", async move {
        sleep(ms(7)..=ms(90)).await;
        items.put();
    });
    sleep(ms(23)..=ms(200)).await;
    first.cancel();
    first.ended().await.ok();
    producer.await.ok();
    if first.end() == Some(TaskEnd::Returned) {
        queue.put();
    }
    waiting_for("the second consumer".into(), second.ended())
        .await
        .ok();
}

fn consumer(
    name: &'static str,
    queue: &Rc<Queue>,
) -> TaskHandle<SimClock, Result<(), Interrupted>> {
    let queue = Rc::clone(queue);
    spawn_task(name, async move |cx| {
        queue.take(&cx).await?;
        Ok::<_, Interrupted>(())
    })
}

/// Items, and the condition that says that there are some.
struct Queue {
    items: Cell<usize>,
    not_empty: Condition,
}

impl Queue {
    fn new(notified: Notified) -> Self {
        Queue {
            items: Cell::new(0),
            not_empty: Condition {
                notified,
                waiters: RefCell::default(),
            },
        }
    }

    fn put(&self) {
        self.items.set(self.items.get() + 1);
        self.not_empty.notify_one();
    }

    async fn take(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        while self.items.get() == 0 {
            self.not_empty.wait(cx).await?;
        }
        self.items.set(self.items.get() - 1);
        Ok(())
    }
}

struct Condition {
    notified: Notified,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

struct Waiter {
    notified: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    task: Canceller<SimClock>,
}

impl Condition {
    async fn wait(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        let waiter = Rc::new(Waiter {
            notified: Cell::new(false),
            waker: RefCell::default(),
            task: cx.canceller(),
        });
        self.waiters.borrow_mut().push_back(Rc::clone(&waiter));
        let item = waiting_for("an item".into(), waiter.notified());
        let waited = cx.wait(item).await;
        self.waiters
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &waiter));
        if waited.is_err() && waiter.notified.get() {
            log("cancelled after it was notified");
        }
        if waited.is_err() && self.notified == Notified::PassedOn {
            self.notify_one();
        }
        waited
    }

    /// Wakes the first waiter that is neither notified nor cancelled yet.
    fn notify_one(&self) {
        let waiters = self.waiters.borrow();
        let next = waiters
            .iter()
            .find(|waiter| !waiter.notified.get() && !waiter.task.is_cancel_undelivered());
        if let Some(next) = next {
            next.notified.set(true);
            if let Some(waker) = next.waker.take() {
                waker.wake();
            }
        }
    }
}

impl Waiter {
    async fn notified(&self) {
        poll_fn(|cx| {
            if self.notified.get() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
