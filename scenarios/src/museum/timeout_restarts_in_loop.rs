//! The timeout begins anew with each notice (base #782; the same in restate #4604 and agent-browser #1110).
//!
//! A call sends a transaction and waits for its receipt, at most as long as its timeout says. It looks at each block
//! that the node tells of, in a loop, and the sleep that was to end the wait was made inside of that loop. Blocks come
//! faster than the timeout is long, so each of them dropped the sleep and made it anew: it could never end. A
//! transaction that was in no block was waited for as long as there were blocks.
//!
//! The fix makes the sleep once, before the loop.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::{always, log, now, random, sleep, spawn_named};

use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "timeout-restarts-in-loop",
    summary: "each notice makes the sleep anew that is to end the wait: it never ends",
    source: "base #782, restate #4604, agent-browser #1110",
    checked_by: "a call waits no longer than its timeout",
    finder: Finder::Any,
    variants: variants! {
        "timeout-restarts-in-loop" Shipped: call(Sleeps::InEachRound);
        "timeout-restarts-in-loop-fixed" Fixed: call(Sleeps::Once);
    },
};

const TIMEOUT: Duration = ms(2_000);
/// A timer may be late, and so may the turn that it leads to.
const TOLERANCE: Duration = ms(20);
/// So many blocks are told of.
const BLOCKS: u64 = 40;

#[derive(Clone, Copy)]
enum Sleeps {
    /// As it was shipped.
    InEachRound,
    /// With the fix.
    Once,
}

/// A call, beside a node that tells of a block from time to time. The transaction is in one of the next blocks, or in
/// none.
async fn call(sleeps: Sleeps) {
    let blocks = Rc::new(Blocks::default());
    spawn_named("node", blocks.clone().tell());
    let wanted = match random(4) {
        0 => BLOCKS,
        number => number,
    };
    let called = now();
    let receipt = match sleeps {
        Sleeps::InEachRound => blocks.wait_in_rounds(wanted).await,
        Sleeps::Once => blocks.wait(wanted, sleep(TIMEOUT)).await,
    };
    if receipt.is_none() {
        log("timed out");
    }
    let waited = now().saturating_duration_since(called);
    always(waited <= TIMEOUT + TOLERANCE, || {
        "a call waited longer than its timeout".to_owned()
    });
}

/// What the node tells of.
#[derive(Default)]
struct Blocks {
    told: Cell<u64>,
    waiting: RefCell<Option<Waker>>,
}

impl Blocks {
    async fn tell(self: Rc<Self>) {
        for block in 1..=BLOCKS {
            sleep(ms(190)..=ms(260)).await;
            self.told.set(block);
            if let Some(waker) = self.waiting.take() {
                waker.wake();
            }
        }
    }

    async fn wait_in_rounds(&self, wanted: u64) -> Option<u64> {
        loop {
            match select(self.next(), sleep(TIMEOUT)).await {
                Either::Left(block) if block == wanted => return Some(block),
                Either::Left(_) => {}
                Either::Right(()) => return None,
            }
        }
    }

    async fn wait(&self, wanted: u64, too_long: impl Future<Output = ()>) -> Option<u64> {
        let mut too_long = pin!(too_long);
        loop {
            match select(self.next(), too_long.as_mut()).await {
                Either::Left(block) if block == wanted => return Some(block),
                Either::Left(_) => {}
                Either::Right(()) => return None,
            }
        }
    }

    /// The next block that is told of.
    async fn next(&self) -> u64 {
        let seen = self.told.get();
        poll_fn(|cx| match self.told.get() {
            told if told > seen => Poll::Ready(told),
            _ => {
                self.waiting.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}
