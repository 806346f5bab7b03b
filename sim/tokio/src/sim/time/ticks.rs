//! tokio's ticks of 1 ms, for who wants a run to round as tokio does, and for who waits actively.
//!
//! On tokio a sleep for no time, or for a nanosecond, lasts until the next tick. A task that waits actively by such sleeps
//! lets time pass there, but in a run that is exact to the nanosecond it would not, or by steps that nobody lives to see
//! the end of. So once very many short sleeps have begun in one tick, those of this run last until the next one.

use std::cell::Cell;

use deadheat::Instant;
use deadheat::program::SimClock;

const TICK: i64 = 1_000_000;

thread_local! {
    /// The run on this thread in which timers tick.
    static TICKING: Cell<Option<SimClock>> = const { Cell::new(None) };
}

/// Rounds the deadlines of this run's timers up to whole milliseconds from now on, as tokio's timers do, or
/// keeps them exact to the nanosecond, as they are at the start of each run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     tokio::time::sleep(Duration::from_micros(1)).await;
///     assert_eq!(deadheat::now().as_nanos(), 1_000);
///     tokio::time::millisecond_ticks(true);
///     tokio::time::sleep(Duration::from_micros(1)).await;
///     assert_eq!(deadheat::now().as_nanos(), 1_000_000);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn millisecond_ticks(on: bool) {
    let clock = deadheat::clock();
    TICKING.set(on.then_some(clock));
}

/// How many short sleeps may begin in one tick before they are taken for active waiting. It is more than programs begin
/// there whose tasks each sleep a few times.
const SHORT_MANY: u32 = 10_000;

/// The short sleeps that have begun in a run.
#[derive(Debug, Clone, Copy)]
struct Short {
    run: SimClock,
    tick: i64,
    begun: u32,
}

thread_local! {
    static SHORT: Cell<Option<Short>> = const { Cell::new(None) };
}

/// When a timer that begins to wait now is due. The clock is read once for it.
#[inline]
pub(super) fn begun(clock: SimClock, due: Instant, now: Instant) -> Instant {
    match due.as_nanos() < now.as_nanos().saturating_add(TICK) {
        false => due,
        true => short(clock, due, now.as_nanos()),
    }
}

/// The same, of one that waits for less than a tick.
#[cold]
#[inline(never)]
fn short(clock: SimClock, due: Instant, now: i64) -> Instant {
    let tick = now.div_euclid(TICK);
    // What was due before this tick is over on tokio, too.
    if due.as_nanos() < tick * TICK {
        return due;
    }
    let before = SHORT.get().filter(|before| before.run == clock);
    let begun = match before {
        // Who has waited actively once goes on with it.
        Some(before) if before.tick == tick || before.begun > SHORT_MANY => before.begun,
        _ => 0,
    };
    let begun = begun.saturating_add(1);
    SHORT.set(Some(Short {
        run: clock,
        tick,
        begun,
    }));
    if begun <= SHORT_MANY {
        return due;
    }
    let next = due.as_nanos().div_euclid(TICK);
    let next = match due.as_nanos() > now && due.as_nanos() == next * TICK {
        true => next,
        false => next.saturating_add(1),
    };
    Instant::from_nanos(next.saturating_mul(TICK))
}

/// When a timer with this deadline is due.
pub(super) fn due(clock: SimClock, deadline: Instant) -> Instant {
    if TICKING.get() != Some(clock) {
        return deadline;
    }
    let nanos = deadline.as_nanos();
    let beyond = nanos.rem_euclid(TICK);
    match beyond {
        0 => deadline,
        _ => Instant::from_nanos(nanos.saturating_add(TICK - beyond)),
    }
}
