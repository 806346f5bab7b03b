//! A watch has an error to tell, and whoever was to hear it has left (Kubernetes #25331; GoKer kubernetes/25331).
//!
//! A watch sends what happens over a channel, and at its end the error that ended it. As shipped, it sent that without
//! a look at the cancel. A client that had stopped the watch did not read any more, and the watch waited to send.
//!
//! With the fix the send ends by the cancel as well.

use std::rc::Rc;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, all_end, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "kubernetes-25331",
    summary: "a watch sends its error to a client that has stopped it",
    source: "Kubernetes #25331",
    checked_by: "the watch ends",
    finder: Finder::Any,
    variants: variants! {
        "kubernetes-25331" Shipped: watch(LastSend::Always);
        "kubernetes-25331-fixed" Fixed: watch(LastSend::UnlessCancelled);
    },
};

/// How the error is sent.
#[derive(Clone, Copy)]
enum LastSend {
    Always,
    UnlessCancelled,
}

/// A client reads until the watch ends, or until it has seen enough.
async fn watch(last_send: LastSend) {
    let results = Channel::new(0);
    let cancelled = Rc::new(Flag::default());
    let runs = run(last_send, results.clone(), cancelled.clone());
    let runs = spawn_named("watch", runs);
    let enough = sleep(ms(10)..=ms(150));
    select(read(results), enough).await;
    log("the client stops the watch");
    cancelled.set();
    all_end([runs]).await;
}

async fn read(results: Rc<Channel<Result<(), ()>>>) {
    while let Some(Ok(())) = results.receive().await {}
}

async fn run(last_send: LastSend, results: Rc<Channel<Result<(), ()>>>, cancelled: Rc<Flag>) {
    for _ in 0..3 {
        sleep(ms(5)..=ms(40)).await;
        if let Either::Right(()) = select(results.send(Ok(())), cancelled.wait()).await {
            return;
        }
    }
    sleep(ms(5)..=ms(40)).await; // the connection breaks
    match last_send {
        LastSend::Always => results.send(Err(())).await,
        LastSend::UnlessCancelled => {
            select(results.send(Err(())), cancelled.wait()).await;
        }
    }
}
