//! A timer's callback that lost the race with `Stop` returns with the lock (gRPC-Go #3017; GoKer grpc/3017).
//!
//! A balancer keeps a connection that was removed for a while, in case it is added again. The removal is the callback
//! of a timer, which takes the cache's lock. Adding the connection again takes that lock, too, and stops the timer;
//! where that is too late it raises a flag for the callback. As shipped, a callback that found the flag returned
//! without unlocking.
//!
//! The fix unlocks. The time that a connection is kept is gRPC's own, ten seconds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::{log, sleep, spawn_named, yield_now};

use super::{Exhibit, Finder, Lock, ms, s};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "grpc-3017",
    summary: "the callback of a removal that was called off returns with the lock",
    source: "gRPC-Go #3017",
    checked_by: "whoever waits for the lock gets it",
    finder: Finder::Tie,
    variants: variants! {
        "grpc-3017" Shipped: balancer(CalledOff::Returns);
        "grpc-3017-fixed" Fixed: balancer(CalledOff::Unlocks);
    },
};

const KEPT_FOR: Duration = s(10);

/// What a callback does that was called off.
#[derive(Clone, Copy)]
enum CalledOff {
    Returns,
    Unlocks,
}

/// A connection is removed, and added again, a few times.
async fn balancer(called_off: CalledOff) {
    let cache = Rc::new(Cache {
        called_off,
        lock: Lock::new(),
        removal: RefCell::default(),
    });
    for _ in 0..3 {
        cache.remove().await;
        sleep(ms(10)..=s(20)).await;
        cache.add().await;
    }
}

struct Cache {
    called_off: CalledOff,
    lock: Lock,
    removal: RefCell<Option<Rc<Removal>>>,
}

/// A timer whose callback removes the connection.
#[derive(Default)]
struct Removal {
    /// Whether its callback has begun, or will not begin.
    over: Cell<bool>,
    /// Whether the callback is to do nothing.
    abort: Cell<bool>,
}

impl Cache {
    async fn remove(self: &Rc<Self>) {
        self.lock.lock().await;
        let removal = Rc::new(Removal::default());
        *self.removal.borrow_mut() = Some(Rc::clone(&removal));
        self.lock.unlock();
        let cache = Rc::clone(self);
        spawn_named("removal", async move {
            sleep(KEPT_FOR).await;
            if !removal.over.replace(true) {
                yield_now().await; // the callback is a goroutine of its own
                cache.remove_now(&removal).await;
            }
        });
    }

    async fn remove_now(&self, removal: &Removal) {
        self.lock.lock().await;
        if removal.abort.get() {
            log("the removal was called off");
            if let CalledOff::Unlocks = self.called_off {
                self.lock.unlock();
            }
            return;
        }
        self.removal.take();
        self.lock.unlock();
    }

    async fn add(&self) {
        self.lock.lock().await;
        if let Some(removal) = self.removal.take() {
            let stopped = !removal.over.replace(true);
            removal.abort.set(!stopped);
        }
        self.lock.unlock();
    }
}
