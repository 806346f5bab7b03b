//! A transaction's watcher waits for an end that nobody tells it of (CockroachDB #13197; GoKer cockroach/13197).
//!
//! Go's `sql.DB` starts a goroutine with each transaction that waits until the transaction's context is done. It is
//! done by a commit, a rollback, or a cancel from outside. As shipped, the caller left a transaction in which a
//! statement had been cancelled without doing either, and its watcher stayed.
//!
//! The fix is a rollback on every way out.

use std::rc::Rc;

use deadheat::program::waiting_for;
use deadheat::{JoinHandle, log, sleep, spawn_named};

use super::{Either, Exhibit, Finder, Flag, all_end, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "cockroach-13197",
    summary: "a statement is cancelled, its transaction is left open, and the watcher of that one stays",
    source: "CockroachDB #13197",
    checked_by: "a transaction's watcher is told of its end",
    finder: Finder::Any,
    variants: variants! {
        "cockroach-13197" Shipped: transfer(WayOut::Leaves);
        "cockroach-13197-fixed" Fixed: transfer(WayOut::RollsBack);
    },
};

/// What a caller does whose statement was cancelled.
#[derive(Clone, Copy)]
enum WayOut {
    Leaves,
    RollsBack,
}

/// Three statements in a transaction, and somebody who may cancel them.
async fn transfer(way_out: WayOut) {
    let cancelled = Rc::new(Flag::default());
    let cancel = Rc::clone(&cancelled);
    spawn_named("client", async move {
        sleep(ms(5)..=ms(100)).await;
        cancel.set();
    });
    let (transaction, watcher) = Transaction::begin();
    statements(&transaction, way_out, &cancelled).await;
    all_end([watcher]).await;
}

async fn statements(transaction: &Transaction, way_out: WayOut, cancelled: &Flag) {
    for _ in 0..3 {
        let statement = sleep(ms(5)..=ms(20));
        if let Either::Right(()) = select(statement, cancelled.wait()).await {
            log("the statement was cancelled");
            if let WayOut::RollsBack = way_out {
                transaction.done.set();
            }
            return;
        }
    }
    transaction.done.set();
}

struct Transaction {
    done: Rc<Flag>,
}

impl Transaction {
    /// A transaction, and who waits for its end.
    fn begin() -> (Self, JoinHandle<()>) {
        let done = Rc::new(Flag::default());
        let watched = Rc::clone(&done);
        let watcher = spawn_named("watcher", async move {
            waiting_for("the end of a transaction".into(), watched.wait()).await;
        });
        (Transaction { done }, watcher)
    }
}
