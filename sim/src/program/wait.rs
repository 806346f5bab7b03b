//! What a program waits for: a sleep, its next turn, or what it says.
//!
//! What needs a run panics outside of one, with a message that says so, as tokio's functions do outside of a
//! runtime.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use deadheat_timeout::{Clock, Place};

use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::beside;
use crate::engine::clock::{Latency, SimClock, SimTimer};
use crate::engine::inside::inside;
use crate::program::here::clock;
use crate::state::tasks::WaitsFor;
use crate::state::world;

/// Waits for a duration, or for a latency out of a range.
///
/// # Timing
///
/// The delay counts from the call. A range is a timer that is due at the low end and may be late up
/// to the high end: when it fires is decided as time passes, so that it can meet a deadline that
/// did not exist when it was armed. The dullest choice is the low end. A sum that overflows the
/// clock never ends.
///
/// # Panics
///
/// Outside of a run, and if a range ends before it starts.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, now, sleep};
/// use std::time::Duration;
///
/// let (low, high) = (Duration::from_millis(1), Duration::from_millis(20));
/// let failure = check(&Config::new(), move || async move {
///     sleep(low..=high).await;
///     assert!(now() - deadheat::Instant::START < high, "it took as long as it may");
/// });
/// assert!(failure.is_err());
/// ```
#[track_caller]
pub fn sleep(latency: impl Into<Latency>) -> Sleep {
    sleep_for(latency.into())
}

/// Waits until a moment of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let deadline = deadheat::now() + std::time::Duration::from_secs(3);
///     deadheat::sleep_until(deadline).await;
///     assert_eq!(deadheat::now(), deadline);
/// }).unwrap();
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep {
        timer: Some(clock().timer(deadline).of_sleep()),
    }
}

#[track_caller]
fn sleep_for(latency: Latency) -> Sleep {
    sleep_made_at(latency, Location::caller())
}

/// [`sleep`] that was asked for at a place of the sources.
#[track_caller]
pub(crate) fn sleep_made_at(latency: Latency, made: Place) -> Sleep {
    let (low, high) = latency.ends();
    let (run, now) = inside("sleep", |world| (world.run, world.instant()));
    let clock = SimClock::of(run);
    let timer = now.checked_add(low).map(|at| {
        if high == low {
            return clock.timer_between(at, at, made).of_sleep();
        }
        clock.timer_between(at, now.saturating_add(high), made)
    });
    Sleep { timer }
}

/// The future of [`sleep`] and [`sleep_until`]. Dropping it disarms its timer.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Sleep {
    timer: Option<SimTimer>,
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => Pin::new(timer).poll(cx),
            None => {
                world::current(|world| world.waits_for(WaitsFor::NEVER));
                Poll::Pending
            }
        }
    }
}

/// Yields for one turn: the task joins the queue of woken tasks at its end.
///
/// # Cancel safety
///
/// Dropping it loses nothing: the task takes the turn that it asked for.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let other = deadheat::spawn(async {});
///     deadheat::yield_now().await; // in FIFO order the other one takes its turn first
///     assert!(other.is_finished());
/// }).unwrap();
/// ```
#[inline]
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lets time pass without yielding, as a long computation does.
///
/// # Timing
///
/// The clock moves in the call. Of a range a decision takes the low end (the dullest), the high end,
/// or a moment at or next to the next deadline.
///
/// # Panics
///
/// Outside of a run, and if a range ends before it starts.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::busy(std::time::Duration::from_secs(3));
///     assert_eq!(deadheat::now().as_nanos(), 3_000_000_000);
/// }).unwrap();
/// ```
#[track_caller]
pub fn busy(latency: impl Into<Latency>) {
    let (low, high) = latency.into().ends();
    inside("busy", |world| {
        let by = world.latency(clamp(low), clamp(high));
        world.busy(by);
    });
    beside::moved();
}

/// Says in reports what the running task waits for, as long as `future` is pending. Outside of a run it only waits.
///
/// # Cancel safety
///
/// Dropping it drops `future`.
///
/// # Examples
///
/// ```
/// let stuck = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::waiting_for("a reply".into(), std::future::pending::<()>()).await;
/// });
/// assert!(stuck.unwrap_err().to_string().contains("main waits for a reply since 0 ms"));
/// ```
pub async fn waiting_for<F: Future>(what: Arc<str>, future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let poll = future.as_mut().poll(cx);
        if poll.is_pending() {
            world::current(|world| {
                if let Some(task) = world.current {
                    world.waits_for(WaitsFor::NAMED);
                    world.tasks.waits_named.insert(task, what.clone());
                }
            });
        }
        poll
    })
    .await
}

/// Says that an interval was made where this is called: a timer that one object arms again and again. Whoever makes one of
/// [`SimTimer`]s says so, since a sleep that never ends beside an interval is told (see
/// [`Config::check_starved`](crate::Config::check_starved)). Outside of a run it does nothing.
///
/// # Examples
///
/// ```
/// use deadheat_timeout::{Clock, Timer};
/// use std::{pin::pin, time::Duration};
///
/// deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::interval_made();
///     let mut ticks = pin!(deadheat::clock().timer(deadheat::now()));
///     for _ in 0..3 {
///         ticks.as_mut().await;
///         ticks.as_mut().reset(deadheat::now() + Duration::from_secs(1));
///     }
/// }).unwrap();
/// ```
#[track_caller]
pub fn interval_made() {
    let made = Location::caller();
    world::current(|world| {
        if world.recorder.keeps {
            world.restarts.intervals.push(made);
        }
    });
}
