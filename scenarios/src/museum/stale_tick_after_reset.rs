//! A tick of Go's `time.Timer` outlives `Reset` (golang/go #11513, #14038, #37196; ended by Go 1.23).
//!
//! A fired timer puts its tick into a channel with one slot. `Reset` armed the timer anew and left that
//! slot alone: where a reply and the deadline came together and `select` took the reply, the next
//! request found the old tick and timed out at once.
//!
//! The documentation then told callers to drain the channel. `if !t.Stop() { <-t.C }` waits for ever
//! once the tick has been received; the drain that does not wait finds nothing while the tick is on its
//! way, for the runtime marks a timer as fired before it sends. Go 1.23 made `Stop` and `Reset` take
//! back what was fired and not received.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::program::waiting_for;
use deadheat::{Instant, always, log, now, sleep, spawn_named, yield_now};

use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "stale-tick-after-reset",
    summary: "a tick that was fired and not received is taken for the next one",
    source: "Go #11513, #14038, #37196",
    checked_by: "a timer fires once for each time it is armed, and never early",
    finder: Finder::Order,
    variants: variants! {
        "stale-tick-after-reset" Shipped: requests(Drain::No);
        "stale-tick-after-reset-incomplete" Incomplete: requests(Drain::Waiting);
        "stale-tick-after-reset-incomplete-2" Incomplete: requests(Drain::IfThere);
        "stale-tick-after-reset-fixed" Fixed: requests(Drain::ByReset);
    },
};

const TIMEOUT: Duration = ms(100);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Drain {
    /// Nobody empties the channel.
    No,
    /// `if !t.Stop() { <-t.C }`, as the documentation had it until Go 1.22.
    Waiting,
    /// `if !t.Stop() { select { case <-t.C: default: } }`, as many programs have it.
    IfThere,
    /// From Go 1.23 on `Stop` and `Reset` do it themselves.
    ByReset,
}

/// A client with one timer for all its requests.
async fn requests(drain: Drain) {
    let timer = Timer::new(drain);
    for _ in 0..3 {
        let reply = sleep(ms(7)..=ms(130));
        if let Either::Right(()) = select(reply, timer.receive()).await {
            let in_time = now() >= timer.armed_at.get() + TIMEOUT;
            always(in_time, || {
                "a request timed out at the tick of the one before".to_owned()
            });
        }
        if matches!(drain, Drain::Waiting | Drain::IfThere) && !timer.stop() {
            match drain {
                Drain::Waiting => waiting_for("a tick to drain".into(), timer.receive()).await,
                _ => drop(timer.channel.take()),
            }
        }
        timer.reset();
    }
}

/// A `time.Timer` and its channel.
#[derive(Clone)]
struct Timer {
    drain: Drain,
    /// The number of the arming that has not fired.
    armed: Rc<Cell<Option<u32>>>,
    armings: Rc<Cell<u32>>,
    armed_at: Rc<Cell<Instant>>,
    channel: Rc<Cell<Option<()>>>,
    receiver: Rc<Cell<Option<Waker>>>,
}

impl Timer {
    fn new(drain: Drain) -> Self {
        let timer = Timer {
            drain,
            armed: Rc::default(),
            armings: Rc::default(),
            armed_at: Rc::default(),
            channel: Rc::default(),
            receiver: Rc::default(),
        };
        timer.reset();
        timer
    }

    /// Whether it was armed.
    fn stop(&self) -> bool {
        self.armed.take().is_some()
    }

    fn reset(&self) {
        let arming = self.armings.get() + 1;
        self.armings.set(arming);
        self.armed.set(Some(arming));
        self.armed_at.set(now());
        if self.drain == Drain::ByReset {
            self.channel.take();
        }
        let timer = self.clone();
        spawn_named("runtime", async move {
            sleep(TIMEOUT).await;
            if timer.armed.get() == Some(arming) {
                timer.fire(arming).await;
            }
        });
    }

    /// The runtime's part: the timer has fired before its tick is in the channel.
    async fn fire(&self, arming: u32) {
        self.armed.set(None);
        yield_now().await;
        if self.drain == Drain::ByReset && self.armings.get() != arming {
            return;
        }
        log("the tick is sent");
        self.channel.set(Some(()));
        if let Some(receiver) = self.receiver.take() {
            receiver.wake();
        }
    }

    async fn receive(&self) {
        poll_fn(|cx| {
            if self.channel.take().is_some() {
                return Poll::Ready(());
            }
            self.receiver.set(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
