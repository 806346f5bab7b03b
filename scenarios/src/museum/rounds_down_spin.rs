//! What is left of a delay is rounded down to nothing (asyncio #106; over-corrected in calloop #142).
//!
//! An event loop waits with a system call that takes whole milliseconds. With 0.4 ms to go asyncio asked
//! for 0, got control back at once, found the timer not due yet, and asked again: it went round at full
//! speed until the clock had caught up. (mio and ceph #60265 did the same.)
//!
//! calloop rounded up by adding one, always: then a timer that was due already waited a millisecond for
//! nothing. Right is to round up what is not whole.

use std::time::Duration;

use deadheat::program::busy;
use deadheat::{Instant, always, log, now, sleep, yield_now};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "rounds-down-spin",
    summary: "a wait for less than a millisecond is none, and the event loop spins",
    source: "asyncio #106, ceph #60265; calloop #142",
    checked_by: "a loop that has nothing to do waits, and one that has something does not",
    finder: Finder::Clock,
    variants: variants! {
        "rounds-down-spin" Shipped: event_loop(Rounding::Down);
        "rounds-down-spin-incomplete" Incomplete: event_loop(Rounding::AddOne);
        "rounds-down-spin-fixed" Fixed: event_loop(Rounding::Up);
    },
};

/// How the time to the next timer becomes the milliseconds of a system call.
#[derive(Clone, Copy)]
enum Rounding {
    /// asyncio before #106.
    Down,
    /// calloop 0.10.
    AddOne,
    Up,
}

/// Rounds without anything to do after which the loop spins.
const IDLE_MAX: u32 = 3;

/// An event loop with two timers, whose callbacks take their time.
async fn event_loop(rounding: Rounding) {
    let periods = [7, 11].map(ms);
    let mut deadlines = periods.map(|period| now() + period);
    let mut idle = 0;
    while now() < Instant::START + ms(60) {
        let next = deadlines.into_iter().min().unwrap_or_default();
        let left = next.saturating_duration_since(now());
        let timeout = milliseconds(left, rounding);
        always(!left.is_zero() || timeout == 0, || {
            "a timer is due, and the loop waits".to_owned()
        });
        poll_system(timeout).await;
        idle += 1;
        for (deadline, period) in deadlines.iter_mut().zip(periods) {
            if *deadline <= now() {
                log("callback");
                busy(Duration::ZERO..=Duration::from_micros(4_700));
                *deadline = now() + period;
                idle = 0;
            }
        }
        always(idle <= IDLE_MAX, || {
            "the loop goes round with nothing to do".to_owned()
        });
        if idle > IDLE_MAX {
            break;
        }
    }
}

fn milliseconds(left: Duration, rounding: Rounding) -> u64 {
    let whole = left.as_millis() as u64;
    match rounding {
        Rounding::Down => whole,
        Rounding::AddOne => whole + 1,
        Rounding::Up if left > ms(whole) => whole + 1,
        Rounding::Up => whole,
    }
}

/// `epoll_wait`, while there are no events. One that does not wait takes a moment, too.
async fn poll_system(timeout: u64) {
    if timeout > 0 {
        sleep(ms(timeout)).await;
    } else {
        busy(Duration::from_micros(7));
        yield_now().await;
    }
}
