//! `asyncio.wait_for` swallows a cancel (CPython gh-86296, bpo-42130; fixed by PR #98518 in 3.12).
//!
//! `wait_for` ran the awaited thing in a child task and waited for it. When a cancel came, it looked at
//! the child first: "if it is done, return its result". So where the child finished and the parent was
//! cancelled before the parent ran again, the result won and the cancel was gone: the parent went on as
//! if nobody had asked it to stop, and a shutdown that waited for it waited for ever.
//!
//! The fix is to let a request to cancel beat a result that is ready: 3.12 built `wait_for` on `timeout`.

use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, sleep};
use deadheat_timeout::{Cancelled, Cx, Interrupted, TaskEnd, shield};

use super::{Exhibit, Finder};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "wait-for-swallows-cancel",
    summary: "a cancel in the turn in which the awaited child ends is eaten by wait_for",
    source: "CPython gh-86296, PR #98518",
    checked_by: "a cancelled worker ends as cancelled",
    finder: Finder::Tie,
    variants: variants! {
        "wait-for-swallows-cancel" Shipped: shutdown(Waiting::ResultFirst);
        "wait-for-swallows-cancel-fixed" Fixed: shutdown(Waiting::CancelFirst);
    },
};

#[derive(Clone, Copy)]
enum Waiting {
    /// As in 3.8 to 3.11: "if the child is done, return its result".
    ResultFirst,
    /// As from 3.12 on.
    CancelFirst,
}

/// A worker handles requests until somebody cancels it.
async fn shutdown(waiting: Waiting) {
    let worker = spawn_task("worker", async move |cx| {
        for _ in 0..3 {
            wait_for_reply(&cx, waiting).await?;
        }
        // Asked to stop before the third reply, it never gets here.
        cx.wait(sleep(Duration::from_secs(60))).await?;
        Ok::<_, Interrupted>(())
    });
    sleep(Duration::from_millis(23)..=Duration::from_millis(310)).await;
    worker.cancel();
    let _ = worker.ended().await;
    let cancelled = worker.end() == Some(TaskEnd::Cancelled);
    always(cancelled, || {
        "the worker was cancelled and went on".to_owned()
    });
}

async fn wait_for_reply(cx: &Cx<SimClock>, waiting: Waiting) -> Result<(), Cancelled> {
    let child = spawn_task("request", async |cx| {
        cx.wait(sleep(Duration::from_millis(7)..=Duration::from_millis(90)))
            .await?;
        Ok::<_, Interrupted>(())
    });
    match cx.wait(shield(&child)).await {
        Ok(_) => Ok(()),
        Err(_) if matches!(waiting, Waiting::ResultFirst) && child.is_ended() => Ok(()),
        Err(cancelled) => {
            child.cancel();
            child.ended().await.ok();
            Err(cancelled)
        }
    }
}
