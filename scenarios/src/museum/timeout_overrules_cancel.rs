//! A timeout claims a cancel that somebody else asked for (async-timeout #229; PR #230 was incomplete; what
//! could be done about it came with CPython 3.11).
//!
//! At its deadline the timeout cancelled its task and noted "I did". Two cancels of one task before its next
//! turn are one `CancelledError`, and at the exit the note decided that it was the timeout's. So a shutdown
//! in the very moment of a deadline became a `TimeoutError`, a retry loop caught that, and tried again.
//!
//! PR #230 looked, at the deadline, whether the task was being cancelled already. That covers the cancel
//! just before the deadline and not the one just after it. 3.11 counts: every cancel adds one, the timeout
//! takes its own one back, and if any remains, the exit is a cancel.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, log, sleep, spawn_named};
use deadheat_timeout::{Cancelled, Canceller, Cx, Interrupted, TaskEnd};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "timeout-overrules-cancel",
    summary: "a cancel at the moment of a deadline comes out as a timeout, and the loop tries again",
    source: "async-timeout #229, PR #230",
    checked_by: "a cancelled client ends as cancelled",
    finder: Finder::Order,
    variants: variants! {
        "timeout-overrules-cancel" Shipped: shutdown(Claim::Always);
        "timeout-overrules-cancel-incomplete" Incomplete: shutdown(Claim::UnlessCancelledBefore);
        "timeout-overrules-cancel-fixed" Fixed: shutdown(Claim::OwnRequestOnly);
    },
};

/// Which `CancelledError` a timeout takes for its own, after its deadline.
#[derive(Clone, Copy, PartialEq)]
enum Claim {
    /// As released: any.
    Always,
    /// PR #230: any, unless the task was being cancelled when the deadline came.
    UnlessCancelledBefore,
    /// `asyncio.timeout` in 3.11: one that leaves no other request behind.
    OwnRequestOnly,
}

/// A client that tries three times, and is told to stop.
async fn shutdown(claim: Claim) {
    let client = spawn_task("client", async move |cx| {
        for _ in 0..3 {
            match fetch(&cx, claim).await? {
                Fetched::Value => break,
                Fetched::TimedOut => log("timed out: once more"),
            }
        }
        Ok::<_, Interrupted>(())
    });
    sleep(ms(23)..=ms(310)).await;
    let was_running = client.cancel();
    client.ended().await.ok();
    if was_running {
        let cancelled = client.end() == Some(TaskEnd::Cancelled);
        always(cancelled, || {
            "the client was cancelled and tried again".to_owned()
        });
    }
}

enum Fetched {
    Value,
    TimedOut,
}

/// `async with timeout(0.1)` around a request.
async fn fetch(cx: &Cx<SimClock>, claim: Claim) -> Result<Fetched, Cancelled> {
    let requests_before = cx.cancelling();
    let timeout = Rc::new(Timeout::default());
    let deadline = spawn_named("deadline", Rc::clone(&timeout).watch(cx.canceller(), claim));
    let body = cx.wait(sleep(ms(31)..=ms(400))).await;
    timeout.exited.set(true);
    deadline.abort();
    let expired = timeout.expired.get();
    let others_remain = expired && cx.uncancel() > requests_before;
    match body {
        Ok(()) => Ok(Fetched::Value),
        Err(cancelled) if claim == Claim::OwnRequestOnly && others_remain => Err(cancelled),
        Err(_) if expired => Ok(Fetched::TimedOut),
        Err(cancelled) => Err(cancelled),
    }
}

#[derive(Default)]
struct Timeout {
    /// It has cancelled its task.
    expired: Cell<bool>,
    exited: Cell<bool>,
}

impl Timeout {
    async fn watch(self: Rc<Self>, task: Canceller<SimClock>, claim: Claim) {
        sleep(ms(100)).await;
        let cancelled_before =
            claim == Claim::UnlessCancelledBefore && task.is_cancel_undelivered();
        if !self.exited.get() && !cancelled_before {
            task.cancel();
            self.expired.set(true);
        }
    }
}
