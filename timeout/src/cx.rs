//! What a cancellable task's body is given: its waits, its scopes, its cancel requests.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::body::BodyError;
use crate::clock::{Clock, deadline_after};
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
    pub fn timeout<B, F, T, E, Kind>(&self, delay: Duration, body: B) -> Scoped<C, B, F, Kind>
    where
        B: FnOnce(Scope<C>) -> F,
        F: Future<Output = Result<T, E>>,
        E: BodyError<Kind>,
    {
        self.timeout_at(deadline_after(self.clock(), delay), body)
    }

    /// Runs `body` until `deadline` at most, or without one; see [`Timeout::run_in`].
    ///
    /// # Errors
    ///
    /// `Elapsed` if this scope's deadline ended the body; else what the body ended in.
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
    pub fn canceller(&self) -> Canceller<C> {
        Canceller {
            core: Arc::clone(&self.core),
        }
    }

    /// How many requests to cancel this task count.
    pub fn cancelling(&self) -> u32 {
        self.core.cancelling()
    }

    /// Takes one request back, after it was caught on purpose (T14); returns how many remain. At
    /// zero, a request that was not delivered yet is withdrawn.
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
