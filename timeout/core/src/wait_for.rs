//! `wait_for`: asyncio's older form of a timeout (T12), for a future, a body, and a task.
//!
//! Source: CPython 3.13, `asyncio.wait_for` and `_cancel_and_wait`. With a delay of zero asyncio
//! wraps what it is given in a task, cancels that, and waits for a callback; here, too, so that the order
//! of everything else in that instant is the same.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use crate::body::{BodyError, Interrupted};
use crate::clock::{Clock, Place, deadline_after};
use crate::cx::{Cx, Scope};
use crate::elapsed::Elapsed;
use crate::hops::Hops;
use crate::join::shield;
use crate::native::{Native, native};
use crate::observe::{Requester, TaskEnd};
use crate::task::TaskHandle;
use crate::timeout::Timeout;
use crate::told::Told;
use crate::trace;

/// The Rust-native form: `future` for at most `delay`, or for as long as it takes.
///
/// # Timing
///
/// As [`timeout`](crate::timeout), but the delay counts from the first poll, and with a delay of zero `future` is
/// never polled.
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
/// use deadheat_timeout::{TokioClock, wait_for};
/// use std::time::Duration;
///
/// assert_eq!(wait_for(&TokioClock, async { 5 }, Some(Duration::from_secs(1))).await, Ok(5));
/// assert_eq!(wait_for(&TokioClock, async { 5 }, None).await, Ok(5));
/// assert!(wait_for(&TokioClock, async { 5 }, Some(Duration::ZERO)).await.is_err(), "never polled");
/// # });
/// ```
#[track_caller]
pub fn wait_for<C: Clock, F: Future>(
    clock: &C,
    future: F,
    delay: Option<Duration>,
) -> impl Future<Output = Result<F::Output, Elapsed>> + use<C, F> {
    // Not an `async fn`: that would know its own place only.
    let (clock, made) = (clock.clone(), Location::caller());
    async move {
        if delay == Some(Duration::ZERO) {
            return Err(at_once(&clock, made));
        }
        let deadline = delay.and_then(|delay| deadline_after(&clock, delay));
        let limited: Native<C, F> = native(&clock, deadline, future, made);
        limited.of_delay(delay).await
    }
}

/// What is said of a wait for which there was no time.
#[cold]
fn at_once<C: Clock>(clock: &C, made: Place) -> Elapsed {
    let elapsed = Elapsed::made_at(made).after(Duration::ZERO);
    trace::elapsed(&elapsed);
    if C::IS_TOLD {
        clock.tell(&Told::Elapsed(&elapsed));
    }
    elapsed
}

impl<C: Clock> Cx<C> {
    /// `wait_for` of a future: `timeout(delay)` around `cx.wait(future)` (T12).
    ///
    /// # Timing
    ///
    /// The delay counts from the first poll. With a delay of zero `future` is dropped unpolled.
    ///
    /// # Errors
    ///
    /// `Elapsed` at the deadline, `Cancelled` if the task was asked to cancel.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`, disarms the deadline and takes its request back. A request to cancel this task drops
    /// `future`, too.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let never = std::future::pending::<()>();
    ///     cx.wait_for(never, Some(Duration::from_secs(1))).await
    /// });
    /// work.await;
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// # });
    /// ```
    #[track_caller]
    pub fn wait_for<F: Future>(
        &self,
        future: F,
        delay: Option<Duration>,
    ) -> impl Future<Output = Result<F::Output, Interrupted>> {
        self.wait_for_body(async |cx| Ok(cx.wait(future).await?), delay)
    }

