//! A cancellable task: a future that any executor runs, and the handle that reaches into it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::body::{BodyError, end_of};
use crate::clock::Clock;
use crate::core::Core;
use crate::cx::Cx;
use crate::error::Cancelled;
use crate::join::Ended;
use crate::observe::{Requester, TaskEnd};
use crate::sync::Mutex;

/// What a task and its handles share: the cancel requests, and the output once there is one.
pub(crate) struct Shared<C: Clock, R> {
    pub(crate) core: Arc<Core<C>>,
    pub(crate) output: Mutex<Option<R>>,
}

/// Makes a cancellable task of `body`: a future to be spawned, and a handle.
///
/// # Timing
///
/// `body` is called at the first poll of the task. A task that is cancelled before that never runs
/// its body (T5). A request that is still undelivered when the body returns a value ends the task
/// in `Cancelled`, as in asyncio.
///
/// # Cancel safety
///
/// Dropping the task ends it: whoever waits for it gets `Cancelled`.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use deadheat_timeout::{Interrupted, TokioClock, task};
///
/// let (work, handle) = task(&TokioClock, async |cx| {
///     let forever = std::future::pending::<()>();
///     match cx.wait(forever).await {
///         // Clean-up may await here.
///         Err(cancelled) => Err(Interrupted::from(cancelled)),
///         Ok(()) => Ok("never"),
///     }
/// });
/// let running = tokio::spawn(work);
/// handle.cancel();
/// running.await.unwrap();
/// assert!(matches!(handle.ended().await, Err(Interrupted::Cancelled(_))));
/// # });
/// ```
#[expect(
    clippy::type_complexity,
    reason = "a future and its handle; an alias would hide both"
)]
pub fn task<C, B, F, T, E, Kind>(
    clock: &C,
    body: B,
) -> (Task<C, B, F, T, E, Kind>, TaskHandle<C, Result<T, E>>)
where
    C: Clock,
    B: FnOnce(Cx<C>) -> F,
    F: Future<Output = Result<T, E>>,
    E: BodyError<Kind>,
{
    let shared = Arc::new(Shared {
        core: Core::new(clock.clone()),
        output: Mutex::new(None),
    });
    let handle = TaskHandle {
        shared: Arc::clone(&shared),
    };
    let ending = Ending {
        shared,
        kind: std::marker::PhantomData,
    };
    (
        Task {
            body: Some(body),
            future: None,
            ending,
        },
        handle,
    )
}

pin_project! {
    /// The future of a cancellable task, made by [`task`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it ends the task: its body is dropped first, then whoever waits for the task gets `Cancelled`.
    #[must_use = "futures do nothing unless awaited or spawned"]
    pub struct Task<C: Clock, B, F, T, E: BodyError<Kind>, Kind> {
        // Dropped before `ending`, so that clean-up by drop comes before the end is announced.
        body: Option<B>,
        #[pin]
        future: Option<F>,
        ending: Ending<C, T, E, Kind>,
    }
}

/// Announces the end of a task once, at the latest when its future is dropped.
struct Ending<C: Clock, T, E: BodyError<Kind>, Kind> {
    shared: Arc<Shared<C, Result<T, E>>>,
    kind: std::marker::PhantomData<fn() -> Kind>,
}

impl<C: Clock, T, E: BodyError<Kind>, Kind> Ending<C, T, E, Kind> {
    fn core(&self) -> &Arc<Core<C>> {
        &self.shared.core
    }

    fn announce(&self, end: TaskEnd, output: Result<T, E>) {
        *self.shared.output.lock() = Some(output);
        self.core().finish(end);
    }

    /// The body never ran, or was dropped.
    fn announce_cancelled(&self) {
        self.announce(TaskEnd::Cancelled, Err(E::from(Cancelled::new())));
    }
}

impl<C: Clock, T, E: BodyError<Kind>, Kind> Drop for Ending<C, T, E, Kind> {
    fn drop(&mut self) {
        if self.core().end().is_none() {
            self.announce_cancelled();
        }
    }
}

impl<C, B, F, T, E, Kind> Future for Task<C, B, F, T, E, Kind>
where
    C: Clock,
    B: FnOnce(Cx<C>) -> F,
    F: Future<Output = Result<T, E>>,
    E: BodyError<Kind>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let core = this.ending.core();
        if let Some(body) = this.body.take() {
            if core.deliver() {
                drop(body);
                this.ending.announce_cancelled();
                return Poll::Ready(());
            }
            this.future.set(Some(body(Cx::new(Arc::clone(core)))));
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Ready(());
        };
        let Poll::Ready(mut output) = future.poll(cx) else {
            return Poll::Pending;
        };
        this.future.set(None);
        if core.close(output.is_ok()) {
            output = Err(E::from(Cancelled::new()));
        }
        this.ending
            .announce(end_of(&output, this.ending.core()), output);
        Poll::Ready(())
    }
}

/// Reaches a cancellable task from outside: to cancel it, and to get its output.
pub struct TaskHandle<C: Clock, R> {
    pub(crate) shared: Arc<Shared<C, R>>,
}

impl<C: Clock, R> TaskHandle<C, R> {
    /// Asks the task to cancel (T5); false if it has ended, and nothing was done.
    ///
    /// A task that waits for another task passes the request on to that one.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// assert!(handle.cancel());
    /// work.await;
    /// assert!(!handle.cancel(), "it has ended");
    /// # });
    /// ```
    #[track_caller]
    pub fn cancel(&self) -> bool {
        self.shared.core.cancel(Requester::Outside)
    }

    /// How many requests to cancel count: made, and not taken back.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// handle.cancel();
    /// handle.cancel();
    /// assert_eq!(handle.cancelling(), 2);
    /// # drop(work);
    /// # });
    /// ```
    pub fn cancelling(&self) -> u32 {
        self.shared.core.cancelling()
    }

