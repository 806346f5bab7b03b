//! Leases are timed by the time of day (etcd #6700; again #12291, fixed by PR #12292 in 3.5).
//!
//! The lessor of etcd 3.0 compared the end of a lease with the wall clock. Setting that clock forward by
//! an hour ended every lease at once, while their holders went on as owners of their locks; setting it
//! back kept the locks of clients that had gone for an hour.
//!
//! From 3.1 on the end had a monotonic reading, which nobody can set. The heap of 3.4 sorted leases by
//! the nanoseconds of the wall clock again, and looked at a lease only once that time had come: the clock
//! set back kept all leases once more. The fix keeps the whole reading in the heap, too.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use deadheat::fault::WallClock;
use deadheat::{Instant, always, log, now, sleep, spawn_named};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "lease-on-wall-clock",
    summary: "the wall clock is set, and leases end at once or not at all",
    source: "etcd #6700, #12291, PR #12292",
    checked_by: "one holder at a time, and a lock is free once its lease has run out",
    finder: Finder::Clock,
    variants: variants! {
        "lease-on-wall-clock" Shipped: clients(TimedBy::TimeOfDay);
        "lease-on-wall-clock-incomplete" Incomplete: clients(TimedBy::Both);
        "lease-on-wall-clock-fixed" Fixed: clients(TimedBy::MonotonicTime);
    },
};

#[derive(Clone, Copy)]
enum TimedBy {
    /// 3.0.
    TimeOfDay,
    /// 3.4: a lease is looked at when the wall clock says so, and ends by monotonic time.
    Both,
    /// 3.5.
    MonotonicTime,
}

const TTL: Duration = Duration::from_secs(10);
/// Messages are under way, and timers may be late.
const TOLERANCE: Duration = Duration::from_secs(1);

/// A client takes a lock, renews its lease for a while, and is gone; another one waits for the lock.
async fn clients(timed: TimedBy) {
    let lessor = Rc::new(Lessor {
        timed,
        wall_clock: WallClock::new().may_jump(Duration::from_secs(3600)),
        lease_end: Cell::new(None),
    });
    // Until when the first client is sure of its lease, by its own clock.
    let sure_until = Rc::new(Cell::new(Instant::START));
    let first = spawn_named("first", hold(lessor.clone(), sure_until.clone()));
    sleep(ms(300)..=ms(2000)).await;
    while !lessor.grant().await {
        let in_vain = now() > sure_until.get() + TOLERANCE;
        always(!in_vain, || {
            "a lock is kept by a lease that is over".to_owned()
        });
        if in_vain {
            return;
        }
        sleep(ms(400)..=ms(600)).await;
    }
    always(sure_until.get() <= now(), || {
        "two clients hold the lock".to_owned()
    });
    first.await.ok();
}

async fn hold(lessor: Rc<Lessor>, sure_until: Rc<Cell<Instant>>) {
    let asked = now();
    if lessor.grant().await {
        sure_until.set(asked + TTL);
    }
    for _ in 0..3 {
        sleep(ms(3000)..=ms(3400)).await;
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
    timed: TimedBy,
    wall_clock: WallClock,
    lease_end: Cell<Option<Reading>>,
}

/// A moment, as Go's `time.Time` has it.
#[derive(Clone, Copy)]
struct Reading {
    time_of_day: SystemTime,
    monotonic: Instant,
}

impl Lessor {
    /// Whether the lock was free.
    async fn grant(&self) -> bool {
        travel().await;
        let is_free = !self.is_held();
        if is_free {
            self.start_lease();
        }
        is_free
    }

    /// Whether there was a lease to renew.
    async fn renew(&self) -> bool {
        travel().await;
        let is_held = self.is_held();
        if is_held {
            self.start_lease();
        }
        travel().await;
        is_held
    }

    fn is_held(&self) -> bool {
        let Some(end) = self.lease_end.get() else {
            return false;
        };
        let by_monotonic_time = now() <= end.monotonic;
        match self.timed {
            TimedBy::MonotonicTime => by_monotonic_time,
            TimedBy::TimeOfDay => self.wall_clock.now() <= end.time_of_day,
            TimedBy::Both => self.wall_clock.now() <= end.time_of_day || by_monotonic_time,
        }
    }

    fn start_lease(&self) {
        self.lease_end.set(Some(Reading {
            time_of_day: self.wall_clock.now() + TTL,
            monotonic: now() + TTL,
        }));
    }
}

async fn travel() {
    sleep(ms(7)..=ms(30)).await;
}
