//! `timeout` and `timeout_at`: a deadline that does not move, around a future that is dropped at it (T15).
//!
//! 1. A future that is ready at once costs no timer: one is made at the first suspension.
//! 2. It is as large as the future and the clock's timer: what stands there before the timer takes its place.

use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::clock::{Clock, Place, Timer, deadline_after};
use crate::elapsed::Elapsed;
use crate::told::{Deadline, Told};
use crate::trace;

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future and the timer.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Native<C: Clock, F> {
        #[pin]
        future: F,
        #[pin]
        limit: Limit<C>,
        made: Place,
    }
}

pin_project! {
    /// The deadline of a [`Native`]: in its place comes a timer, once one is needed.
    #[project = LimitProjection]
    enum Limit<C: Clock> {
        Ahead { clock: C, deadline: Option<C::Instant> },
        Set { #[pin] timer: C::Timer },
        Won { lateness: Option<Duration> },
    }
}

/// Runs `future` for at most `delay`: `tokio::time::timeout` on any clock (T15).
///
/// Every await in `future` is a cancellation point, because `future` is dropped at the deadline.
///
/// # Timing
///
/// The delay counts from the call. Each turn polls `future` first and the deadline second: at a tie
/// the value wins. A delay that overflows the clock never ends. The timer is made at the first
/// suspension, so a future that is ready at once costs no timer.
///
/// # Errors
///
/// [`Elapsed`] if the deadline was reached first.
///
/// # Cancel safety
///
/// Dropping it drops `future` and the timer.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use deadheat_timeout::{TokioClock, timeout};
/// use std::time::Duration;
///
/// let value = timeout(&TokioClock, Duration::from_secs(1), async { 5 }).await;
/// assert_eq!(value, Ok(5));
///
/// let never = std::future::pending::<()>();
/// assert!(timeout(&TokioClock, Duration::from_millis(1), never).await.is_err());
/// # });
/// ```
#[track_caller]
pub fn timeout<C: Clock, F: Future>(clock: &C, delay: Duration, future: F) -> Native<C, F> {
    native(
        clock,
        deadline_after(clock, delay),
        future,
        Location::caller(),
    )
}

/// Runs `future` until `deadline` at most; see [`timeout`].
///
/// # Errors
///
/// [`Elapsed`] if the deadline was reached first.
///
/// # Cancel safety
///
/// Dropping it drops `future` and the timer.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use deadheat_timeout::{TokioClock, timeout_at};
/// use std::time::Duration;
/// use tokio::time::Instant;
///
/// let deadline = Instant::now() + Duration::from_secs(1);
/// // One deadline for both of them.
/// assert_eq!(timeout_at(&TokioClock, deadline, async { 5 }).await, Ok(5));
/// assert!(timeout_at(&TokioClock, deadline, std::future::pending::<()>()).await.is_err());
/// assert!(Instant::now() >= deadline);
/// # });
/// ```
#[track_caller]
pub fn timeout_at<C: Clock, F: Future>(clock: &C, deadline: C::Instant, future: F) -> Native<C, F> {
    native(clock, Some(deadline), future, Location::caller())
}

pub(crate) fn native<C: Clock, F>(
    clock: &C,
    deadline: Option<C::Instant>,
    future: F,
    made: Place,
) -> Native<C, F> {
    Native {
        made,
        future,
        limit: Limit::Ahead {
            clock: clock.clone(),
            deadline,
        },
    }
}

/// What there is to tell of a timeout, beside the place where it was made.
#[derive(Debug, Clone, Default)]
struct Label {
    name: Option<Cow<'static, str>>,
    delay: Option<Duration>,
}

impl<C: Clock, F: Future> Native<C, F> {
    /// Gives the timeout a name, which an [`Elapsed`] of it tells.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{TokioClock, timeout};
    /// use std::time::Duration;
    ///
    /// let never = std::future::pending::<()>();
    /// let late = timeout(&TokioClock, Duration::from_secs(1), never).named("the reply").await;
    /// assert_eq!(late.unwrap_err().name(), Some("the reply"));
    /// # });
    /// ```
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Named<C, F> {
        let name = Some(name.into());
        Named {
            native: self,
            label: Label { name, delay: None },
        }
    }

    /// The timeout, which was made for so long.
    pub(crate) fn of_delay(self, delay: Option<Duration>) -> Named<C, F> {
        Named {
            native: self,
            label: Label { name: None, delay },
        }
    }

    #[inline]
    fn poll_labelled(
        self: Pin<&mut Self>,
        label: Option<&Label>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Elapsed>> {
        let mut this = self.project();
        let is_left = this.limit.has_won() && C::deadline_stands();
        if !is_left && let Poll::Ready(value) = this.future.poll(cx) {
            if C::IS_TOLD {
                this.limit.tell_in_time(this.made, label);
            }
            return Poll::Ready(Ok(value));
        }
        let has_waited = !this.limit.is_ahead();
        ready!(this.limit.as_mut().poll(this.made, cx));
        let waited = has_waited.then_some(cx);
        this.limit.win(this.made, label, waited).map(Err)
    }
}

impl<C: Clock, F: Future> Future for Native<C, F> {
    type Output = Result<F::Output, Elapsed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_labelled(None, cx)
    }
}

pin_project! {
    /// A [`Native`] that has a name.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future and the timer.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Named<C: Clock, F> {
        #[pin]
        native: Native<C, F>,
        label: Label,
    }
}

