//! The futures that own a scope or a task: `Run`, `Scoped`, `Wait`, `Join` and `Task` of the library,
//! poll for poll. Theirs are pinned by a macro that this crate does not depend on; nothing in them is
//! shared between threads, so that standing in for them loses nothing.

use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use crate::core::{Core, Joining, WaitPoint};
use crate::error::Cancelled;
use crate::fake::FakeClock;
use crate::handle::Handle;
use crate::machine::BodyEnd;
use crate::observe::{ScopeEnd, TaskEnd};
use crate::scope::{Leave, Shared};

/// How the future of an owner ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Value,
    Elapsed,
    Cancelled,
}

pub(crate) type Owner = Pin<Box<dyn Future<Output = End> + Send>>;

/// A scope with a deadline, and its handle.
pub(crate) fn scope(
    clock: &FakeClock,
    deadline: u64,
) -> (Arc<Shared<FakeClock>>, Handle<FakeClock>) {
    let shared = Shared::new(clock.clone(), Some(deadline), None, Location::caller());
    (Arc::clone(&shared), Handle::new(shared))
}

/// `Run::poll`.
pub(crate) async fn native(shared: Arc<Shared<FakeClock>>, body: impl Future) -> End {
    let mut leave = Leave::of(&shared);
    shared.enter_future();
    let value = {
        let mut body = pin!(body);
        poll_fn(|cx| match body.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if shared.native_turn(cx.waker()) => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        })
        .await
    };
    if value {
        leave.exit(BodyEnd::Value);
        return End::Value;
    }
    leave.exit(BodyEnd::Cancelled);
    End::Elapsed
}

/// `Scoped::poll`.
pub(crate) async fn scoped(
    core: Arc<Core<FakeClock>>,
    shared: Arc<Shared<FakeClock>>,
    body: impl Future<Output = Result<(), Cancelled>>,
) -> End {
    let mut leave = Leave::of(&shared);
    let mut entered = false;
    let output = {
        let mut body = pin!(body);
        poll_fn(|cx| {
            if std::mem::replace(&mut entered, true) {
                shared.task_turn();
            } else {
                shared.enter_task(&core);
            }
            let poll = body.as_mut().poll(cx);
            if poll.is_pending() && shared.is_due() {
                cx.waker().wake_by_ref();
            }
            poll
        })
        .await
    };
    let (end, other) = match output {
        Ok(()) => (BodyEnd::Value, End::Value),
        Err(_) => (BodyEnd::Cancelled, End::Cancelled),
    };
    match leave.exit(end) {
        Some(ScopeEnd::Elapsed) => End::Elapsed,
        _ => other,
    }
}

/// `Wait::poll`.
pub(crate) async fn wait(
    core: &Arc<Core<FakeClock>>,
    future: impl Future,
) -> Result<(), Cancelled> {
    let mut point = WaitPoint::new(Arc::clone(core));
    let mut future = pin!(future);
    poll_fn(|cx| {
        if point.begin() {
            return Poll::Ready(Err(Cancelled::new()));
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(Ok(())),
            Poll::Pending => {
                point.suspend(cx);
                Poll::Pending
            }
        }
    })
    .await
}

/// `Join::poll`, of a task whose output does not matter.
pub(crate) async fn join(
    core: &Arc<Core<FakeClock>>,
    child: &Arc<Core<FakeClock>>,
) -> Result<(), Cancelled> {
    let mut joining = Joining::new(Arc::clone(child));
    let mut point = WaitPoint::new(Arc::clone(core));
    poll_fn(|cx| {
        if point.begin() {
            return Poll::Ready(Err(Cancelled::new()));
        }
        if joining.poll_in(&point, cx) {
            return Poll::Ready(Ok(()));
        }
        point.suspend(cx);
        Poll::Pending
    })
    .await?;
    match child.end() {
        Some(TaskEnd::Cancelled) => Err(Cancelled::new()),
        _ => Ok(()),
    }
}

/// `Task::poll`.
pub(crate) async fn task(core: Arc<Core<FakeClock>>, body: impl Future<Output = End>) -> End {
    let mut end = if core.deliver() {
        End::Cancelled
    } else {
        body.await
    };
    if core.close(end == End::Value) {
        end = End::Cancelled;
    }
    core.finish(match end {
        End::Value => TaskEnd::Returned,
        End::Elapsed => TaskEnd::Failed,
        End::Cancelled => TaskEnd::Cancelled,
    });
    end
}

/// What a body ended in, as the end of its task.
pub(crate) fn end_of(output: Result<(), Cancelled>) -> End {
    match output {
        Ok(()) => End::Value,
        Err(_) => End::Cancelled,
    }
}
