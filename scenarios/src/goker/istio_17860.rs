//! A restart waits under the lock that is needed to learn that its wait is in vain (Istio #17860; GoKer istio/17860).
//!
//! An agent restarts its proxy: the new epoch begins once the one before it is live, or after a minute. It looks twice
//! a second whether that one is live or has exited, and held the agent's lock meanwhile. The loop that takes the exits
//! of epochs needs that lock. So an epoch that exited before it was live was waited for until the minute was over, and
//! its exit stayed untaken.
//!
//! With the fix the lock is given back for the wait.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::{Instant, always, log, now, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Lock, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "istio-17860",
    summary: "a restart waits with the lock that the status loop needs: an exit is not taken",
    source: "Istio #17860",
    checked_by: "the exit of an epoch is taken at once",
    finder: Finder::Any,
    variants: variants! {
        "istio-17860" Shipped: agent(Wait::UnderTheLock);
        "istio-17860-fixed" Fixed: agent(Wait::Unlocked);
    },
};

const LOOKS_EVERY: Duration = ms(500);
const LOOKS_FOR: Duration = s(60);
/// The loop's turn may be late.
const TOLERANCE: Duration = ms(20);

#[derive(Clone, Copy)]
enum Wait {
    UnderTheLock,
    Unlocked,
}

/// A proxy is started, and started anew a little later.
async fn agent(wait: Wait) {
    let agent = Rc::new(Agent {
        wait,
        lock: Lock::new(),
        active: RefCell::default(),
        live: Cell::new(0),
        exits: Channel::new(0),
    });
    let status_loop = spawn_named("status loop", Rc::clone(&agent).take_exits());
    agent.restart(1).await;
    sleep(ms(50)..=ms(1_000)).await;
    agent.restart(2).await;
    all_end([status_loop]).await;
}

struct Agent {
    wait: Wait,
    lock: Lock,
    /// The epochs that have begun, and whose exit was not taken.
    active: RefCell<Vec<u32>>,
    /// The last epoch that was live.
    live: Cell<u32>,
    /// Which epoch has exited, and when.
    exits: Rc<Channel<(u32, Instant)>>,
}

impl Agent {
    async fn restart(self: &Rc<Self>, epoch: u32) {
        self.lock.lock().await;
        let before = self.active.borrow().last().copied();
        self.active.borrow_mut().push(epoch);
        if let Some(before) = before {
            match self.wait {
                Wait::UnderTheLock => self.until_live(before).await,
                Wait::Unlocked => {
                    self.lock.unlock();
                    self.until_live(before).await;
                    self.lock.lock().await;
                }
            }
        }
        spawn_named("proxy", Rc::clone(self).run_proxy(epoch));
        self.lock.unlock();
    }

    /// Waits until an epoch is live or has exited, and no longer than a minute.
    async fn until_live(&self, epoch: u32) {
        let end = now() + LOOKS_FOR;
        while let Either::Left(()) = select(sleep(LOOKS_EVERY), deadheat::sleep_until(end)).await {
            if self.live.get() >= epoch || !self.active.borrow().contains(&epoch) {
                return;
            }
        }
        log("timed out waiting for an epoch to go live");
    }

    /// An epoch gets live, or exits before, and exits at some time.
    async fn run_proxy(self: Rc<Self>, epoch: u32) {
        let gets_live = sleep(ms(200)..=ms(3_000));
        let exits = sleep(ms(100)..=ms(4_000));
        if let Either::Left(()) = select(gets_live, exits).await {
            self.live.set(epoch);
            sleep(ms(100)..=ms(4_000)).await;
        }
        self.exits.send((epoch, now())).await;
    }

    async fn take_exits(self: Rc<Self>) {
        for _ in 0..2 {
            let Some((epoch, exited)) = self.exits.receive().await else {
                return;
            };
            self.lock.lock().await;
            self.active.borrow_mut().retain(|active| *active != epoch);
            self.lock.unlock();
            let waited = now().saturating_duration_since(exited);
            always(waited <= TOLERANCE, || {
                "the exit of an epoch was not taken".to_owned()
            });
        }
    }
}
