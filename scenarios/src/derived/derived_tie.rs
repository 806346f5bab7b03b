//! Two deadlines meet that both follow from a latency.
//!
//! A lookup takes 10 ms to 20 ms, and what it found is kept for 5 ms from then on. Another lookup takes as long, and
//! its result is checked after 7 ms. If the one ends at the very instant at which the other is checked, the program
//! takes the two for the same. Uniform latencies are equal to the nanosecond in none of many runs.
//!
//! The fixed twin tells them apart by their numbers instead of by their instants.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::{never, sleep, spawn_named};

use super::{Exhibit, Finder, ToldBy, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "derived-tie",
    summary: "two deadlines meet, each of which is counted from the end of a latency",
    source: "a program for the solver",
    checked_by: "what ends is told from what is checked",
    finder: Finder::Tie,
    variants: variants! {
        "derived-tie" Shipped: two_lookups(ToldBy::Instant);
        "derived-tie-fixed" Fixed: two_lookups(ToldBy::Number);
    },
};

async fn two_lookups(told: ToldBy) {
    let ended = Rc::new(Cell::new(0));
    let mark = Rc::clone(&ended);
    let kept = spawn_named("kept", async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(5)).await;
        mark.set(told.mark(1));
    });
    let checked = spawn_named("checked", async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(7)).await;
        never(ended.get() == told.mark(2), || {
            "two lookups are taken for the same".to_owned()
        });
    });
    kept.await.ok();
    checked.await.ok();
}
