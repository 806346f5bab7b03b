//! A lock is handed to a future that nobody polls (Oxide RFD 609 "futurelock", omicron #9259).
//!
//! `select!` on `&mut lock_future` and a timer: the timer wins, and the handler waits for the same lock.
//! But the future that lost is still there, because it was given by reference, and it still stands first in
//! the mutex's queue. When the lock is free it is handed to that future, whose task waits in the handler:
//! neither ever goes on.
//!
//! The fix is to give the future away instead of a reference to it, so that it is dropped as it loses.
//!
//! The mutex is a semaphore of one permit, as tokio's is.

use std::rc::Rc;

use deadheat::program::waiting_for;
use deadheat::{log, sleep, spawn_named};

use super::permits::Permits;
use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "futurelock",
    summary: "a mutex is handed to a future that lost a select! and is not polled any more",
    source: "Oxide RFD 609, omicron #9259",
    checked_by: "whoever waits for the lock gets it",
    finder: Finder::Point,
    variants: variants! {
        "futurelock" Shipped: maintenance(Loser::Kept);
        "futurelock-fixed" Fixed: maintenance(Loser::Dropped);
    },
};

/// What becomes of the future that lost.
#[derive(Clone, Copy)]
enum Loser {
    /// `select!` had a reference to it.
    Kept,
    /// `select!` had the future itself.
    Dropped,
}

/// Somebody holds the lock for a while; `main` wants it, and tries another way if it takes long.
async fn maintenance(loser: Loser) {
    let lock = Permits::new(1);
    let held = Rc::clone(&lock);
    spawn_named("holder", async move {
        held.acquire().await;
        sleep(ms(23)..=ms(310)).await;
        held.release();
    });
    sleep(ms(7)..=ms(20)).await;
    let mut first_try = Box::pin(use_resource(Rc::clone(&lock)));
    let timed_out = match loser {
        Loser::Kept => select(&mut first_try, sleep(ms(100))).await,
        Loser::Dropped => select(first_try, sleep(ms(100))).await,
    };
    if let Either::Right(()) = timed_out {
        log("the lock takes long: another way");
        use_resource(lock).await;
    }
}

/// Something short, under the lock.
async fn use_resource(lock: Rc<Permits>) {
    waiting_for("the lock".into(), lock.acquire()).await;
    lock.release();
}
