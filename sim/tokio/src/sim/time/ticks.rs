//! tokio's ticks of 1 ms, for who wants a run to round as tokio does.

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
