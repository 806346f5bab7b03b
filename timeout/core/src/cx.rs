//! What a cancellable task's body is given: its waits, its scopes, its cancel requests.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::body::BodyError;
use crate::clock::Clock;
use crate::core::{Core, WaitPoint};
use crate::handle::Handle;
use crate::join::Join;
use crate::task::{Canceller, TaskHandle};
use crate::timeout::{Scoped, Timeout};
use crate::wait::Wait;

/// The running cancellable task, as its own body sees it.
///
/// A plain `.await` is no cancellation point: only [`wait`](Self::wait), [`join`](Self::join) and
/// what is built of them deliver [`Cancelled`](crate::Cancelled). So clean-up may simply await.
///
/// # Examples
///
/// ```
/// use deadheat_timeout::{Cancelled, Clock, Cx, Elapsed};
/// use std::time::Duration;
///
/// #[derive(Debug, thiserror::Error)]
/// enum QueryError {
///     #[error(transparent)]
///     Cancelled(#[from] Cancelled),
///     #[error(transparent)]
///     Elapsed(#[from] Elapsed),
/// }
///
/// # struct Connection;
/// # impl Connection {
/// #     async fn execute(&self, _: &str) -> Vec<u32> { vec![1] }
/// #     async fn rollback(&self) {}
/// # }
/// async fn query<C: Clock>(cx: &Cx<C>, conn: &Connection) -> Result<Vec<u32>, QueryError> {
///     cx.timeout(Duration::from_secs(3), async |cx| {
///         match cx.wait(conn.execute("LONG QUERY")).await {
///             Err(cancelled) => {
///                 conn.rollback().await; // not interrupted
///                 Err(cancelled.into())
///             }
///             Ok(rows) => Ok(rows),
///         }
///     })
///     .await
/// }
/// ```
pub struct Cx<C: Clock> {
    core: Arc<Core<C>>,
}

impl<C: Clock> Cx<C> {
    pub(crate) fn new(core: Arc<Core<C>>) -> Self {
        Cx { core }
    }

    pub(crate) fn core(&self) -> &Arc<Core<C>> {
        &self.core
    }

    /// The task's clock.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     use deadheat_timeout::Clock;
    ///     let begun = cx.clock().now();
    ///     cx.wait(tokio::time::sleep(Duration::from_secs(1))).await?;
    ///     Ok::<_, Interrupted>(cx.clock().now() - begun)
    /// });
    /// work.await;
    /// assert!(handle.output().unwrap().unwrap() >= Duration::from_secs(1));
    /// # });
    /// ```
    pub fn clock(&self) -> &C {
        &self.core.clock
    }

