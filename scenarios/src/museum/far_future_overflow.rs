//! A timeout that is meant to be none overflows (tokio PR #3551, issue #5183; netty #7760).
//!
//! "No timeout" is often written as a very long one. tokio added it to the present moment, and panicked
//! where the sum did not fit. #3551 made that case a moment thirty years from now. But a sum that just
//! fits was then too long for the timer wheel, which counts milliseconds in 64 bits: the conversion
//! gave the largest number there is, and that number is how an entry says that it has fired. (netty's
//! wheel let the sum wrap around: a timer of `Long.MAX_VALUE` fired at once, again and again.)
//!
//! The fix ends the scale below the numbers that mean something else.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deadheat::{Instant, always, log, now, random, sleep, sleep_until};

use super::{Exhibit, Finder};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "far-future-overflow",
    summary: "a timeout so long that it means none panics or fires at once",
    source: "tokio PR #3551, issue #5183; netty #7760",
    checked_by: "a timeout never fires before its time",
    finder: Finder::Any,
    variants: variants! {
        "far-future-overflow" Shipped: request(Overflow::Panics);
        "far-future-overflow-incomplete" Incomplete: request(Overflow::OfTheSum);
        "far-future-overflow-fixed" Fixed: request(Overflow::OfTheTicks);
    },
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Overflow {
    /// Up to 1.2.
    Panics,
    /// From 1.3 on (#3551): a sum that does not fit is a moment far from now.
    OfTheSum,
    /// And so are ticks that do not fit.
    OfTheTicks,
}

/// What people write for "no timeout", and for a timeout.
const DELAYS: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_nanos(u64::MAX),
    Duration::from_millis(u64::MAX),
    Duration::from_secs(u64::MAX / 10),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

async fn request(overflow: Overflow) {
    sleep(Duration::from_millis(7)..=Duration::from_millis(90)).await;
    let delay = DELAYS[random(DELAYS.len() as u64) as usize];
    let reply = sleep(Duration::from_millis(7)..=Duration::from_millis(130));
    let called = now();
    if !timeout(overflow, delay, reply).await {
        let in_time = now().saturating_duration_since(called) >= delay;
        always(in_time, || "a timeout fired before its time".to_owned());
    }
}

/// `tokio::time::timeout`; whether the future came first.
async fn timeout(overflow: Overflow, delay: Duration, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let mut timer = pin!(wheel_sleep(overflow, delay));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(true),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| false),
    })
    .await
}

/// How an entry of the wheel says that it has fired.
const FIRED: u64 = u64::MAX;
/// The last moment of the wheel: the numbers after it mean something else.
const LAST: u64 = u64::MAX - 2;

/// `tokio::time::sleep`: an entry of the wheel, in milliseconds since the start.
async fn wheel_sleep(overflow: Overflow, delay: Duration) {
    let since_start = now().saturating_duration_since(Instant::START);
    let sum = since_start
        .checked_add(delay)
        .filter(|sum| *sum <= LATEST);
    let deadline = match overflow {
        Overflow::Panics => sum.expect("overflow when adding duration to instant"),
        _ => sum.unwrap_or(since_start + THIRTY_YEARS),
    };
    let ticks = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    let entry = match overflow {
        Overflow::OfTheTicks => ticks.min(LAST),
        _ => ticks,
    };
    if entry != FIRED {
        sleep_until(Instant::START + Duration::from_millis(entry)).await;
    }
    log("the entry has fired");
}

/// The latest moment that the system's clock can tell.
const LATEST: Duration = Duration::from_secs(i64::MAX as u64);
const THIRTY_YEARS: Duration = Duration::from_secs(86_400 * 365 * 30);
