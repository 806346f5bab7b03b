//! `Condition.notify` wakes a task that was cancelled before (anyio PR #1075).
//!
//! anyio delivers no cancel to a task that has been woken, so asyncio's race (`notify-lost-on-cancel`) is
//! none there. The other order is: a timeout cancels the waiter, `notify(1)` takes that waiter's event off
//! the list and sets it, and only then the waiter runs. It finds its event set, concludes that it is on the
//! list no more, and leaves; the notification reached nobody.
//!
//! The fix, as that PR proposed it (it was closed without being merged): a waiter that is cancelled and
//! finds its event set hands the notification to the next.
//!
//! The condition's lock is left out: nobody waits while holding it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use deadheat::program::{SimClock, spawn_task, waiting_for};
use deadheat::{log, sleep};
use deadheat_timeout::{Cancelled, Canceller, Cx, Interrupted};

use super::flag::Flag;
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "notify-lost-on-cancel-anyio",
    summary: "a consumer times out and then is notified, and the others sleep beside the item",
    source: "anyio PR #1075",
    checked_by: "a consumer that waits for an item gets the one that is there",
    finder: Finder::Order,
    variants: variants! {
        "notify-lost-on-cancel-anyio" Shipped: consumers(Notified::Dropped);
        "notify-lost-on-cancel-anyio-fixed" Fixed: consumers(Notified::PassedOn);
    },
};

/// What becomes of the notification of a waiter that was cancelled.
#[derive(Clone, Copy, PartialEq)]
enum Notified {
    Dropped,
    PassedOn,
}

/// Two consumers, of whom the first waits for a while only: there is an item for everyone who stays.
async fn consumers(notified: Notified) {
    let queue = Rc::new(Queue::new(notified));
    let items = Rc::clone(&queue);
    let first = spawn_task("first", async move |cx| {
        cx.timeout(ms(100), async |scope| {
            items.take(&scope).await?;
            Ok::<_, Interrupted>(())
        })
        .await
    });
    let items = Rc::clone(&queue);
    let second = spawn_task("second", async move |cx| {
        items.take(&cx).await?;
        Ok::<_, Interrupted>(())
    });
    sleep(ms(23)..=ms(200)).await;
    queue.put();
    if first.ended().await.is_ok() {
        queue.put();
    }
    waiting_for("the second consumer".into(), second.ended())
        .await
        .ok();
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
    event: Flag,
    task: Canceller<SimClock>,
    /// The event was set before a cancel came, so there will be none.
    in_time: Cell<bool>,
}

impl Condition {
    async fn wait(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        let waiter = Rc::new(Waiter {
            event: Flag::default(),
            task: cx.canceller(),
            in_time: Cell::new(false),
        });
        self.waiters.borrow_mut().push_back(Rc::clone(&waiter));
        let item = waiting_for("an item".into(), waiter.event.wait());
        match cx.wait(item).await {
            Err(cancelled) if !waiter.in_time.get() => {
                self.give_up(&waiter);
                Err(cancelled)
            }
            _ => Ok(()),
        }
    }

    fn give_up(&self, waiter: &Rc<Waiter>) {
        if !waiter.event.is_set() {
            self.waiters
                .borrow_mut()
                .retain(|other| !Rc::ptr_eq(other, waiter));
            return;
        }
        log("notified after it was cancelled");
        if self.notified == Notified::PassedOn {
            self.notify_one();
        }
    }

    fn notify_one(&self) {
        let next = self.waiters.borrow_mut().pop_front();
        if let Some(next) = next {
            next.in_time.set(!next.task.is_cancel_undelivered());
            next.event.set();
        }
    }
}
