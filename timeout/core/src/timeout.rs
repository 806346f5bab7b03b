//! `Timeout`: a deadline that can move, in its two forms.
//!
//! 1. A `Timeout` is entered once: both forms take it by value (T2).
//! 2. The deadline of `after` counts from the call, not from the first poll (T1).

use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::body::{BodyError, is_cancelled};
use crate::clock::{Clock, Place};
use crate::core::Core;
use crate::cx::{Cx, Scope};
use crate::elapsed::Elapsed;
use crate::handle::Handle;
use crate::machine::BodyEnd;
use crate::observe::ScopeEnd;
use crate::scope::{Leave, Shared};
use crate::told::Told;
use crate::trace;

/// A timeout whose deadline can be read and moved, also from other tasks and threads.
///
/// # Timing
///
/// The delay of [`after`](Self::after) counts from that call. A delay that overflows the clock is
/// no deadline.
///
/// # Examples
///
/// The deadline becomes known on the way:
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use deadheat_timeout::{Timeout, TokioClock};
/// use std::time::Duration;
///
/// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
/// let deadline = timeout.handle();
/// let reply = timeout
///     .run(async {
///         let expected = Duration::from_secs(30); // the head of a reply says so
///         deadline.reschedule_after(expected).unwrap();
///         "the body of the reply"
///     })
///     .await;
/// assert_eq!(reply, Ok("the body of the reply"));
/// assert!(!deadline.expired());
/// # });
/// ```
#[derive(Debug)]
#[must_use = "a timeout does nothing until something runs in it"]
pub struct Timeout<C: Clock> {
    handle: Handle<C>,
}

impl<C: Clock> Timeout<C> {
    /// A timeout `delay` from now.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let never = std::future::pending::<()>();
    /// assert!(timeout.run(never).await.is_err());
    /// # });
    /// ```
    #[track_caller]
    pub fn after(clock: &C, delay: Duration) -> Self {
        Self::after_at(clock, delay, Location::caller())
    }

    /// A timeout at an instant of the clock.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
    /// let timeout = Timeout::at(&TokioClock, deadline);
    /// assert_eq!(timeout.handle().when(), Some(deadline));
    /// # });
    /// ```
    #[track_caller]
    pub fn at(clock: &C, deadline: C::Instant) -> Self {
        Self::with_deadline(clock, Some(deadline))
    }

    /// A timeout that has no deadline, until it is rescheduled.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    ///
    /// let timeout = Timeout::never(&TokioClock);
    /// assert_eq!(timeout.handle().when(), None);
    /// assert_eq!(timeout.run(async { 5 }).await, Ok(5));
    /// # });
    /// ```
    #[track_caller]
    pub fn never(clock: &C) -> Self {
        Self::with_deadline(clock, None)
    }

    /// A timeout with a deadline or none.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    ///
    /// let configured = None; // as a setting says, say
    /// let timeout = Timeout::with_deadline(&TokioClock, configured);
    /// assert_eq!(timeout.run(async { 5 }).await, Ok(5));
    /// # });
    /// ```
    #[track_caller]
    pub fn with_deadline(clock: &C, deadline: Option<C::Instant>) -> Self {
        Self::made_at(clock, deadline, None, Location::caller())
    }

    /// T1: the delay counts from here.
    pub(crate) fn after_at(clock: &C, delay: Duration, made: Place) -> Self {
        let now = clock.now();
        let deadline = clock.checked_add(now, delay);
        Self::made_at(clock, deadline, Some(now), made)
    }

    fn made_at(
        clock: &C,
        deadline: Option<C::Instant>,
        begun: Option<C::Instant>,
        made: Place,
    ) -> Self {
        Timeout {
            handle: Handle::new(Shared::new(clock.clone(), deadline, begun, made)),
        }
    }

