//! Each attempt has the whole timeout (httpcore #822, fixed by PR #823).
//!
//! A request waits for a connection of the pool, at most as long as its pool timeout says. When a
//! connection comes back, all who wait are given it; the first takes it, and the others try again: with
//! a new timeout each time. So a call could wait many times its timeout, and for ever under load.
//!
//! The fix counts one deadline from the call. (reqwest PR #1940 is the same question asked of connecting
//! to one address after another.)

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::{always, clock, log, now, sleep, spawn_named};
use deadheat_timeout::{Elapsed, timeout};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "per-attempt-timeout",
    summary: "a call that tries again waits for its whole timeout again",
    source: "httpcore #822, PR #823",
    checked_by: "a call waits no longer than its timeout",
    finder: Finder::Any,
    variants: variants! {
        "per-attempt-timeout" Shipped: clients(Counts::PerAttempt);
        "per-attempt-timeout-fixed" Fixed: clients(Counts::FromTheCall);
    },
};

const POOL_TIMEOUT: Duration = ms(100);
/// A timer may be late, and the connection come back before it fires.
const TOLERANCE: Duration = ms(20);

#[derive(Clone, Copy)]
enum Counts {
    /// Up to 1.0.0.
    PerAttempt,
    /// From 1.0.1 on.
    FromTheCall,
}

/// Requests over a pool that has one connection.
async fn clients(counts: Counts) {
    let pool = Pool::default();
    let clients = ["first", "second", "third"].map(|name| {
        let pool = pool.clone();
        spawn_named(name, async move {
            sleep(ms(7)..=ms(23)).await;
            let called = now();
            let acquired = pool.acquire(counts).await;
            let waited = now().saturating_duration_since(called);
            let in_time = waited <= POOL_TIMEOUT + TOLERANCE;
            always(in_time, || {
                "a call waited longer than its timeout".to_owned()
            });
            match acquired {
                Ok(()) => {
                    sleep(ms(31)..=ms(90)).await;
                    pool.release();
                }
                Err(_) => log("timed out"),
            }
        })
    });
    for client in clients {
        client.await.ok();
    }
}

/// `httpcore.AsyncConnectionPool`.
#[derive(Clone, Default)]
struct Pool {
    is_taken: Rc<Cell<bool>>,
    releases: Rc<Cell<u32>>,
    waiting: Rc<RefCell<Vec<Waker>>>,
}

impl Pool {
    async fn acquire(&self, counts: Counts) -> Result<(), Elapsed> {
        let deadline = now() + POOL_TIMEOUT;
        // Until the connection it is given is available.
        while self.is_taken.get() {
            let left = match counts {
                Counts::PerAttempt => POOL_TIMEOUT,
                Counts::FromTheCall => deadline.saturating_duration_since(now()),
            };
            timeout(&clock(), left, self.wait_for_connection()).await?;
            if self.is_taken.get() {
                log("not available");
            }
        }
        self.is_taken.set(true);
        Ok(())
    }

    async fn wait_for_connection(&self) {
        let seen = self.releases.get();
        poll_fn(|cx| {
            if self.releases.get() != seen {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn release(&self) {
        self.is_taken.set(false);
        self.releases.set(self.releases.get() + 1);
        for waker in self.waiting.take() {
            waker.wake();
        }
    }
}