impl<C: Clock, F: Future> Future for Named<C, F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.native.poll_labelled(Some(this.label), cx)
    }
}

impl<C: Clock> Limit<C> {
    #[inline]
    fn has_won(&self) -> bool {
        matches!(self, Limit::Won { .. })
    }

    #[inline]
    fn is_ahead(&self) -> bool {
        matches!(self, Limit::Ahead { .. })
    }

    /// Waits for the deadline.
    ///
    /// Not inlined: the turn in which the future is ready does not come here, and ought to pay for nothing of it. It has
    /// nothing to do after it has polled the timer, so that nothing is kept for that meanwhile.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, made: Place, cx: &mut Context<'_>) -> Poll<()> {
        if let LimitProjection::Ahead { clock, deadline } = self.as_mut().project() {
            let Some(deadline) = *deadline else {
                return Poll::Pending;
            };
            let timer = clock.timer_made_at(deadline, made);
            self.set(Limit::Set { timer });
        }
        match self.project() {
            LimitProjection::Set { timer } => timer.poll(cx),
            _ => Poll::Ready(()),
        }
    }

    /// The deadline has been reached, or was in an earlier poll.
    #[cold]
    #[inline(never)]
    fn win(
        mut self: Pin<&mut Self>,
        made: Place,
        label: Option<&Label>,
        waited: Option<&mut Context<'_>>,
    ) -> Poll<Elapsed> {
        let label = label.cloned().unwrap_or_default();
        let elapsed = |lateness| Elapsed::told(made, label.name, label.delay, lateness);
        match self.as_mut().project() {
            LimitProjection::Set { timer } => {
                let lateness = timer.lateness();
                let elapsed = elapsed(lateness);
                trace::elapsed(&elapsed);
                if C::IS_TOLD {
                    timer.tell(&Told::Elapsed(&elapsed));
                }
                // What is over at its first poll is so on threads, too.
                let others = waited.map_or(Poll::Ready(()), |cx| C::deadline_won(made, cx));
                if others.is_pending() {
                    self.set(Limit::Won { lateness });
                    return Poll::Pending;
                }
                Poll::Ready(elapsed)
            }
            LimitProjection::Won { lateness } => Poll::Ready(elapsed(*lateness)),
            LimitProjection::Ahead { .. } => Poll::Pending,
        }
    }

    /// Tells the clock that the future was ready in time.
    #[cold]
    fn tell_in_time(self: Pin<&mut Self>, made: Place, label: Option<&Label>) {
        let deadline = Deadline {
            name: label.and_then(|label| label.name.as_deref()),
            place: made,
            delay: label.and_then(|label| label.delay),
        };
        match self.project() {
            LimitProjection::Ahead {
                clock,
                deadline: at,
            } if at.is_some() => {
                clock.tell(&Told::Ended { deadline, at: *at });
            }
            LimitProjection::Set { timer } => timer.tell(&Told::Ended { deadline, at: None }),
            // The second of them: told of when its deadline won.
            LimitProjection::Ahead { .. } | LimitProjection::Won { .. } => {}
        }
    }
}
