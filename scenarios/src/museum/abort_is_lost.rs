//! A cancel between two waits of a probe is taken for the end of the first one (memberlist #160).
//!
//! A probe of another node waits twice: for the answer to its ping, and, if none came in time, for an answer to the
//! pings that it has others send. Answers and the abort wake it by the same signal. As shipped, what had come of that
//! signal when the second wait began was dropped as what was left of the first. An abort that came in between was lost
//! so, and the node that had been told to leave went on to call the other one suspect.
//!
//! The fix makes the abort a state, which is looked at before each wait and after it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::{always, log, sleep, spawn_named};

use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "abort-is-lost",
    summary: "an abort between two waits of a probe is taken for the end of the first",
    source: "memberlist #160",
    checked_by: "a probe that was aborted calls nobody suspect",
    finder: Finder::Point,
    variants: variants! {
        "abort-is-lost" Shipped: leave(Abort::Event);
        "abort-is-lost-fixed" Fixed: leave(Abort::State);
    },
};

/// memberlist's own times.
const PROBE_TIMEOUT: Duration = ms(500);
const PROBE_INTERVAL: Duration = ms(1_000);

#[derive(Clone, Copy)]
enum Abort {
    /// It is there until somebody has received it.
    Event,
    /// It stays.
    State,
}

/// A probe of a node that does not answer or answers late, and an abort at some time.
async fn leave(abort: Abort) {
    let signal = Rc::new(Signal::default());
    let probed = spawn_named("probe", probe(abort, Rc::clone(&signal)));
    let answering = Rc::clone(&signal);
    spawn_named("other node", async move {
        sleep(ms(100)..=ms(3_000)).await;
        answering.give(News::Answer);
    });
    sleep(ms(50)..=ms(2_000)).await;
    log("the node leaves");
    signal.aborted.set(true);
    signal.give(News::Abort);
    probed.await.ok();
}

async fn probe(abort: Abort, signal: Rc<Signal>) {
    let is_aborted = || matches!(abort, Abort::State) && signal.aborted.get();
    for wait in [PROBE_TIMEOUT, PROBE_INTERVAL - PROBE_TIMEOUT] {
        signal.news.take(); // what is left of the wait before
        if is_aborted() {
            return;
        }
        if let Either::Left(news) = select(signal.wait(), sleep(wait)).await {
            return match news {
                News::Answer => log("answered"),
                News::Abort => log("aborted"),
            };
        }
        sleep(ms(1)..=ms(20)).await; // the pings are sent by way of others
    }
    if is_aborted() {
        return;
    }
    always(!signal.aborted.get(), || {
        "a probe that was aborted calls a node suspect".to_owned()
    });
}

#[derive(Clone, Copy)]
enum News {
    Answer,
    Abort,
}

/// What wakes a probe.
#[derive(Default)]
struct Signal {
    news: Cell<Option<News>>,
    aborted: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Signal {
    fn give(&self, news: News) {
        self.news.set(Some(news));
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    async fn wait(&self) -> News {
        poll_fn(|cx| match self.news.take() {
            Some(news) => Poll::Ready(news),
            None => {
                self.waiting.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}
