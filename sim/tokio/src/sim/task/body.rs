//! A task of the run as tokio runs it: in its runtime's context, known by its id, its panic caught.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use deadheat::program::Caught;
use pin_project_lite::pin_project;

use super::id::{Id, as_task};
use super::local;
use crate::runtime::context::{self, Owner};

pin_project! {
    /// The future of a task. It is dropped in its context, too.
    pub(crate) struct Body<F> {
        #[pin]
        future: Option<F>,
        owner: Arc<Owner>,
        // Whether it may wait as plain functions do.
        blocking: bool,
        on_drop: OnDrop,
    }

    impl<F> PinnedDrop for Body<F> {
        fn drop(this: Pin<&mut Self>) {
            if this.future.is_some() {
                let mut this = this.project();
                let (owner, blocking) = (&*this.owner, *this.blocking);
                let dropped = deadheat::program::catch(|| inside(owner, blocking, || this.future.set(None)));
                if let Err(caught) = dropped {
                    this.on_drop.keep(caught);
                }
            }
        }
    }
}

impl<F> Body<F> {
    pub(crate) fn new(future: F, owner: Arc<Owner>, blocking: bool) -> Self {
        Body {
            future: Some(future),
            owner,
            blocking,
            on_drop: OnDrop::default(),
        }
    }

    /// Where a panic will be that comes as the task is dropped.
    pub(crate) fn on_drop(&self) -> OnDrop {
        self.on_drop.clone()
    }
}

/// What an aborted task panicked with as it was dropped, on its way to whoever joins.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnDrop(Arc<Mutex<Option<Caught>>>);

impl OnDrop {
    fn keep(&self, caught: Caught) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(caught);
    }

    pub(crate) fn take(&self) -> Option<Caught> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The output of a task, dropped as of this task if nobody takes it.
pub(crate) struct Output<T> {
    value: Option<T>,
    id: Option<Id>,
}

impl<T> Output<T> {
    pub(crate) fn take(mut self) -> Option<T> {
        self.value.take()
    }
}

impl<T> Drop for Output<T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            // As tokio does, a panic here is nobody's.
            let dropped = deadheat::program::catch(|| as_task(self.id, || drop(value)));
            if let Err(caught) = dropped {
                caught.discard();
            }
        }
    }
}

/// Runs `f` in the context of the task that has its turn.
fn inside<R>(owner: &Arc<Owner>, blocking: bool, f: impl FnOnce() -> R) -> R {
    let id = deadheat::program::current_task().map(Id::of_task);
    let _no_set = local::leave();
    as_task(id, || context::within(owner, !blocking, f))
}

impl<F: Future> Future for Body<F> {
    type Output = Result<Output<F::Output>, Caught>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (owner, blocking) = (&*this.owner, *this.blocking);
        let polled = deadheat::program::catch(|| {
            inside(owner, blocking, || {
                match this.future.as_mut().as_pin_mut() {
                    Some(future) => future.poll(cx),
                    None => Poll::Pending,
                }
            })
        });
        if matches!(polled, Ok(Poll::Pending)) {
            return Poll::Pending;
        }
        let dropped =
            deadheat::program::catch(|| inside(owner, blocking, || this.future.set(None)));
        match polled {
            Ok(Poll::Ready(output)) => {
                drop(dropped);
                let id = deadheat::program::current_task().map(Id::of_task);
                let value = Some(output);
                Poll::Ready(Ok(Output { value, id }))
            }
            Err(caught) => {
                // It is the first panic that whoever joins is told of.
                if let Err(second) = dropped {
                    second.discard();
                }
                caught.ends_its_task();
                Poll::Ready(Err(caught))
            }
            Ok(Poll::Pending) => Poll::Pending,
        }
    }
}
