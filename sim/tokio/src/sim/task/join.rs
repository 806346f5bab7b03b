//! The handle of a task: its output, and its abort.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use deadheat::program::Caught;

use super::body::{Body, OnDrop, Output};
use super::{Id, JoinError, coop};
use crate::runtime::context::{self, Owner};

/// Waits for a task. Dropping it leaves the task running.
pub struct JoinHandle<T>(Handle<T>);

enum Handle<T> {
    Tokio(tokio::task::JoinHandle<T>),
    Run {
        handle: deadheat::JoinHandle<Result<Output<T>, Caught>>,
        joined: bool,
        on_drop: OnDrop,
        begun: Begun,
    },
    /// Its runtime had been shut down.
    Refused {
        joined: bool,
    },
}

/// Whether a closure has begun, which nothing aborts then; none for a task that may be aborted at any time.
type Begun = Option<Arc<AtomicBool>>;

fn has_begun(begun: &Begun) -> bool {
    begun
        .as_ref()
        .is_some_and(|begun| begun.load(Ordering::Relaxed))
}

/// Spawns a task of the run on one of its runtimes.
#[track_caller]
pub(crate) fn spawn_on<F>(owner: &Arc<Owner>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if owner.is_closed() {
        return JoinHandle(Handle::Refused { joined: false });
    }
    let body = Body::new(future, Arc::clone(owner), false);
    let on_drop = body.on_drop();
    JoinHandle::of_run(owner, deadheat::spawn(body), on_drop, None)
}

/// Spawns a task of the run that calls `f`. Where `f` sleeps in a sealed run it waits, as a thread of its own would.
#[track_caller]
pub(crate) fn spawn_blocking_on<F, R>(owner: &Arc<Owner>, f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + 'static,
    R: 'static,
{
    if owner.is_closed() {
        return JoinHandle(Handle::Refused { joined: false });
    }
    let mut aside = Box::pin(deadheat::program::aside(f));
    let begun = Arc::new(AtomicBool::new(false));
    let begins = Arc::clone(&begun);
    let call = poll_fn(move |cx| {
        begins.store(true, Ordering::Relaxed);
        context::without_budget(|| aside.as_mut().poll(cx))
    });
    let body = Body::new(call, Arc::clone(owner), true);
    let on_drop = body.on_drop();
    JoinHandle::of_run(owner, deadheat::spawn(body), on_drop, Some(begun))
}

/// Spawns a task of the run that calls `f` in its only turn, or in the one after the time that it takes. Reports call it by its name, and nobody is to abort it.
#[cfg(any(feature = "fs", feature = "io-std"))]
#[track_caller]
pub(crate) fn spawn_operation_on<F, R>(
    owner: &Arc<Owner>,
    (name, takes): (&'static str, Option<deadheat::program::Latency>),
    f: F,
) -> JoinHandle<R>
where
    F: FnOnce() -> R + 'static,
    R: 'static,
{
    if owner.is_closed() {
        return JoinHandle(Handle::Refused { joined: false });
    }
    let call = async move {
        if let Some(takes) = takes {
            deadheat::sleep(takes).await;
        }
        context::without_budget(f)
    };
    let body = Body::new(call, Arc::clone(owner), true);
    let on_drop = body.on_drop();
    let handle = deadheat::spawn_named(name, body);
    JoinHandle::of_run(owner, handle, on_drop, None)
}

impl<T> JoinHandle<T> {
    fn of_run(
        owner: &Owner,
        handle: deadheat::JoinHandle<Result<Output<T>, Caught>>,
        on_drop: OnDrop,
        begun: Begun,
    ) -> Self {
        owner.owns(handle.abort_handle());
        JoinHandle(Handle::Run {
            handle,
            joined: false,
            on_drop,
            begun,
        })
    }

    /// Asks for the task to be dropped when it next would take a turn. A closure of `spawn_blocking` that has begun goes on.
    #[track_caller]
    pub fn abort(&self) {
        self.abort_handle().abort();
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Handle::Tokio(handle) => handle.is_finished(),
            Handle::Run { handle, .. } => handle.is_finished(),
            Handle::Refused { .. } => true,
        }
    }

    /// What aborts the task from elsewhere.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle(match &self.0 {
            Handle::Tokio(handle) => Abort::Tokio(handle.abort_handle()),
            Handle::Run { handle, begun, .. } => Abort::Run(handle.abort_handle(), begun.clone()),
            Handle::Refused { .. } => Abort::Refused,
        })
    }

    /// Which task it is.
    pub fn id(&self) -> Id {
        match &self.0 {
            Handle::Tokio(handle) => handle.id().into(),
            Handle::Run { handle, .. } => Id::of_task(handle.abort_handle().task()),
            Handle::Refused { .. } => Id::of_task(u32::MAX - 1),
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.id();
        match &mut self.0 {
            Handle::Tokio(handle) => Pin::new(handle).poll(cx).map_err(JoinError::from),
            Handle::Run {
                handle,
                joined,
                on_drop,
                ..
            } => {
                assert!(!*joined, "JoinHandle polled after completion");
                let polled = pin!(coop::cooperative(handle)).poll(cx);
                *joined = polled.is_ready();
                polled.map(|ended| match ended {
                    Ok(Ok(output)) => output.take().ok_or_else(|| JoinError::cancelled(id)),
                    Ok(Err(caught)) => Err(JoinError::panicked(id, caught)),
                    Err(deadheat::JoinError) => Err(match on_drop.take() {
                        Some(caught) => JoinError::panicked(id, caught),
                        None => JoinError::cancelled(id),
                    }),
                })
            }
            Handle::Refused { joined } => {
                assert!(!*joined, "JoinHandle polled after completion");
                *joined = true;
                Poll::Ready(Err(JoinError::cancelled(id)))
            }
        }
    }
}

impl<T> From<tokio::task::JoinHandle<T>> for JoinHandle<T> {
    fn from(handle: tokio::task::JoinHandle<T>) -> Self {
        JoinHandle(Handle::Tokio(handle))
    }
}

impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .finish()
    }
}

/// Aborts a task from elsewhere.
#[derive(Clone)]
pub struct AbortHandle(Abort);

#[derive(Clone)]
enum Abort {
    Tokio(tokio::task::AbortHandle),
    Run(deadheat::program::AbortHandle, Begun),
    Refused,
}

impl AbortHandle {
    /// Asks for the task to be dropped when it next would take a turn.
    #[track_caller]
    pub fn abort(&self) {
        match &self.0 {
            Abort::Tokio(handle) => handle.abort(),
            Abort::Run(_, begun) if has_begun(begun) => {}
            Abort::Run(handle, _) => handle.abort(),
            Abort::Refused => {}
        }
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Abort::Tokio(handle) => handle.is_finished(),
            Abort::Run(handle, _) => handle.is_finished(),
            Abort::Refused => true,
        }
    }

    /// Which task it is.
    pub fn id(&self) -> Id {
        match &self.0 {
            Abort::Tokio(handle) => handle.id().into(),
            Abort::Run(handle, _) => Id::of_task(handle.task()),
            Abort::Refused => Id::of_task(u32::MAX - 1),
        }
    }
}

impl UnwindSafe for AbortHandle {}
impl RefUnwindSafe for AbortHandle {}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .finish()
    }
}