    /// Gives it a name, which an [`Elapsed`] of it tells; so do a simulator's traces and reports.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let host = "db1"; // a name can be put together, too
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2)).named(format!("query of {host}"));
    /// let elapsed = timeout.run(std::future::pending::<()>()).await.unwrap_err();
    /// assert_eq!(elapsed.name(), Some("query of db1"));
    /// # });
    /// ```
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.handle.shared.set_name(name.into());
        self
    }

    /// Reads and moves the deadline from anywhere, at any time.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{State, Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let deadline = timeout.handle();
    /// timeout.run(async { assert_eq!(deadline.state(), State::Active) }).await.unwrap();
    /// assert_eq!(deadline.state(), State::Finished);
    /// # });
    /// ```
    pub fn handle(&self) -> Handle<C> {
        self.handle.clone()
    }

    /// The Rust-native form: polls `future` until it is ready, or drops it at the deadline (T15).
    ///
    /// # Timing
    ///
    /// Each turn polls `future` first and looks at the deadline second, as tokio does: a future that
    /// is ready in the turn in which the deadline has come gives its value (and `expired()` is true
    /// then). A deadline at or before now lets `future` run to its first suspension.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the deadline was reached first. `future` has been dropped by then.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future` and disarms the deadline.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let timeout = Timeout::after(&TokioClock, Duration::from_secs(2));
    /// let slow = tokio::time::sleep(Duration::from_secs(3));
    /// let elapsed = timeout.run(slow).await.unwrap_err();
    /// assert!(elapsed.to_string().starts_with("timed out after 2 s (timeout made at "));
    /// # });
    /// ```
    pub fn run<F: Future>(self, future: F) -> Run<C, F> {
        Run {
            future: Some(future),
            entered: false,
            won: false,
            leave: Leave::of(&self.handle.shared),
            handle: self.handle,
        }
    }

    /// asyncio's form: the task is asked to cancel at the deadline, and `body` can clean up (T4, T6).
    ///
    /// # Timing
    ///
    /// At the deadline the task of `cx` gets one cancel request, delivered at the wait it is in. A
    /// request beats a value that is ready in the same turn (T5). The end of the body is awaited, so
    /// this may outlast the deadline.
    ///
    /// # Errors
    ///
    /// `Elapsed` if the body ended in the `Cancelled` of this scope's own request; any other error
    /// of the body, and any foreign `Cancelled`, passes through (T6, T7).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body, disarms the deadline and takes this scope's request back.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, Timeout, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let timeout = Timeout::after(cx.clock(), Duration::from_secs(2));
    ///     timeout
    ///         .run_in(&cx, async |cx| {
    ///             let waited = cx.wait(std::future::pending::<()>()).await;
    ///             tokio::time::sleep(Duration::from_secs(1)).await; // clean-up may outlast the deadline
    ///             Ok::<_, Interrupted>(waited?)
    ///         })
    ///         .await
    /// });
    /// work.await;
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// # });
    /// ```
    pub fn run_in<B, F, T, E, Kind>(self, cx: &Cx<C>, body: B) -> Scoped<C, B, F, Kind>
    where
        B: FnOnce(Scope<C>) -> F,
        F: Future<Output = Result<T, E>>,
        E: BodyError<Kind>,
    {
        Scoped {
            body: Some(body),
            future: None,
            leave: Leave::of(&self.handle.shared),
            core: Arc::clone(cx.core()),
            handle: self.handle,
            kind: std::marker::PhantomData,
        }
    }
}

pin_project! {
    /// The future of [`Timeout::run`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future and disarms the deadline. The scope of one that was polled is left `Finished`, or
    /// `Expired` if its deadline was reached.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Run<C: Clock, F> {
        #[pin]
        future: Option<F>,
        leave: Leave<C>,
        handle: Handle<C>,
        entered: bool,
        won: bool,
    }
}

impl<C: Clock, F> Run<C, F> {
    /// Reads and moves the deadline.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Timeout, TokioClock};
    /// use std::time::Duration;
    ///
    /// let waiting = Timeout::after(&TokioClock, Duration::from_secs(2)).run(std::future::pending::<()>());
    /// let deadline = waiting.handle();
    /// assert!(waiting.await.is_err());
    /// assert!(deadline.expired());
    /// # });
    /// ```
    pub fn handle(&self) -> Handle<C> {
        self.handle.clone()
    }
}

