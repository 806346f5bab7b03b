//! A rows iterator that is left half way is never closed (CockroachDB #13755; GoKer cockroach/13755).
//!
//! A query's rows are read one after the other. The iterator closes itself once there is no more row, and a goroutine
//! waits for that to give the query's connection back. As shipped, a reader that was cancelled between two rows left
//! the loop, and nobody closed the iterator.
//!
//! With the fix the reader closes it, whichever way it leaves.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::program::waiting_for;
use deadheat::{JoinHandle, log, sleep, spawn_named};

use super::{Exhibit, Finder, Flag, all_end, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "cockroach-13755",
    summary: "a reader leaves between two rows and does not close them: who waits for that stays",
    source: "CockroachDB #13755",
    checked_by: "rows are closed",
    finder: Finder::Any,
    variants: variants! {
        "cockroach-13755" Shipped: query(Reader::Leaves);
        "cockroach-13755-fixed" Fixed: query(Reader::Closes);
    },
};

#[derive(Clone, Copy)]
enum Reader {
    Leaves,
    Closes,
}

const ROWS: u32 = 10;

async fn query(reader: Reader) {
    let cancelled = Rc::new(Flag::default());
    let cancel = Rc::clone(&cancelled);
    spawn_named("client", async move {
        sleep(ms(5)..=ms(100)).await;
        cancel.set();
    });
    let (rows, watcher) = Rows::open();
    read(&rows, reader, &cancelled).await;
    all_end([watcher]).await;
}

async fn read(rows: &Rows, reader: Reader, cancelled: &Flag) {
    while rows.next().await {
        if cancelled.is_set() {
            log("cancelled between two rows");
            if let Reader::Closes = reader {
                rows.closed.set();
            }
            return;
        }
    }
}

struct Rows {
    closed: Rc<Flag>,
    left: Cell<u32>,
}

impl Rows {
    /// The rows of a query, and who waits until they are closed.
    fn open() -> (Self, JoinHandle<()>) {
        let closed = Rc::new(Flag::default());
        let watched = Rc::clone(&closed);
        let watcher = spawn_named("watcher", async move {
            waiting_for("the rows to be closed".into(), watched.wait()).await;
        });
        let left = Cell::new(ROWS);
        (Rows { closed, left }, watcher)
    }

    /// Whether there is one more row; where there is none the rows are closed.
    async fn next(&self) -> bool {
        sleep(ms(1)..=ms(5)).await;
        if self.left.get() == 0 {
            self.closed.set();
            return false;
        }
        self.left.set(self.left.get() - 1);
        true
    }
}
