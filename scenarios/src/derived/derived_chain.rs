//! The end of a chain of latencies meets a deadline that follows from another one.
//!
//! Three tries take 3 ms to 9 ms each, with a back-off of 10 ms after each of them. A lease is granted after 1 ms to
//! 20 ms and ends 41 ms later. If the lease ends at the very instant at which the last back-off does, the program takes
//! the lease's end for the try's. Four latencies have to add up.
//!
//! The fixed twin tells them apart by their numbers instead of by their instants.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::{never, sleep, spawn_named};

use super::{Exhibit, Finder, ToldBy, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "derived-chain",
    summary: "the end of three tries meets the end of a lease: four latencies add up",
    source: "a program for the solver",
    checked_by: "the lease's end is told from the tries'",
    finder: Finder::Tie,
    variants: variants! {
        "derived-chain" Shipped: tries_and_lease(ToldBy::Instant);
        "derived-chain-fixed" Fixed: tries_and_lease(ToldBy::Number);
    },
};

async fn tries_and_lease(told: ToldBy) {
    let ended = Rc::new(Cell::new(0));
    let mark = Rc::clone(&ended);
    let tries = spawn_named("tries", async move {
        for _ in 0..3 {
            sleep(ms(3)..=ms(9)).await;
            sleep(ms(10)).await;
        }
        mark.set(told.mark(1));
    });
    let lease = spawn_named("lease", async move {
        sleep(ms(1)..=ms(20)).await;
        sleep(ms(41)).await;
        never(ended.get() == told.mark(2), || {
            "the lease's end is taken for the tries'".to_owned()
        });
    });
    tries.await.ok();
    lease.await.ok();
}
