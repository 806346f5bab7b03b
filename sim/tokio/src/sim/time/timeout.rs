//! `Timeout`: tokio's own, or a deadline of a run.

use std::future::{Future, IntoFuture, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use deadheat_timeout::{self as lib, Clock};
use pin_project_lite::pin_project;
use tokio::task::coop::{has_budget_remaining, unconstrained};

use crate::runtime::context;

use super::elapsed::Elapsed;
use super::sleep::{MADE_OUTSIDE, RunSleep};
use super::{Duration, Instant, present};

/// Gives a future a deadline.
///
/// # Timing
///
/// The duration counts from the call; with one that overflows the clock there is no deadline. At each poll the
/// future comes first: if it is ready, that counts. Then the deadline: it has elapsed at or after its moment,
/// once its timer has fired (see [`sleep_until`](super::sleep_until)).
///
/// # Panics
///
/// Outside of a run where tokio's does: outside of a runtime with time.
///
/// # Cancel safety
///
/// Dropping it drops the future and disarms the timer. So does the deadline, but for the future, which is
/// dropped with the `Timeout`.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let second = Duration::from_secs(1);
///     let in_time = tokio::time::timeout(2 * second, tokio::time::sleep(second)).await;
///     assert!(in_time.is_ok());
///     let late = tokio::time::timeout(second, tokio::time::sleep(2 * second)).await;
///     assert!(late.unwrap_err().to_string().starts_with("deadline has elapsed"));
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    if !crate::sim::budget::in_run() {
        return Timeout::of_tokio(tokio::time::timeout(duration, future));
    }
    // Beyond that tokio has no deadline.
    let now = present();
    let deadline = (duration < NEVER).then(|| now.saturating_add(duration));
    Timeout::in_run(now, deadline, future)
}

/// Gives a future a deadline; see [`timeout`].
///
/// # Panics
///
/// Outside of a run where tokio's does: outside of a runtime with time.
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    if !crate::sim::budget::in_run() {
        return Timeout::of_tokio(tokio::time::timeout_at(deadline.of_tokio(), future));
    }
    Timeout::in_run(present(), Some(deadline.in_run()), future)
}

/// A duration that no clock can add to its present.
const NEVER: Duration = Duration::from_secs(u64::MAX / 2);

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<T> {
        #[pin]
        inner: Inner<T>,
    }
}

pin_project! {
    #[project = InnerPinned]
    #[derive(Debug)]
    enum Inner<T> {
        Tokio { #[pin] timeout: tokio::time::Timeout<T> },
        Run { #[pin] value: T, delay: Option<RunSleep>, wait: Wait, begun: deadheat::Instant },
    }
}

impl<T> Timeout<T> {
    fn of_tokio(timeout: tokio::time::Timeout<T>) -> Self {
        Timeout {
            inner: Inner::Tokio { timeout },
        }
    }

    #[track_caller]
    fn in_run<F>(begun: deadheat::Instant, deadline: Option<deadheat::Instant>, future: F) -> Self
    where
        F: IntoFuture<IntoFuture = T>,
        T: Future,
        F: IntoFuture<Output = T::Output>,
    {
        let value = future.into_future();
        let made = Location::caller();
        let delay = deadline.map(|deadline| RunSleep::made_at(deadline, made));
        Timeout {
            inner: Inner::Run {
                value,
                delay,
                wait: Wait::NotYet,
                begun,
            },
        }
    }

    /// The future.
    pub fn get_ref(&self) -> &T {
        match &self.inner {
            Inner::Tokio { timeout } => timeout.get_ref(),
            Inner::Run { value, .. } => value,
        }
    }

    /// The future.
    pub fn get_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Inner::Tokio { timeout } => timeout.get_mut(),
            Inner::Run { value, .. } => value,
        }
    }

    /// The future, without the deadline.
    pub fn into_inner(self) -> T {
        match self.inner {
            Inner::Tokio { timeout } => timeout.into_inner(),
            Inner::Run { value, .. } => value,
        }
    }
}

impl<T: Future> Future for Timeout<T> {
    type Output = Result<T::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (value, delay, wait, begun) = match self.project().inner.project() {
            InnerPinned::Tokio { timeout } => {
                assert!(!crate::sim::budget::in_run(), "{MADE_OUTSIDE}");
                return timeout.poll(cx).map(|ended| ended.map_err(Elapsed::from));
            }
            InnerPinned::Run {
                value,
                delay,
                wait,
                begun,
            } => (value, delay, wait, *begun),
        };
        let had_budget = has_budget_remaining();
        let is_left = *wait == Wait::Won && deadheat::program::others_went_first();
        if !is_left && let Poll::Ready(output) = value.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let Some(delay) = delay else {
            return Poll::Pending;
        };
        if *wait == Wait::Won {
            return Poll::Ready(Err(elapsed(delay, begun)));
        }
        let budget_is_spent = had_budget && !has_budget_remaining();
        if poll_delay(delay, budget_is_spent, cx).is_pending() {
            *wait = Wait::Waited;
            return Poll::Pending;
        }
        let what = "the future of a timeout is dropped";
        // What is over at its first poll is so on threads, too.
        if *wait == Wait::Waited && context::let_others_go_first(what, delay.made(), cx) {
            *wait = Wait::Won;
            return Poll::Pending;
        }
        Poll::Ready(Err(elapsed(delay, begun)))
    }
}

/// How far a timeout of a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    NotYet,
    /// A poll of it was pending.
    Waited,
    /// Its deadline has won, and others go first.
    Won,
}

/// What is said of a timeout whose deadline has been reached.
fn elapsed(delay: &RunSleep, begun: deadheat::Instant) -> Elapsed {
    let clock = deadheat::clock();
    let deadline = delay.deadline();
    let mut elapsed = lib::Elapsed::made_at(delay.made());
    if let Some(delay) = clock.between(begun, deadline) {
        elapsed = elapsed.after(delay);
    }
    if let Some(lateness) = clock.between(deadline, present()) {
        elapsed = elapsed.late(lateness);
    }
    Elapsed::in_run(elapsed)
}

/// A future that spends the whole budget in each turn must not hide the deadline.
fn poll_delay(delay: &mut RunSleep, without_budget: bool, cx: &mut Context<'_>) -> Poll<()> {
    if without_budget {
        pin!(unconstrained(poll_fn(|cx| delay.poll(cx)))).poll(cx)
    } else {
        delay.poll(cx)
    }
}
