//! A timeout that is meant to be none overflows (tokio, in three rounds: PR #3551, #4495, #5710).
//!
//! "No timeout" is often written as a very long one. tokio added it to the present moment, and panicked
//! where the sum did not fit. #3551 made of such a sum a moment thirty years from now. But one that just
//! fits was too far for the timer wheel, which counts milliseconds in 64 bits, and panicked there. #4495
//! took the largest number instead, and that number is how an entry says that it has fired (#5183).
//!
//! #5710 ends the scale below the numbers that mean something else. (netty's wheel, #7760, let the sum
//! wrap around: a timer of `Long.MAX_VALUE` fired at once, again and again.)

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use deadheat::{Instant, always, log, now, random, sleep, sleep_until};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "far-future-overflow",
    summary: "a timeout so long that it means none panics or fires at once",
    source: "tokio PR #3551, #4495, #5710; netty #7760",
    checked_by: "a timeout never fires before its time",
    finder: Finder::Any,
    variants: variants! {
        "far-future-overflow" Shipped: request(Range::NoneMayOverflow);
        "far-future-overflow-incomplete" Incomplete: request(Range::SumMayOverflow);
        "far-future-overflow-incomplete-2" Incomplete: request(Range::TicksMayOverflow);
        "far-future-overflow-fixed" Fixed: request(Range::TicksEndBelowSignals);
    },
};

/// What a delay may be.
#[derive(Clone, Copy)]
enum Range {
    /// Up to 1.2.
    NoneMayOverflow,
    /// From 1.3 on (#3551): a sum that does not fit is a moment far from now.
    SumMayOverflow,
    /// From 1.17 on (#4495): ticks that do not fit are the largest number.
    TicksMayOverflow,
    /// From 1.29 on (#5710): ticks end before the numbers that mean something else.
    TicksEndBelowSignals,
}

/// What people write for "no timeout", and for a timeout.
const DELAYS: [Duration; 6] = [
    ms(100),
    Duration::from_nanos(u64::MAX),
    ms(u64::MAX),
    Duration::from_secs(u64::MAX / 10),
    Duration::from_secs(u64::MAX),
    Duration::MAX,
];

async fn request(range: Range) {
    sleep(ms(7)..=ms(90)).await;
    let delay = DELAYS[random(DELAYS.len() as u64) as usize];
    let reply = sleep(ms(7)..=ms(130));
    let called = now();
    if !timeout(range, delay, reply).await {
        let in_time = now().saturating_duration_since(called) >= delay;
        always(in_time, || "a timeout fired before its time".to_owned());
    }
}

/// `tokio::time::timeout`; whether the future came first.
async fn timeout(range: Range, delay: Duration, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let mut timer = pin!(wheel_sleep(range, delay));
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
async fn wheel_sleep(range: Range, delay: Duration) {
    let since_start = now().saturating_duration_since(Instant::START);
    let sum = since_start.checked_add(delay).filter(|sum| *sum <= LATEST);
    let deadline = match range {
        Range::NoneMayOverflow => sum.expect("overflow when adding duration to instant"),
        _ => sum.unwrap_or(since_start + THIRTY_YEARS),
    };
    // An entry is not early: what is not a whole millisecond is rounded up.
    let ticks = u64::try_from(deadline.as_nanos().div_ceil(1_000_000));
    let entry = match range {
        Range::NoneMayOverflow | Range::SumMayOverflow => {
            ticks.expect("duration too far into the future")
        }
        Range::TicksMayOverflow => ticks.unwrap_or(u64::MAX),
        Range::TicksEndBelowSignals => ticks.unwrap_or(LAST).min(LAST),
    };
    if entry != FIRED {
        sleep_until(Instant::START + ms(entry)).await;
    }
    log("the entry has fired");
}

/// The latest moment that the system's clock can tell.
const LATEST: Duration = Duration::from_secs(i64::MAX as u64);
const THIRTY_YEARS: Duration = Duration::from_secs(86_400 * 365 * 30);
