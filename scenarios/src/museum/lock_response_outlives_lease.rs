//! A lock is granted to a client whose lease is over by the time it hears of it (etcd #9921, #11456).
//!
//! A lock of etcd rests on a lease: if a client is not heard of for as long as that, the server takes its lock away.
//! A client asks for the lock and waits its turn. As shipped, it took the answer for the lock, however long the answer
//! had taken; its lease might have ended meanwhile, and the lock be somebody else's by then.
//!
//! The fix has the client compare its lease with the clock as the answer comes, and stop when the lease ends.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{Instant, always, log, now, sleep, sleep_until, spawn_named};

use super::flag::Flag;
use super::permits::Permits;
use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "lock-response-outlives-lease",
    summary: "the answer to a lock request comes after the end of the lease that the lock rests on",
    source: "etcd #9921, #11456",
    checked_by: "at most one client works under the lock",
    finder: Finder::Any,
    variants: variants! {
        "lock-response-outlives-lease" Shipped: clients(Answer::Believed);
        "lock-response-outlives-lease-fixed" Fixed: clients(Answer::Compared);
    },
};

const TTL: Duration = ms(10_000);
/// A client's timer may be late, which it allows for.
const MARGIN: Duration = ms(100);

/// What a client does with the answer to its request.
#[derive(Clone, Copy)]
enum Answer {
    Believed,
    Compared,
}

/// Three clients, one after the other. None of them renews its lease: the network is bad.
async fn clients(answer: Answer) {
    let server = Rc::new(Server {
        lock: Permits::new(1),
        working: Cell::new(0),
    });
    let mut clients = Vec::new();
    for name in ["first", "second", "third"] {
        clients.push(spawn_named(name, client(Rc::clone(&server), answer)));
        sleep(ms(100)..=ms(1_000)).await;
    }
    for client in clients {
        client.await.ok();
    }
}

async fn client(server: Rc<Server>, answer: Answer) {
    let asked = now();
    let released = Rc::new(Flag::default());
    let granted = Rc::new(Flag::default());
    travel().await;
    let request = Request {
        server: Rc::clone(&server),
        lease_end: now() + TTL,
        granted: Rc::clone(&granted),
        released: Rc::clone(&released),
    };
    spawn_named("request", request.serve());
    // The client counts from before it asked, so that its lease ends no later by its own account than by the server's.
    let sure_until = asked + (TTL - MARGIN);
    if let Either::Right(()) = select(granted.wait(), sleep(ms(30_000))).await {
        return;
    }
    travel().await;
    let is_over = now() >= sure_until;
    if is_over && matches!(answer, Answer::Compared) {
        return log("the lease has ended meanwhile");
    }
    server.working.set(server.working.get() + 1);
    always(server.working.get() <= 1, || {
        "two clients work under the lock".to_owned()
    });
    let work = sleep(ms(1_000)..=ms(6_000));
    match answer {
        Answer::Believed => work.await,
        Answer::Compared => {
            select(work, sleep_until(sure_until)).await;
        }
    }
    server.working.set(server.working.get() - 1);
    travel().await;
    released.set();
}

struct Server {
    lock: Rc<Permits>,
    /// How many clients work under the lock.
    working: Cell<u32>,
}

/// A request for the lock, as the server has it.
struct Request {
    server: Rc<Server>,
    lease_end: Instant,
    granted: Rc<Flag>,
    released: Rc<Flag>,
}

impl Request {
    /// Grants the lock in its turn, and takes it back when it is released or the lease ends.
    async fn serve(self) {
        let turn = self.server.lock.acquire();
        if let Either::Right(()) = select(turn, sleep_until(self.lease_end)).await {
            return log("a lease ended before its turn");
        }
        self.granted.set();
        select(self.released.wait(), sleep_until(self.lease_end)).await;
        self.server.lock.release();
    }
}

async fn travel() {
    sleep(ms(5)..=ms(300)).await;
}
