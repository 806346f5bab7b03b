//! `asyncio.wait_for` drops what its child had got (CPython bpo-37658, until 3.8.6; asyncpg #467, #547).
//!
//! The other way to decide the race of `wait-for-swallows-cancel`. `wait_for` ran the awaited thing in a
//! child task; when it was itself cancelled, it cancelled the child and passed the cancel on. Where the
//! child had ended in the same turn, the child's result went nowhere: asyncpg's `pool.acquire(timeout=…)`
//! lost connections like that, which looked used for ever.
//!
//! The cancel may win, but then somebody has to undo what the child did. The fix here is the one proposed in
//! asyncpg PR #548: a connection that was acquired for nobody is released.

use std::rc::Rc;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, log, sleep, spawn_named};
use deadheat_timeout::{Cancelled, Cx, Interrupted, TaskEnd, shield};

use super::permits::Permits;
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "wait-for-drops-result",
    summary: "a cancel in the turn in which the child acquires a connection leaks the connection",
    source: "CPython bpo-37658, asyncpg #467, #547",
    checked_by: "every connection is back in the pool at the end",
    finder: Finder::Tie,
    variants: variants! {
        "wait-for-drops-result" Shipped: checkout(Leftover::Dropped);
        "wait-for-drops-result-fixed" Fixed: checkout(Leftover::Released);
    },
};

/// What becomes of a connection that was acquired for a caller who was cancelled.
#[derive(Clone, Copy, PartialEq)]
enum Leftover {
    /// As before 3.8.6.
    Dropped,
    /// As with a callback on the child that releases it.
    Released,
}

/// One connection: in use at first, and waited for by a request that somebody cancels.
async fn checkout(leftover: Leftover) {
    let pool = Permits::new(1);
    let first = Rc::clone(&pool);
    let holder = spawn_named("holder", async move {
        first.acquire().await;
        sleep(ms(7)..=ms(90)).await;
        first.release();
    });
    let second = Rc::clone(&pool);
    let request = spawn_task("request", async move |cx| {
        acquire(&cx, &second, leftover).await?;
        let queried = cx.wait(sleep(ms(31)..=ms(90))).await;
        second.release();
        queried?;
        Ok::<_, Interrupted>(())
    });
    sleep(ms(23)..=ms(200)).await;
    request.cancel();
    request.ended().await.ok();
    holder.await.ok();
    always(pool.free() == 1, || {
        "a connection never came back".to_owned()
    });
}

/// `wait_for(pool.acquire())`, without a deadline of its own. Unlike the original it waits for the child in
/// any case, so that the end of the request is the end of everything.
async fn acquire(
    cx: &Cx<SimClock>,
    pool: &Rc<Permits>,
    leftover: Leftover,
) -> Result<(), Cancelled> {
    let connections = Rc::clone(pool);
    let child = spawn_task("acquire", async move |cx| {
        cx.wait(connections.acquire_in(&cx)).await?;
        Ok::<_, Interrupted>(())
    });
    let Err(cancelled) = cx.wait(shield(&child)).await else {
        return Ok(());
    };
    child.cancel();
    child.ended().await.ok();
    if child.end() == Some(TaskEnd::Returned) {
        log("a connection was acquired for a cancelled request");
        if leftover == Leftover::Released {
            pool.release();
        }
    }
    Err(cancelled)
}