    /// Waits for `future`, unless the task is asked to cancel.
    ///
    /// # Timing
    ///
    /// What is ready at once is no wait, and is never cancelled. Once it has suspended, a request
    /// that was made before the task runs again beats a value that is ready in the same turn (T5).
    /// Of nested waits the innermost takes the delivery.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::Cancelled); `future` has been dropped by then.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `future`; a request that was not delivered waits for the task's next wait. A delivery drops
    /// `future` without another poll, so what a cancel-safe `future` was about to hand over is not lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     match cx.wait(std::future::pending::<()>()).await {
    ///         Ok(()) => Ok("never"),
    ///         Err(cancelled) => {
    ///             tokio::time::sleep(Duration::from_secs(1)).await; // clean-up, which nothing interrupts
    ///             Err(Interrupted::from(cancelled))
    ///         }
    ///     }
    /// });
    /// tokio::join!(work, async { handle.cancel() });
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Cancelled(_)))));
    /// # });
    /// ```
    pub fn wait<F: Future>(&self, future: F) -> Wait<C, F> {
        Wait::new(WaitPoint::new(Arc::clone(&self.core)), future)
    }

    /// Waits for another task; a request to cancel is passed on to that task, and the wait goes on
    /// until it has ended, with whatever it ended in (T5).
    ///
    /// To wait without passing requests on, use `cx.wait(shield(&task))`.
    ///
    /// # Errors
    ///
    /// The task's own error, or `Cancelled` if it was cancelled or if this task was asked to cancel
    /// after that one had ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the other task running, and no more requests are passed on. The output stays with the task, so
    /// another wait for it gets it.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    ///
    /// let (part, part_handle) = task(&TokioClock, async |cx| {
    ///     cx.wait(std::future::pending::<()>()).await?;
    ///     Ok::<_, Interrupted>(())
    /// });
    /// let part_of_whole = part_handle.clone();
    /// let (whole, whole_handle) = task(&TokioClock, async move |cx| cx.join(&part_of_whole).await);
    /// // Whoever cancels the whole cancels the part, and the whole ends in what the part ends in.
    /// tokio::join!(whole, part, async { whole_handle.cancel() });
    /// assert!(matches!(part_handle.output(), Some(Err(Interrupted::Cancelled(_)))));
    /// assert_eq!(whole_handle.output(), part_handle.output());
    /// # });
    /// ```
    pub fn join<R>(&self, task: &TaskHandle<C, R>) -> Join<C, R> {
        Join::new(&self.core, task)
    }

    /// Runs `body` for at most `delay`; see [`Timeout::run_in`].
    ///
    /// # Timing
    ///
    /// The delay counts from the call. A delay that overflows the clock is no deadline.
    ///
    /// # Errors
    ///
    /// `Elapsed` if this scope's deadline ended the body; else what the body ended in.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body, disarms the deadline and takes this scope's request back.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     cx.timeout(Duration::from_secs(3), async |cx| {
    ///         cx.wait(std::future::pending::<()>()).await?;
    ///         Ok::<_, Interrupted>("never")
    ///     })
    ///     .await
    /// });
    /// work.await;
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
    /// # });
    /// ```
    #[track_caller]
    pub fn timeout<B, F, T, E, Kind>(&self, delay: Duration, body: B) -> Scoped<C, B, F, Kind>
    where
        B: FnOnce(Scope<C>) -> F,
        F: Future<Output = Result<T, E>>,
        E: BodyError<Kind>,
    {
        Timeout::after(self.clock(), delay).run_in(self, body)
    }

    /// Runs `body` until `deadline` at most, or without one; see [`Timeout::run_in`].
    ///
    /// # Errors
    ///
    /// `Elapsed` if this scope's deadline ended the body; else what the body ended in.
    ///
    /// # Cancel safety
    ///
    /// As for [`timeout`](Self::timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let no_deadline = None;
    ///     cx.timeout_at(no_deadline, async |cx| {
    ///         cx.wait(tokio::time::sleep(Duration::from_secs(60))).await?;
    ///         Ok::<_, Interrupted>("as long as it takes")
    ///     })
    ///     .await
    /// });
    /// work.await;
    /// assert_eq!(handle.output(), Some(Ok("as long as it takes")));
    /// # });
    /// ```
    #[track_caller]
    pub fn timeout_at<B, F, T, E, Kind>(
        &self,
        deadline: Option<C::Instant>,
        body: B,
    ) -> Scoped<C, B, F, Kind>
    where
        B: FnOnce(Scope<C>) -> F,
        F: Future<Output = Result<T, E>>,
        E: BodyError<Kind>,
    {
        Timeout::with_deadline(self.clock(), deadline).run_in(self, body)
    }

    /// A handle that cancels this task.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let stop = cx.canceller();
    ///     tokio::spawn(async move { stop.cancel() });
    ///     Ok::<_, Interrupted>(cx.wait(std::future::pending::<()>()).await?)
    /// });
    /// work.await;
    /// assert!(matches!(handle.output(), Some(Err(Interrupted::Cancelled(_)))));
    /// # });
    /// ```
    pub fn canceller(&self) -> Canceller<C> {
        Canceller {
            core: Arc::clone(&self.core),
        }
    }

    /// How many requests to cancel this task count.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     let waited = cx.wait(std::future::pending::<()>()).await;
    ///     assert!(waited.is_err());
    ///     Ok::<_, Interrupted>(cx.cancelling())
    /// });
    /// tokio::join!(work, async { handle.cancel() });
    /// assert_eq!(handle.output(), Some(Ok(1)));
    /// # });
    /// ```
    pub fn cancelling(&self) -> u32 {
        self.core.cancelling()
    }

    /// Takes one request back, after it was caught on purpose (T14); returns how many remain. At
    /// zero, a request that was not delivered yet is withdrawn.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     if cx.wait(std::future::pending::<()>()).await.is_err() {
    ///         cx.uncancel(); // caught on purpose: the task goes on as if nobody had asked
    ///     }
    ///     cx.wait(tokio::time::sleep(Duration::from_secs(1))).await?;
    ///     Ok::<_, Interrupted>(cx.cancelling())
    /// });
    /// tokio::join!(work, async { handle.cancel() });
    /// assert_eq!(handle.output(), Some(Ok(0)));
    /// # });
    /// ```
    #[track_caller]
    pub fn uncancel(&self) -> u32 {
        self.core.uncancel()
    }
}

impl<C: Clock> Clone for Cx<C> {
    fn clone(&self) -> Self {
        Cx {
            core: Arc::clone(&self.core),
        }
    }
}

impl<C: Clock> fmt::Debug for Cx<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx")
            .field("task", &self.core.id)
            .field("cancelling", &self.cancelling())
            .finish_non_exhaustive()
    }
}

/// What the body of a scope is given: everything of [`Cx`], and its own deadline.
pub struct Scope<C: Clock> {
    cx: Cx<C>,
    handle: Handle<C>,
}

impl<C: Clock> Scope<C> {
    pub(crate) fn new(cx: Cx<C>, handle: Handle<C>) -> Self {
        Scope { cx, handle }
    }

    /// The scope's deadline: to read it, to move it, to give it away.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// use std::time::Duration;
    ///
    /// let (work, handle) = task(&TokioClock, async |cx| {
    ///     cx.timeout(Duration::from_secs(1), async |cx| {
    ///         cx.deadline().reschedule_after(Duration::from_secs(9)).unwrap();
    ///         cx.wait(tokio::time::sleep(Duration::from_secs(5))).await?;
    ///         Ok::<_, Interrupted>("in time")
    ///     })
    ///     .await
    /// });
    /// work.await;
    /// assert_eq!(handle.output(), Some(Ok("in time")));
    /// # });
    /// ```
    pub fn deadline(&self) -> &Handle<C> {
        &self.handle
    }
}

impl<C: Clock> Deref for Scope<C> {
    type Target = Cx<C>;

    fn deref(&self) -> &Cx<C> {
        &self.cx
    }
}

impl<C: Clock> Clone for Scope<C> {
    fn clone(&self) -> Self {
        Scope {
            cx: self.cx.clone(),
            handle: self.handle.clone(),
        }
    }
}

impl<C: Clock> fmt::Debug for Scope<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("cx", &self.cx)
            .field("deadline", &self.handle)
            .finish()
    }
}