impl<C: Clock, F: Future> Future for Run<C, F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let shared = &this.handle.shared;
        // A scope would refuse a second enter; that it is not asked spares each turn a lock.
        let waited = std::mem::replace(this.entered, true);
        if !waited {
            shared.enter_future();
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let is_left = *this.won && C::deadline_stands();
        if !is_left && let Poll::Ready(value) = future.poll(cx) {
            this.future.set(None);
            this.leave.exit(BodyEnd::Value);
            shared.tell_ended();
            return Poll::Ready(Ok(value));
        }
        if !*this.won {
            if !shared.native_turn(cx.waker()) {
                return Poll::Pending;
            }
            *this.won = true;
            if waited {
                ready!(C::deadline_won(shared.made(), cx));
            }
        }
        this.future.set(None);
        this.leave.exit(BodyEnd::Cancelled);
        Poll::Ready(Err(told(shared, shared.elapsed())))
    }
}

/// Tells those who listen of a deadline that was reached.
#[cold]
fn told<C: Clock>(shared: &Shared<C>, elapsed: Elapsed) -> Elapsed {
    trace::elapsed(&elapsed);
    if C::IS_TOLD {
        shared.clock.tell(&Told::Elapsed(&elapsed));
    }
    elapsed
}

pin_project! {
    /// The future of [`Timeout::run_in`] and [`Cx::timeout`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body, disarms the deadline and takes this scope's request back.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Scoped<C: Clock, B, F, Kind> {
        body: Option<B>,
        #[pin]
        future: Option<F>,
        leave: Leave<C>,
        core: Arc<Core<C>>,
        handle: Handle<C>,
        kind: std::marker::PhantomData<fn() -> Kind>,
    }
}

impl<C: Clock, B, F, Kind> Scoped<C, B, F, Kind> {
    /// Gives the scope a name, which an [`Elapsed`] of it tells; so do a simulator's traces and reports.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let query = cx.timeout(Duration::from_secs(3), async |cx| {
    ///         cx.wait(std::future::pending::<()>()).await?;
    ///         Ok::<_, Interrupted>(())
    ///     });
    ///     query.named("the query").await
    /// });
    /// work.await;
    /// let error = handle.output().unwrap().unwrap_err();
    /// assert!(error.to_string().starts_with("timed out after 3 s (timeout \"the query\" made at "));
    /// # });
    /// ```
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.handle.shared.set_name(name.into());
        self
    }
}

impl<C, B, F, T, E, Kind> Future for Scoped<C, B, F, Kind>
where
    C: Clock,
    B: FnOnce(Scope<C>) -> F,
    F: Future<Output = Result<T, E>>,
    E: BodyError<Kind>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let shared = &this.handle.shared;
        match this.body.take() {
            Some(body) => {
                shared.enter_task(this.core);
                let cx = Cx::new(Arc::clone(this.core));
                this.future
                    .set(Some(body(Scope::new(cx, this.handle.clone()))));
            }
            None => shared.task_turn(),
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let Poll::Ready(output) = future.poll(cx) else {
            if shared.is_due() {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        };
        this.future.set(None);
        let body = match &output {
            Ok(_) => BodyEnd::Value,
            Err(error) if is_cancelled(error, this.core) => BodyEnd::Cancelled,
            Err(_) => BodyEnd::Error,
        };
        match this.leave.exit(body) {
            Some(ScopeEnd::Elapsed) => {
                let elapsed = told(shared, shared.elapsed().translated());
                Poll::Ready(Err(E::from(elapsed)))
            }
            end => {
                if matches!(end, Some(ScopeEnd::Value | ScopeEnd::Error)) {
                    shared.tell_ended();
                }
                Poll::Ready(output)
            }
        }
    }
}
