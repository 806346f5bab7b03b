//! A command that was cancelled does not take what others send it (CockroachDB #10790; GoKer cockroach/10790).
//!
//! Commands on the same keys run one after the other: a command waits for a message of each one before it. As shipped,
//! one that was cancelled while it waited left at once. The commands before it knew nothing of that, and each of them
//! waited for ever to hand over its message.
//!
//! With the fix whoever leaves has the rest of the messages drained.

use std::rc::Rc;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, all_end, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "cockroach-10790",
    summary: "a cancelled command leaves, and those before it wait for ever to hand over to it",
    source: "CockroachDB #10790",
    checked_by: "every message is received",
    finder: Finder::Any,
    variants: variants! {
        "cockroach-10790" Shipped: commands(Leaver::Goes);
        "cockroach-10790-fixed" Fixed: commands(Leaver::Drains);
    },
};

#[derive(Clone, Copy)]
enum Leaver {
    Goes,
    Drains,
}

const BEFORE: usize = 3;

async fn commands(leaver: Leaver) {
    let done = Channel::new(0);
    let cancelled = Rc::new(Flag::default());
    let earlier = (0..BEFORE).map(|_| {
        let done = Rc::clone(&done);
        spawn_named("earlier", async move {
            sleep(ms(5)..=ms(50)).await;
            done.send(()).await;
        })
    });
    let earlier: Vec<_> = earlier.collect();
    let cancel = Rc::clone(&cancelled);
    spawn_named("client", async move {
        sleep(ms(10)..=ms(100)).await;
        cancel.set();
    });
    last_command(leaver, done, &cancelled).await;
    all_end(earlier).await;
}

async fn last_command(leaver: Leaver, done: Rc<Channel<()>>, cancelled: &Flag) {
    for received in 0..BEFORE {
        if let Either::Right(()) = select(done.receive(), cancelled.wait()).await {
            log("cancelled");
            if let Leaver::Drains = leaver {
                spawn_named("drain", drain(done, BEFORE - received));
            }
            return;
        }
    }
}

async fn drain(done: Rc<Channel<()>>, many: usize) {
    for _ in 0..many {
        done.receive().await;
    }
}
