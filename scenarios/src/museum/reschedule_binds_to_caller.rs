//! Whoever moves a deadline is cancelled at it (async-timeout 4.0.1 to 4.0.3, `_reschedule`).
//!
//! `Timeout.update` and `shift` arm the callback anew, and the callback cancels a task: the one that was
//! current when it was armed. That was right in `__aenter__`. When another task moved the deadline (a
//! reader that extends it while data come in), it was that task which was cancelled, while the one
//! inside of the timeout waited on.
//!
//! Up to 4.0.0 the task was kept from the beginning; 5.0, which is `asyncio.timeout` in its older form,
//! keeps the task that entered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{JoinHandle, always, log, sleep, spawn_named};
use deadheat_timeout::{Canceller, Cx, Interrupted, TaskEnd};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "reschedule-binds-to-caller",
    summary: "a task moves the deadline of another one, and is cancelled at it",
    source: "async-timeout 4.0.1 to 4.0.3",
    checked_by: "a scope cancels only its owner",
    finder: Finder::Any,
    variants: variants! {
        "reschedule-binds-to-caller" Shipped: transfer(Target::Caller);
        "reschedule-binds-to-caller-fixed" Fixed: transfer(Target::Owner);
    },
};

const TIMEOUT: Duration = ms(100);

#[derive(Clone, Copy)]
enum Target {
    /// 4.0.1 to 4.0.3: the task that called `update`.
    Caller,
    /// 5.0: the task that entered the timeout.
    Owner,
}

/// A transfer has a timeout, which a monitor extends once.
async fn transfer(target: Target) {
    let timeout = Rc::new(Timeout::new(target));
    let monitored = timeout.clone();
    let transfer = spawn_task("transfer", async move |cx| {
        timeout.enter(&cx);
        let moved = cx.wait(sleep(ms(31)..=ms(400))).await;
        match (timeout.exit(), moved) {
            (true, Err(_)) => {
                cx.uncancel();
                Ok("timed out")
            }
            (_, moved) => Ok::<_, Interrupted>(moved.map(|()| "moved")?),
        }
    });
    let monitor = spawn_task("monitor", async move |cx| {
        cx.wait(sleep(ms(23)..=ms(60))).await?;
        monitored.update(&cx);
        cx.wait(sleep(Duration::from_secs(1))).await?;
        Ok::<_, Interrupted>(())
    });
    let _ = transfer.ended().await;
    let _ = monitor.ended().await;
    let cancelled = monitor.end() == Some(TaskEnd::Cancelled);
    always(!cancelled, || {
        "the monitor was cancelled at the transfer's deadline".to_owned()
    });
}

/// `async_timeout.Timeout`.
struct Timeout {
    target: Target,
    owner: RefCell<Option<Canceller<SimClock>>>,
    handler: Cell<Option<JoinHandle<()>>>,
    expired: Rc<Cell<bool>>,
}

impl Timeout {
    fn new(target: Target) -> Self {
        Timeout {
            target,
            owner: RefCell::default(),
            handler: Cell::default(),
            expired: Rc::default(),
        }
    }

    fn enter(&self, current: &Cx<SimClock>) {
        *self.owner.borrow_mut() = Some(current.canceller());
        self.reschedule(current.canceller());
    }

    /// The deadline is a timeout from now, if the scope is entered and has not ended.
    fn update(&self, current: &Cx<SimClock>) {
        let Some(owner) = self.owner.borrow().clone() else {
            return;
        };
        if self.expired.get() {
            return;
        }
        log("the monitor moves the deadline");
        self.reschedule(match self.target {
            Target::Caller => current.canceller(),
            Target::Owner => owner,
        });
    }

    fn reschedule(&self, task: Canceller<SimClock>) {
        self.disarm();
        let expired = self.expired.clone();
        let handler = spawn_named("call_at", async move {
            sleep(TIMEOUT).await;
            log("the deadline");
            task.cancel();
            expired.set(true);
        });
        self.handler.set(Some(handler));
    }

    fn disarm(&self) {
        if let Some(handler) = self.handler.take() {
            handler.abort();
        }
    }

    /// Whether the deadline was reached.
    fn exit(&self) -> bool {
        self.disarm();
        self.owner.take();
        self.expired.get()
    }
}