    /// `wait_for` of a body that runs in this task and may clean up when it is cancelled (T12).
    ///
    /// # Timing
    ///
    /// The delay counts from the first poll. With a delay of zero `body` is never called.
    ///
    /// # Errors
    ///
    /// `Elapsed` at the deadline; else what the body ended in.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body, disarms the deadline and takes its request back. A request to cancel this task is
    /// delivered in the body, which may clean up.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Cx, Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let body = async |cx: Cx<TokioClock>| {
    ///         let waited = cx.wait(std::future::pending::<()>()).await;
    ///         tokio::time::sleep(Duration::from_secs(1)).await; // clean-up, which is waited for
    ///         Ok::<_, Interrupted>(waited?)
    ///     };
    ///     cx.wait_for_body(body, Some(Duration::from_secs(1))).await
    /// });
    /// work.await;
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// # });
    /// ```
    #[track_caller]
    pub fn wait_for_body<B, F, T, E, Kind>(
        &self,
        body: B,
        delay: Option<Duration>,
    ) -> impl Future<Output = Result<T, E>>
    where
        B: FnOnce(Cx<C>) -> F,
        F: Future<Output = Result<T, E>>,
        E: BodyError<Kind>,
    {
        let made = Location::caller();
        async move {
            let Some(delay) = delay else {
                return body(self.clone()).await;
            };
            if !delay.is_zero() {
                let scope = |scope: Scope<C>| body(Cx::clone(&scope));
                return self.timeout_after(delay, made).run_in(self, scope).await;
            }
            drop(body);
            // The turn of a task that is made and cancelled, and the callback that tells of its end.
            self.wait(async {
                let hops = Hops::new(self.clock(), 2);
                hops.cause().wake();
                hops.await;
            })
            .await?;
            Err(at_once(self.clock(), made).translated().into())
        }
    }

    fn timeout_after(&self, delay: Duration, made: Place) -> Timeout<C> {
        Timeout::after_at(self.clock(), delay, made)
    }

    /// `wait_for` of another task, which is cancelled at the deadline and waited for (T12).
    ///
    /// # Timing
    ///
    /// The delay counts from the first poll. Waits until the task has really ended, so it may
    /// outlast the delay. With a delay of zero the output if the task has ended, else it is
    /// cancelled at once.
    ///
    /// # Errors
    ///
    /// `Elapsed` at the deadline; else what the task ended in, also while it was being cancelled.
    ///
    /// # Cancel safety
    ///
    /// A request to cancel this wait is passed on to the task. Dropping it leaves the task running, unless it was
    /// asked to cancel by then: it stays asked.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (slow, slow_handle) = task(&TokioClock, async |cx| {
    ///     cx.wait(tokio::time::sleep(Duration::from_secs(9))).await?;
    ///     Ok::<_, Interrupted>(())
    /// });
    /// let asked = slow_handle.clone();
    /// let (work, handle) = task(&TokioClock, async move |cx| {
    ///     cx.wait_for_task(&asked, Some(Duration::from_secs(1))).await
    /// });
    /// tokio::join!(work, slow);
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// assert!(matches!(slow_handle.output(), Some(Err(Interrupted::Cancelled(_)))));
    ///
    /// // Without time it gives what the task has ended in, or cancels it at once.
    /// let (idle, idle_handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(()));
    /// let (work, handle) = task(&TokioClock, async move |cx| {
    ///     cx.wait_for_task(&idle_handle, Some(Duration::ZERO)).await
    /// });
    /// tokio::join!(work, idle);
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// # });
    /// ```
    #[track_caller]
    pub fn wait_for_task<T, E, Kind>(
        &self,
        task: &TaskHandle<C, Result<T, E>>,
        delay: Option<Duration>,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Clone,
        E: BodyError<Kind> + Clone,
    {
        let made = Location::caller();
        async move {
            match delay {
                None => self.join(task).await,
                Some(Duration::ZERO) => self.cancel_and_wait(task, made).await,
                Some(delay) => {
                    let joined = async |scope: Scope<C>| scope.join(task).await;
                    self.timeout_after(delay, made).run_in(self, joined).await
                }
            }
        }
    }

    async fn cancel_and_wait<T, E, Kind>(
        &self,
        task: &TaskHandle<C, Result<T, E>>,
        at: Place,
    ) -> Result<T, E>
    where
        T: Clone,
        E: BodyError<Kind> + Clone,
    {
        if task.is_ended() {
            return task.ended().await;
        }
        task.shared
            .core
            .cancel_at(Requester::Waiter(self.core().id), at);
        let output = self.wait(shield(task)).await?;
        match task.end() {
            Some(TaskEnd::Cancelled) => Err(at_once(self.clock(), at).translated().into()),
            _ => output,
        }
    }
}