    /// Takes one request back and returns how many remain (T14).
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// handle.cancel();
    /// assert_eq!(handle.uncancel(), 0); // nothing was delivered yet, so it is as if nobody had asked
    /// work.await;
    /// assert_eq!(handle.output(), Some(Ok(5)));
    /// # });
    /// ```
    #[track_caller]
    pub fn uncancel(&self) -> u32 {
        self.shared.core.uncancel()
    }

    /// Whether a request waits to be delivered.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// handle.cancel();
    /// assert!(handle.is_cancel_undelivered());
    /// work.await;
    /// assert!(!handle.is_cancel_undelivered());
    /// # });
    /// ```
    pub fn is_cancel_undelivered(&self) -> bool {
        self.shared.core.is_undelivered()
    }

    /// How the task ended, if it has.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TaskEnd, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// assert_eq!(handle.end(), None);
    /// work.await;
    /// assert_eq!(handle.end(), Some(TaskEnd::Returned));
    /// # });
    /// ```
    pub fn end(&self) -> Option<TaskEnd> {
        self.shared.core.end()
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// assert!(!handle.is_ended());
    /// drop(work); // which ends it, too
    /// assert!(handle.is_ended());
    /// # });
    /// ```
    pub fn is_ended(&self) -> bool {
        self.end().is_some()
    }

    /// The number of the task in [`Event`](crate::Event)s.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// assert_eq!(handle.id(), 0, "tokio's clock numbers nothing; a simulator's does");
    /// # drop(work);
    /// # });
    /// ```
    pub fn id(&self) -> u64 {
        self.shared.core.id
    }

    /// A handle without the output, for those who only cancel.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// let stop = handle.canceller();
    /// tokio::join!(async { stop.cancel() }, work);
    /// assert!(handle.output().unwrap().is_err());
    /// # });
    /// ```
    pub fn canceller(&self) -> Canceller<C> {
        Canceller {
            core: Arc::clone(&self.shared.core),
        }
    }
}

impl<C: Clock, R> TaskHandle<C, R> {
    /// Takes the output of a task that has ended, for outputs that cannot be cloned. Whoever waits
    /// for it afterwards waits for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    ///
    /// struct NoClone;
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(NoClone));
    /// work.await;
    /// assert!(handle.take_output().is_some());
    /// assert!(handle.take_output().is_none(), "it was taken");
    /// # });
    /// ```
    pub fn take_output(&self) -> Option<R> {
        self.shared.output.lock().take()
    }
}

impl<C: Clock, R: Clone> TaskHandle<C, R> {
    /// The output, if the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// assert_eq!(handle.output(), None);
    /// work.await;
    /// assert_eq!(handle.output(), Some(Ok(5)));
    /// # });
    /// ```
    pub fn output(&self) -> Option<R> {
        self.shared.output.lock().clone()
    }

    /// The end of the task, as a future that anybody can await.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the task alone; so it is a [`shield`](crate::shield) in a wait.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// tokio::spawn(work);
    /// assert_eq!(handle.ended().await, Ok(5));
    /// # });
    /// ```
    pub fn ended(&self) -> Ended<C, R> {
        Ended::new(Arc::clone(&self.shared))
    }
}

impl<C: Clock, R> Clone for TaskHandle<C, R> {
    fn clone(&self) -> Self {
        TaskHandle {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: Clock, R> std::fmt::Debug for TaskHandle<C, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskHandle")
            .field("id", &self.id())
            .field("cancelling", &self.cancelling())
            .field("end", &self.end())
            .finish()
    }
}

/// Cancels a task; does not reach its output.
pub struct Canceller<C: Clock> {
    pub(crate) core: Arc<Core<C>>,
}

impl<C: Clock> Canceller<C> {
    /// Asks the task to cancel (T5); false if it has ended, and nothing was done.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// let stop = handle.canceller();
    /// assert!(stop.cancel());
    /// work.await;
    /// assert!(!stop.cancel(), "it has ended");
    /// # });
    /// ```
    #[track_caller]
    pub fn cancel(&self) -> bool {
        self.core.cancel(Requester::Outside)
    }

    /// How many requests to cancel count.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// let stop = handle.canceller();
    /// stop.cancel();
    /// stop.cancel();
    /// assert_eq!(stop.cancelling(), 2);
    /// # drop(work);
    /// # });
    /// ```
    pub fn cancelling(&self) -> u32 {
        self.core.cancelling()
    }

    /// Whether a request waits to be delivered.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// let stop = handle.canceller();
    /// stop.cancel();
    /// assert!(stop.is_cancel_undelivered());
    /// work.await;
    /// assert!(!stop.is_cancel_undelivered());
    /// # });
    /// ```
    pub fn is_cancel_undelivered(&self) -> bool {
        self.core.is_undelivered()
    }

    /// How the task ended, if it has.
    ///
    /// # Examples
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// use deadheat_timeout::{Interrupted, TaskEnd, TokioClock, task};
    /// let (work, handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>(5));
    /// let stop = handle.canceller();
    /// assert_eq!(stop.end(), None);
    /// work.await;
    /// assert_eq!(stop.end(), Some(TaskEnd::Returned));
    /// # });
    /// ```
    pub fn end(&self) -> Option<TaskEnd> {
        self.core.end()
    }
}

impl<C: Clock> Clone for Canceller<C> {
    fn clone(&self) -> Self {
        Canceller {
            core: Arc::clone(&self.core),
        }
    }
}

impl<C: Clock> std::fmt::Debug for Canceller<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canceller")
            .field("id", &self.core.id)
            .finish_non_exhaustive()
    }
}
