//! A task's budget runs out before its timeout is looked at (tokio #4291; fixed by PR #4314 in 1.15).
//!
//! tokio gives a task a budget of operations for each turn; when it is spent, every resource says "not
//! yet", timers too. `timeout` polls the future first and its timer second. A future that always finds
//! something to do spends the whole budget each turn, so the timer's own poll was refused each time: the
//! deadline had come, the timer had fired, and the timeout did not see it.
//!
//! The fix: where the future spent the rest of the budget, the timer is polled without one. tower (#668)
//! and quinn (PR #2677) had the same race with the same budget.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use deadheat::program::busy;
use deadheat::{always, log, sleep, spawn_named};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "budget-hides-deadline",
    summary: "a future that spends the task's budget keeps its own timeout from being seen",
    source: "tokio #4291, PR #4314",
    checked_by: "a timeout that has fired is seen in the next turn",
    finder: Finder::Any,
    variants: variants! {
        "budget-hides-deadline" Shipped: download(Delay::Constrained);
        "budget-hides-deadline-fixed" Fixed: download(Delay::UnconstrainedIfSpent);
    },
};

/// Operations of a turn, as in tokio.
const BUDGET: u32 = 128;
const TIMEOUT: Duration = ms(100);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delay {
    /// Up to 1.14: the timer is polled with what is left of the budget.
    Constrained,
    /// From 1.15 on: without a budget, if it was the future that spent it.
    UnconstrainedIfSpent,
}

/// A server sends more than a client can read in its time.
async fn download(delay: Delay) {
    let budget = Budget::default();
    let download = spawn_named(
        "download",
        cooperative(budget.clone(), async move {
            if timeout(&budget, delay, read_all(&budget)).await.is_none() {
                log("timed out");
            }
        }),
    );
    download.await.ok();
}

/// There is always something to read; reading as much as a turn allows takes a while.
async fn read_all(budget: &Budget) {
    for _ in 0..20 * BUDGET {
        poll_fn(|cx| {
            if budget.left.get() == 0 {
                busy(ms(7)..=ms(13));
            }
            budget.poll_proceed(cx)
        })
        .await;
    }
}

/// `tokio::time::timeout`.
async fn timeout<F: Future>(budget: &Budget, delay: Delay, future: F) -> Option<F::Output> {
    let entry = Entry::arm(TIMEOUT);
    let mut future = pin!(future);
    let mut had_fired = false;
    poll_fn(|cx| {
        always(!had_fired, || {
            "the timer has fired, and the timeout goes on".to_owned()
        });
        had_fired = entry.fired.get();
        let had_budget = budget.left.get() > 0;
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        let spent = had_budget && budget.left.get() == 0;
        if !(spent && delay == Delay::UnconstrainedIfSpent) {
            ready!(budget.poll_proceed(cx));
        }
        entry.poll_elapsed(cx).map(|()| None)
    })
    .await
}

/// What a task may still do in this turn.
#[derive(Clone, Default)]
struct Budget {
    left: Rc<Cell<u32>>,
}

impl Budget {
    /// Every resource of tokio asks this first.
    fn poll_proceed(&self, cx: &Context<'_>) -> Poll<()> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Poll::Ready(())
            }
            None => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// A task as the runtime polls it: with a full budget each turn.
async fn cooperative<F: Future>(budget: Budget, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        budget.left.set(BUDGET);
        future.as_mut().poll(cx)
    })
    .await
}

/// A timer as the runtime's driver sees it.
#[derive(Clone, Default)]
struct Entry {
    fired: Rc<Cell<bool>>,
    waker: Rc<Cell<Option<Waker>>>,
}

impl Entry {
    fn arm(delay: Duration) -> Self {
        let entry = Entry::default();
        let armed = entry.clone();
        spawn_named("driver", async move {
            sleep(delay).await;
            log("the timer has fired");
            armed.fired.set(true);
            if let Some(waker) = armed.waker.take() {
                waker.wake();
            }
        });
        entry
    }

    fn poll_elapsed(&self, cx: &Context<'_>) -> Poll<()> {
        if self.fired.get() {
            return Poll::Ready(());
        }
        self.waker.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}
