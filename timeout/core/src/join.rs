//! Waiting for a task: passing cancel requests on to it (`join`), or not (`shield`).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::clock::Clock;
use crate::core::{Core, Joining, WaitPoint};
use crate::error::Cancelled;
use crate::hops::Hops;
use crate::task::{Shared, TaskHandle};

/// Waits for a task without passing cancel requests on to it (T13).
///
/// # Errors
///
/// The task's own, as a value: `shield` itself has none. In `cx.wait(shield(&task))` a request to cancel ends the wait
/// with [`Cancelled`], and the task goes on.
///
/// # Cancel safety
///
/// Dropping it leaves the task alone. The output stays with the task, so another wait for it gets it.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use deadheat_timeout::{Interrupted, TokioClock, shield, task};
/// use std::time::Duration;
///
/// let (upload, upload_handle) = task(&TokioClock, async |_| Ok::<_, Interrupted>("stored"));
/// let (request, request_handle) = task(&TokioClock, async move |cx| {
///     // If the request is cancelled, the upload goes on.
///     cx.wait(shield(&upload_handle)).await?
/// });
/// tokio::spawn(upload);
/// tokio::spawn(request).await.unwrap();
/// assert_eq!(request_handle.ended().await, Ok("stored"));
/// # });
/// ```
pub fn shield<C: Clock, R: Clone>(task: &TaskHandle<C, R>) -> Shield<C, R> {
    Shield {
        hops: Hops::new(&task.shared.core.clock, 1),
        ended: task.ended(),
        suspended: false,
    }
}

/// The future of [`shield`].
///
/// As in asyncio a callback stands between the task's end and the turn of whoever waits.
///
/// # Cancel safety
///
/// Dropping it leaves the task alone.
#[must_use = "futures do nothing unless awaited"]
pub struct Shield<C: Clock, R> {
    hops: Hops<C>,
    ended: Ended<C, R>,
    suspended: bool,
}

impl<C: Clock, R: Clone> Future for Shield<C, R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.suspended, true) {
            let cause = this.hops.cause();
            let ended = Pin::new(&mut this.ended).poll(&mut Context::from_waker(&cause));
            if ended.is_ready() {
                return ended;
            }
        }
        ready!(Pin::new(&mut this.hops).poll(cx));
        Pin::new(&mut this.ended).poll(cx)
    }
}

/// The end of a task, awaited from outside it. Made by [`TaskHandle::ended`].
///
/// Where somebody [took the output](TaskHandle::take_output) away it waits for ever.
///
/// # Cancel safety
///
/// Dropping it leaves the task alone. The output stays with the task, so another wait for it gets it.
#[must_use = "futures do nothing unless awaited"]
pub struct Ended<C: Clock, R> {
    shared: Arc<Shared<C, R>>,
    joining: Joining<C>,
}

impl<C: Clock, R> Ended<C, R> {
    pub(crate) fn new(shared: Arc<Shared<C, R>>) -> Self {
        let joining = Joining::new(Arc::clone(&shared.core));
        Ended { shared, joining }
    }
}

impl<C: Clock, R: Clone> Future for Ended<C, R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = self.get_mut();
        if !this.joining.poll(cx) {
            return Poll::Pending;
        }
        output(&this.shared)
    }
}

/// The future of [`Cx::join`](crate::Cx::join).
///
/// # Cancel safety
///
/// Dropping it leaves the task that is waited for running, and no more requests are passed on to it.
#[must_use = "futures do nothing unless awaited"]
pub struct Join<C: Clock, R> {
    shared: Arc<Shared<C, R>>,
    joining: Joining<C>,
    /// None once the wait has ended.
    point: Option<WaitPoint<C>>,
}

impl<C: Clock, R> Join<C, R> {
    pub(crate) fn new(core: &Arc<Core<C>>, task: &TaskHandle<C, R>) -> Self {
        Join {
            joining: Joining::new(Arc::clone(&task.shared.core)),
            shared: Arc::clone(&task.shared),
            point: Some(WaitPoint::new(Arc::clone(core))),
        }
    }
}

impl<C: Clock, T: Clone, E: Clone + From<Cancelled>> Future for Join<C, Result<T, E>> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(point) = &mut this.point else {
            // Polled after it ended: there is nothing left to be ready.
            return Poll::Pending;
        };
        let delivered = point.begin();
        if !delivered && !this.joining.poll_in(point, cx) {
            point.suspend(cx);
            return Poll::Pending;
        }
        this.point = None;
        if delivered {
            Poll::Ready(Err(E::from(Cancelled::new())))
        } else {
            output(&this.shared)
        }
    }
}

/// The output of a task that has ended. Where somebody took it away, there is nothing to wait for.
fn output<C: Clock, R: Clone>(shared: &Shared<C, R>) -> Poll<R> {
    match shared.output.lock().as_ref() {
        Some(output) => Poll::Ready(output.clone()),
        None => Poll::Pending,
    }
}
