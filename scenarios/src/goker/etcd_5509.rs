//! A call finds the client closed, and leaves with its lock (etcd #5509; GoKer etcd/5509).
//!
//! A call of etcd's client locks the client to take its connection. As shipped, one that found the client closed
//! returned its error with the lock held. Whoever locked the client then, as a second `Close` does, waited for ever.
//!
//! With the fix the lock is given back on that way out, too.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::{log, sleep, spawn_named};

use super::{Exhibit, Finder, Lock, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "etcd-5509",
    summary: "a call that finds the client closed returns with the client locked",
    source: "etcd #5509",
    checked_by: "whoever waits for the lock gets it",
    finder: Finder::Any,
    variants: variants! {
        "etcd-5509" Shipped: closing(WayOut::Locked);
        "etcd-5509-fixed" Fixed: closing(WayOut::Unlocked);
    },
};

/// In which state a call that failed leaves the client.
#[derive(Clone, Copy)]
enum WayOut {
    Locked,
    Unlocked,
}

/// Two calls, while somebody closes the client; at the end it is closed once more.
async fn closing(way_out: WayOut) {
    let client = Rc::new(Client {
        lock: Lock::new(),
        is_open: Cell::new(true),
        way_out,
    });
    let closed = Rc::clone(&client);
    let closer = spawn_named("closer", async move {
        sleep(ms(1)..=ms(50)).await;
        closed.close().await;
    });
    for _ in 0..2 {
        sleep(ms(1)..=ms(20)).await;
        client.put().await;
    }
    client.close().await;
    closer.await.ok();
}

struct Client {
    lock: Lock,
    is_open: Cell<bool>,
    way_out: WayOut,
}

impl Client {
    async fn put(&self) {
        self.lock.lock().await;
        if !self.is_open.get() {
            log("the client is closed");
            if let WayOut::Unlocked = self.way_out {
                self.lock.unlock();
            }
            return;
        }
        self.lock.unlock();
        sleep(ms(1)..=ms(10)).await; // the call
    }

    async fn close(&self) {
        self.lock.lock().await;
        self.is_open.set(false);
        self.lock.unlock();
    }
}
