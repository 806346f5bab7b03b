//! A task of the run as tokio runs it: in its runtime's context, known by its id, its panic caught.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use deadheat::Caught;
use pin_project_lite::pin_project;

use super::id::{Id, as_task};
use crate::runtime::context::{self, Owner};

pin_project! {
    /// The future of a task. It is dropped in its context, too.
    pub(crate) struct Body<F> {
        #[pin]
        future: Option<F>,
        owner: Arc<Owner>,
        // Whether it may wait as plain functions do.
        blocking: bool,
    }

    impl<F> PinnedDrop for Body<F> {
        fn drop(this: Pin<&mut Self>) {
            if this.future.is_some() {
                let mut this = this.project();
                // Nobody can be told of a panic here: it fails the run.
                let dropped = deadheat::catch(|| inside(this.owner, *this.blocking, || this.future.set(None)));
                drop(dropped);
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
        }
    }
}

/// Runs `f` in the context of the task that has its turn.
fn inside<R>(owner: &Arc<Owner>, blocking: bool, f: impl FnOnce() -> R) -> R {
    let id = deadheat::current_task().map(Id::of_task);
    as_task(id, || context::within(owner, !blocking, f))
}

impl<F: Future> Future for Body<F> {
    type Output = Result<F::Output, Caught>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (owner, blocking) = (&*this.owner, *this.blocking);
        let polled = deadheat::catch(|| {
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
        let dropped = deadheat::catch(|| inside(owner, blocking, || this.future.set(None)));
        match polled {
            Ok(Poll::Ready(output)) => {
                drop(dropped);
                Poll::Ready(Ok(output))
            }
            Err(caught) => {
                // It is the first panic that whoever joins is told of.
                if let Err(second) = dropped {
                    second.see();
                }
                Poll::Ready(Err(caught))
            }
            Ok(Poll::Pending) => Poll::Pending,
        }
    }
}
