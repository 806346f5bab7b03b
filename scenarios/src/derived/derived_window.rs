//! One task comes while another is half way, and the window follows from a latency on either side.
//!
//! A writer takes 10 ms to 20 ms and 5 ms more, and is half way for 1 ms after that. A reader takes as long and 7 ms
//! more. If it comes within that millisecond it reads half of what is written; of uniform latencies, one pair in twelve
//! does that.
//!
//! In the fixed twin the reader waits until the writer is no longer half way.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::{never, sleep, spawn_named};

use crate::museum::flag::Flag;

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "derived-window",
    summary: "a reader comes while a writer is half way, each after a latency and a constant",
    source: "a program for the solver",
    checked_by: "nobody reads half of what is written",
    finder: Finder::Point,
    variants: variants! {
        "derived-window" Shipped: writer_and_reader(Reader::Reads);
        "derived-window-fixed" Fixed: writer_and_reader(Reader::Waits);
    },
};

/// What a reader does while the writer is half way.
#[derive(Clone, Copy)]
enum Reader {
    Reads,
    Waits,
}

async fn writer_and_reader(reader: Reader) {
    let half_way = Rc::new(Cell::new(false));
    let written = Rc::new(Flag::default());
    let (writing, done) = (Rc::clone(&half_way), Rc::clone(&written));
    let writes = spawn_named("writer", async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(5)).await;
        writing.set(true);
        sleep(ms(1)).await;
        writing.set(false);
        done.set();
    });
    let reads = spawn_named("reader", async move {
        sleep(ms(10)..=ms(20)).await;
        sleep(ms(7)).await;
        if half_way.get() && matches!(reader, Reader::Waits) {
            written.wait().await;
        }
        never(half_way.get(), || {
            "half of what is written was read".to_owned()
        });
    });
    writes.await.ok();
    reads.await.ok();
}
