//! The stop comes while a probe is under way, and nobody drains its result (Moby #33781; GoKer moby/33781).
//!
//! A container's health is probed every thirty seconds, by a goroutine that sends the result over a channel without a
//! buffer. Where the container was stopped meanwhile, the monitor cancelled the probe and left: the probe's result was
//! received by nobody.
//!
//! The fix is a buffer of one. Interval and timeout are Docker's own.

use std::rc::Rc;
use std::time::Duration;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "moby-33781",
    summary: "a container is stopped during a probe, whose result nobody receives",
    source: "Moby #33781",
    checked_by: "every probe ends",
    finder: Finder::Point,
    variants: variants! {
        "moby-33781" Shipped: container(0);
        "moby-33781-fixed" Fixed: container(1);
    },
};

const INTERVAL: Duration = s(30);
const TIMEOUT: Duration = s(30);

async fn container(buffer: usize) {
    let stopped = Rc::new(Flag::default());
    let stop = Rc::clone(&stopped);
    spawn_named("docker stop", async move {
        sleep(s(10)..=s(150)).await;
        stop.set();
    });
    while let Either::Left(()) = select(sleep(INTERVAL), stopped.wait()).await {
        let results = Channel::new(buffer);
        let cancelled = Rc::new(Flag::default());
        let probed = spawn_named("probe", probe(results.clone(), cancelled.clone()));
        let ended = select(results.receive(), sleep(TIMEOUT));
        match select(ended, stopped.wait()).await {
            Either::Left(Either::Left(_)) => {}
            Either::Left(Either::Right(())) => {
                cancelled.set();
                results.receive().await;
            }
            Either::Right(()) => {
                log("stopped during a probe");
                cancelled.set();
                return all_end([probed]).await;
            }
        }
    }
}

/// A command in the container. One that is cancelled has a result, too.
async fn probe(results: Rc<Channel<()>>, cancelled: Rc<Flag>) {
    select(sleep(ms(50)..=s(5)), cancelled.wait()).await;
    results.send(()).await;
}
