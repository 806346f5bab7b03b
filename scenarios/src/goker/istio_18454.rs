//! A reset waits for a tick that was already taken (Istio #18454; GoKer istio/18454).
//!
//! Changes of files are put together: the first one starts a timer, each one after it resets that timer, and what has
//! changed is published as it fires. Resetting a Go timer that has fired needs its channel emptied:
//! `if !t.Stop() { <-t.C }`. As shipped, the loop went on after a tick. The next change found a timer that had fired,
//! and waited for the tick that the loop itself had taken.
//!
//! With the fix the channel is emptied only if there is something in it. The timer's period is Istio's own.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, all_end, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "istio-18454",
    summary: "a timer is reset after its tick was taken, and the drain waits for that tick",
    source: "Istio #18454",
    checked_by: "every change is taken",
    finder: Finder::Any,
    variants: variants! {
        "istio-18454" Shipped: changes(Drain::Waiting);
        "istio-18454-fixed" Fixed: changes(Drain::IfThere);
    },
};

const PERIOD: Duration = ms(500);

#[derive(Clone, Copy)]
enum Drain {
    Waiting,
    IfThere,
}

async fn changes(drain: Drain) {
    let resets = Channel::new(0);
    let timer = Rc::new(Timer {
        armed: Cell::new(0),
        fired: Cell::new(false),
        ticks: Channel::new(1),
    });
    timer.arm();
    let debounced = spawn_named("debounce", debounce(drain, timer, resets.clone()));
    for _ in 0..4 {
        sleep(ms(10)..=ms(700)).await;
        resets.send(()).await;
    }
    resets.close();
    all_end([debounced]).await;
}

async fn debounce(drain: Drain, timer: Rc<Timer>, resets: Rc<Channel<()>>) {
    loop {
        match select(timer.ticks.receive(), resets.receive()).await {
            Either::Left(_) => log("published"),
            Either::Right(None) => return,
            Either::Right(Some(())) => {
                if !timer.stop() {
                    match drain {
                        Drain::Waiting => drop(timer.ticks.receive().await),
                        Drain::IfThere => drop(timer.ticks.try_receive()),
                    }
                }
                timer.arm();
            }
        }
    }
}

/// Go's timer: what fires puts a tick into a channel of one.
struct Timer {
    /// The number of the last arming; one that was stopped has none.
    armed: Cell<u64>,
    fired: Cell<bool>,
    ticks: Rc<Channel<()>>,
}

impl Timer {
    fn arm(self: &Rc<Self>) {
        let arming = self.armed.get() + 1;
        self.armed.set(arming);
        self.fired.set(false);
        let timer = Rc::clone(self);
        spawn_named("timer", async move {
            sleep(PERIOD).await;
            if timer.armed.get() == arming {
                timer.fired.set(true);
                timer.ticks.send_or_drop(());
            }
        });
    }

    /// Whether it had not fired.
    fn stop(&self) -> bool {
        self.armed.set(self.armed.get() + 1);
        !self.fired.get()
    }
}
