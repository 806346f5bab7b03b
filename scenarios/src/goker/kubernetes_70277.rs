//! The waiter leaves, and the poller ticks on (Kubernetes #70277; GoKer kubernetes/70277).
//!
//! `WaitFor` starts a poller that ticks until its time is over or it is told to stop, and looks at its condition with
//! each tick. As shipped, it handed on the channel by which its caller might stop it. A condition that held ended the
//! wait, and nobody told the poller: it ticked until its own twenty seconds were over.
//!
//! With the fix the poller has a channel of its own, which is closed as the wait ends.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{always, log, now, sleep, sleep_until, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "kubernetes-70277",
    summary: "a wait has ended, and its poller ticks on until its own time is over",
    source: "Kubernetes #70277",
    checked_by: "a poller stops with the wait that it ticks for",
    finder: Finder::Any,
    variants: variants! {
        "kubernetes-70277" Shipped: wait_for(Leaving::Untold);
        "kubernetes-70277-fixed" Fixed: wait_for(Leaving::Told);
    },
};

const INTERVAL: Duration = ms(200);
const TIMEOUT: Duration = s(20);

/// Whether the poller is told that the wait has ended.
#[derive(Clone, Copy)]
enum Leaving {
    Untold,
    Told,
}

/// Waits until something holds that takes a while.
async fn wait_for(leaving: Leaving) {
    let poller = Rc::new(Poller {
        ticks: Channel::new(1),
        stopped: Flag::default(),
        left: Cell::new(false),
    });
    let polls = spawn_named("poller", Rc::clone(&poller).poll());
    let holds = Rc::new(Flag::default());
    let set = Rc::clone(&holds);
    spawn_named("condition", async move {
        sleep(ms(100)..=s(25)).await;
        set.set();
    });
    while poller.ticks.receive().await.is_some() && !holds.is_set() {}
    log("the wait has ended");
    poller.left.set(true);
    if let Leaving::Told = leaving {
        poller.stopped.set();
    }
    all_end([polls]).await;
}

struct Poller {
    ticks: Rc<Channel<()>>,
    stopped: Flag,
    /// Whether nobody waits any more.
    left: Cell<bool>,
}

impl Poller {
    async fn poll(self: Rc<Self>) {
        let end = now() + TIMEOUT;
        let mut ticks_for_nobody = 0;
        loop {
            let over = select(sleep_until(end), self.stopped.wait());
            let Either::Left(()) = select(sleep(INTERVAL), over).await else {
                break;
            };
            self.ticks.send_or_drop(());
            // A tick and the stop may come together, and `select` may take the tick.
            ticks_for_nobody += u32::from(self.left.get());
            if ticks_for_nobody > 1 {
                always(false, || "a poller ticks for nobody".to_owned());
                break;
            }
        }
        self.ticks.close();
    }
}
