//! The last signal is gone before the last wait (Kubernetes #11298; GoKer kubernetes/11298).
//!
//! One loop signals a condition whenever something has changed, until it is told to abort. Another one waits for the
//! signal and looks first whether the signalling loop is over. It was not yet over when it looked, and nobody signals
//! any more: it waits for ever. Both loops begin their rounds anew after a period of zero.
//!
//! With the fix the signalling loop signals once more when it is over. The abort comes after 300 µs, as in the kernel.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::waiting_for;
use deadheat::{log, sleep, spawn_named};

use super::{Channel, Exhibit, Finder, Flag, Lock, all_end};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "kubernetes-11298",
    summary: "a loop looks whether another one is over, and waits for a signal that was the last one",
    source: "Kubernetes #11298",
    checked_by: "both loops end",
    finder: Finder::Any,
    variants: variants! {
        "kubernetes-11298" Shipped: notify(Last::Ends);
        "kubernetes-11298-fixed" Fixed: notify(Last::SignalsOnceMore);
    },
};

/// What the signalling loop does at its end.
#[derive(Clone, Copy)]
enum Last {
    Ends,
    SignalsOnceMore,
}

const fn us(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

async fn notify(last: Last) {
    let notifier = Rc::new(Notifier {
        lock: Lock::new(),
        waiting: Cell::new(false),
        signals: Channel::new(1),
        finished: Cell::new(false),
    });
    let abort = Rc::new(Flag::default());
    let signals = spawn_named("signals", Rc::clone(&notifier).signal(last, abort.clone()));
    let served = spawn_named("service", Rc::clone(&notifier).serve());
    sleep(us(300)).await;
    abort.set();
    all_end([signals, served]).await;
}

struct Notifier {
    lock: Lock,
    /// Whether somebody waits for the condition: a signal for nobody is none.
    waiting: Cell<bool>,
    signals: Rc<Channel<()>>,
    finished: Cell<bool>,
}

impl Notifier {
    async fn signal(self: Rc<Self>, last: Last, abort: Rc<Flag>) {
        while !abort.is_set() {
            self.signal_once().await;
            sleep(us(1)..=us(50)).await; // until something has changed
            sleep(Duration::ZERO).await; // the period
        }
        self.finished.set(true);
        if let Last::SignalsOnceMore = last {
            self.signal_once().await;
        }
        log("no more signals");
    }

    async fn signal_once(&self) {
        self.lock.lock().await;
        if self.waiting.replace(false) {
            self.signals.send_or_drop(());
        }
        self.lock.unlock();
    }

    async fn serve(self: Rc<Self>) {
        self.lock.lock().await;
        while !self.finished.get() {
            // The condition: the lock is free while it is waited for.
            self.waiting.set(true);
            self.lock.unlock();
            waiting_for("a signal".into(), self.signals.receive()).await;
            sleep(us(1)..=us(100)).await; // what has changed
            sleep(Duration::ZERO).await; // the period
            self.lock.lock().await;
        }
        self.lock.unlock();
    }
}
