//! The timeout wins, and the worker sends for ever (Kubernetes #5316; GoKer kubernetes/5316).
//!
//! A request is done by a goroutine of its own, which sends the result over a channel without a buffer. After thirty
//! seconds the handler answers with a timeout and leaves. The result comes later, and nobody receives it.
//!
//! The fix is a buffer of one.

use std::rc::Rc;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "kubernetes-5316",
    summary: "a request times out, and its worker sends the result to nobody",
    source: "Kubernetes #5316",
    checked_by: "the worker ends",
    finder: Finder::Any,
    variants: variants! {
        "kubernetes-5316" Shipped: finish_request(0);
        "kubernetes-5316-fixed" Fixed: finish_request(1);
    },
};

async fn finish_request(buffer: usize) {
    let results = Channel::new(buffer);
    let result = Rc::clone(&results);
    let worker = spawn_named("worker", async move {
        sleep(ms(100)..=s(40)).await;
        result.send(()).await;
    });
    if let Either::Right(()) = select(results.receive(), sleep(s(30))).await {
        log("the request timed out");
    }
    all_end([worker]).await;
}
