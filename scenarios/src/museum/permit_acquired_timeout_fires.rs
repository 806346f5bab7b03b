//! A permit is acquired, the timeout fires, and nobody has the permit (kotlinx.coroutines #2233; documented
//! by PR #2252).
//!
//! `withTimeout(25) { acquire(); true }` looks like an acquire with a timeout. But a semaphore hands the
//! permit over before the waiting coroutine runs, and a result of the block that comes after the deadline
//! has fired is no result: `withTimeout` throws. The block had the permit, and whoever was to release it
//! believes that there is none.
//!
//! That a cancel wins over a result is Kotlin's documented choice, so the mistake is in the caller: what is
//! acquired inside has to be noted outside of the block, and released there.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, log, sleep};
use deadheat_timeout::{Cancelled, Cx, Interrupted, Scope};

use super::permits::Permits;
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "permit-acquired-timeout-fires",
    summary: "withTimeout { acquire(); true } throws after acquire has returned",
    source: "kotlinx.coroutines #2233, PR #2252",
    checked_by: "every permit is back at the end",
    finder: Finder::Tie,
    variants: variants! {
        "permit-acquired-timeout-fires" Shipped: guests(Noted::ByResult);
        "permit-acquired-timeout-fires-fixed" Fixed: guests(Noted::OutsideTheBlock);
    },
};

/// How the caller knows that it has a permit.
#[derive(Clone, Copy)]
enum Noted {
    /// As in the issue: by what `withTimeout` returns.
    ByResult,
    /// As the documentation says since: by a variable that the block sets.
    OutsideTheBlock,
}

/// Three coroutines that share one permit, each for a while.
async fn guests(noted: Noted) {
    let permits = Permits::new(1);
    let guests = ["first", "second", "third"].map(|name| {
        let permits = Rc::clone(&permits);
        spawn_task(name, async move |cx| {
            visit(&cx, &permits, noted).await?;
            Ok::<_, Interrupted>(())
        })
    });
    for guest in guests {
        guest.ended().await.ok();
    }
    always(permits.free() == 1, || {
        "a permit never came back".to_owned()
    });
}

async fn visit(cx: &Cx<SimClock>, permits: &Permits, noted: Noted) -> Result<(), Interrupted> {
    let acquired = Cell::new(false);
    let result = with_timeout(cx, ms(25), async |scope| {
        acquire(&scope, permits).await?;
        acquired.set(true);
        Ok(())
    })
    .await;
    let permitted = match noted {
        Noted::ByResult => result.is_ok(),
        Noted::OutsideTheBlock => acquired.get(),
    };
    if acquired.get() && result.is_err() {
        log("timed out, with a permit");
    }
    if permitted {
        let used = cx.wait(sleep(ms(7)..=ms(60))).await;
        permits.release();
        used?;
    }
    Ok(())
}

/// Kotlin's `withTimeout`: once the deadline has fired, the block's own result does not count.
async fn with_timeout<F: Future<Output = Result<(), Interrupted>>>(
    cx: &Cx<SimClock>,
    limit: Duration,
    block: impl FnOnce(Scope<SimClock>) -> F,
) -> Result<(), Interrupted> {
    cx.timeout(limit, async |scope| {
        let deadline = scope.deadline().clone();
        block(scope).await?;
        if deadline.expired() {
            return Err(Cancelled::new().into());
        }
        Ok(())
    })
    .await
}

/// Kotlin's `Semaphore.acquire` as it was then: a cancel ends the wait, but not once a permit was handed over.
async fn acquire(cx: &Cx<SimClock>, permits: &Permits) -> Result<(), Cancelled> {
    let mut permit = pin!(permits.acquire_in(cx));
    match cx.wait(permit.as_mut()).await {
        Err(cancelled) if !permit.is_served() => return Err(cancelled),
        Err(_) => permit.await,
        Ok(()) => {}
    }
    Ok(())
}
