//! A dial is cancelled, and its connection goes on trying (gRPC-Go #862; GoKer grpc/862).
//!
//! `DialContext` makes a connection whose loop tries to reach the server, with a back-off after each try that failed.
//! The loop has a context of its own. As shipped, a dial whose caller gave up returned an error, and nobody closed the
//! connection: its loop lived on.
//!
//! With the fix a dial that returns an error closes the connection. The back-off is gRPC's own: one second at first,
//! each one 1.6 times the one before.

use std::cell::Cell;
use std::rc::Rc;

use deadheat::{always, log, sleep, spawn_named};

use super::{Either, Exhibit, Finder, Flag, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "grpc-862",
    summary: "a dial is cancelled, and the back-off loop of its connection lives on",
    source: "gRPC-Go #862",
    checked_by: "nobody tries to connect for a dial that has failed",
    finder: Finder::Any,
    variants: variants! {
        "grpc-862" Shipped: dial(Failed::Returns);
        "grpc-862-fixed" Fixed: dial(Failed::Closes);
    },
};

/// What a dial does that was cancelled.
#[derive(Clone, Copy)]
enum Failed {
    Returns,
    Closes,
}

/// A dial to a server that comes up after a few tries, and a caller that may give up before.
async fn dial(failed: Failed) {
    let connection = Rc::new(Connection::default());
    let tries = spawn_named("connection", Rc::clone(&connection).connect());
    let gives_up = sleep(ms(500)..=s(10));
    if let Either::Right(()) = select(connection.ready.wait(), gives_up).await {
        log("the dial was cancelled");
        connection.dial_failed.set(true);
        if let Failed::Closes = failed {
            connection.closed.set();
        }
    }
    all_end([tries]).await;
}

#[derive(Default)]
struct Connection {
    ready: Flag,
    closed: Flag,
    dial_failed: Cell<bool>,
}

impl Connection {
    /// Four tries, of which the last one succeeds.
    async fn connect(self: Rc<Self>) {
        for backoff in [ms(1_000), ms(1_600), ms(2_560)] {
            if self.closed.is_set() {
                return;
            }
            always(!self.dial_failed.get(), || {
                "a connection is tried whose dial has failed".to_owned()
            });
            sleep(ms(1)..=ms(100)).await; // refused
            select(sleep(backoff), self.closed.wait()).await;
        }
        self.ready.set();
    }
}
