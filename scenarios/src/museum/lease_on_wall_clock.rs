//! Leases are timed by the time of day (etcd #12291, fixed by PR #12292 in 3.5; also #6700).
//!
//! The lessor kept the end of each lease as a number of nanoseconds of the wall clock, and compared it
//! with that clock. Setting the clock forward by an hour ended every lease at once, while their holders
//! went on as owners of their locks; setting it back kept the locks of clients that had gone for an
//! hour.
//!
//! The fix keeps Go's `time.Time` whole, which has a monotonic reading in it that nobody can set.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use deadheat::{Instant, WallClock, always, log, now, sleep, spawn_named};

use super::{Exhibit, Finder};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "lease-on-wall-clock",
    summary: "the wall clock is set, and leases end at once or not at all",
    source: "etcd #12291, PR #12292",
    checked_by: "one holder at a time, and a lock is free once its lease has run out",
    finder: Finder::Clock,
    variants: variants! {
        "lease-on-wall-clock" Shipped: clients(Timed::ByTimeOfDay);
        "lease-on-wall-clock-fixed" Fixed: clients(Timed::ByMonotonicTime);
    },
};

#[derive(Clone, Copy)]
enum Timed {
    /// Up to 3.4.
    ByTimeOfDay,
    ByMonotonicTime,
}

const TTL: Duration = Duration::from_secs(10);
/// Messages are under way, and timers may be late.
const TOLERANCE: Duration = Duration::from_secs(1);

/// A client takes a lock, renews its lease for a while, and is gone; another one waits for the lock.
async fn clients(timed: Timed) {
    let lessor = Rc::new(Lessor {
        timed,
        wall_clock: WallClock::new().may_jump(Duration::from_secs(3600)),
        lease_end: Cell::new(None),
    });
    // Until when the first client is sure of its lease, by its own clock.
    let sure_until = Rc::new(Cell::new(Instant::START));
    let first = spawn_named("first", hold(lessor.clone(), sure_until.clone()));
    sleep(millis(300)..=millis(2000)).await;
    while !lessor.grant().await {
        let in_vain = now() > sure_until.get() + TOLERANCE;
        always(!in_vain, || "a lock is kept by a lease that is over".to_owned());
        if in_vain {
            return;
        }
        sleep(millis(400)..=millis(600)).await;
    }
    always(sure_until.get() <= now(), || "two clients hold the lock".to_owned());
    first.await.ok();
}

async fn hold(lessor: Rc<Lessor>, sure_until: Rc<Cell<Instant>>) {
    let asked = now();
    if lessor.grant().await {
        sure_until.set(asked + TTL);
    }
    for _ in 0..3 {
        sleep(millis(3000)..=millis(3400)).await;
        let asked = now();
        if !lessor.renew().await {
            log("the first client has lost its lease");
            return sure_until.set(now());
        }
        sure_until.set(asked + TTL);
    }
    log("the first client is gone");
}

/// `lease.lessor`, for one lock. A request takes its time to get there, and so does the answer.
struct Lessor {
    timed: Timed,
    wall_clock: WallClock,
    lease_end: Cell<Option<Duration>>,
}

impl Lessor {
    /// Whether the lock was free.
    async fn grant(&self) -> bool {
        travel().await;
        let time = self.time();
        let is_free = self.lease_end.get().is_none_or(|end| end < time);
        if is_free {
            self.lease_end.set(Some(time + TTL));
        }
        is_free
    }

    /// Whether there was a lease to renew.
    async fn renew(&self) -> bool {
        travel().await;
        let time = self.time();
        let is_held = self.lease_end.get().is_some_and(|end| time <= end);
        if is_held {
            self.lease_end.set(Some(time + TTL));
        }
        travel().await;
        is_held
    }

    fn time(&self) -> Duration {
        match self.timed {
            Timed::ByMonotonicTime => now().saturating_duration_since(Instant::START),
            Timed::ByTimeOfDay => {
                let since_epoch = self.wall_clock.now().duration_since(UNIX_EPOCH);
                since_epoch.unwrap_or_default()
            }
        }
    }
}

async fn travel() {
    sleep(millis(7)..=millis(30)).await;
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
