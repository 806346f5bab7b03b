//! What a clock is told of tasks and scopes: each step once, in the order in which it takes effect.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat_timeout::{
    Clock, Cx, Event, Interrupted, Requester, ScopeEnd, State, TaskEnd, TaskHandle, Timeout, Timer,
    task,
};

/// A clock that stands at zero, numbers tasks and scopes from one, and keeps what it is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<(u64, Vec<Event<u64>>)>>);

impl Told {
    /// What it was told since the last look.
    fn events(&self) -> Vec<Event<u64>> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }

    /// A task that has had its first turn.
    fn begun<T, B, F>(&self, body: B) -> (Pin<Box<dyn Future<Output = ()>>>, Handle<T>)
    where
        B: FnOnce(Cx<Told>) -> F + 'static,
        F: Future<Output = Result<T, Interrupted>> + 'static,
        T: 'static,
    {
        let (future, handle) = task(self, body);
        let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
        let _ = turn(&mut future);
        (future, handle)
    }
}

type Handle<T> = TaskHandle<Told, Result<T, Interrupted>>;

impl Clock for Told {
    type Instant = u64;
    type Timer = DueAtZero;

    fn now(&self) -> u64 {
        0
    }

    fn timer(&self, deadline: u64) -> DueAtZero {
        DueAtZero(deadline)
    }

    fn checked_add(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_add(by.as_secs())
    }

    fn checked_sub(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_sub(by.as_secs())
    }

    fn next_id(&self) -> u64 {
        let mut told = self.0.lock().unwrap();
        told.0 += 1;
        told.0
    }

    fn observe(&self, event: Event<u64>) {
        self.0.lock().unwrap().1.push(event);
    }
}

/// A timer of a clock that stands: ready if its deadline is zero.
struct DueAtZero(u64);

impl Future for DueAtZero {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Timer<u64> for DueAtZero {
    fn reset(mut self: Pin<&mut Self>, deadline: u64) {
        self.0 = deadline;
    }

    fn disarm(self: Pin<&mut Self>) {}
}

fn turn<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn of_a_task_that_waits_and_returns_nothing_but_its_end_is_told() {
    let clock = Told::default();
    let (mut work, _) = clock.begun(async |cx| {
        let mut first = true;
        cx.wait(std::future::poll_fn(|_| {
            if std::mem::take(&mut first) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }))
        .await?;
        Ok(())
    });
    assert_eq!(clock.events(), []);
    assert!(turn(&mut work).is_ready());
    drop(work);
    let end = TaskEnd::Returned;
    assert_eq!(clock.events(), [Event::TaskEnded { task: 1, end }]);
}

#[test]
fn a_request_is_told_when_it_is_made_and_when_it_is_delivered_and_the_end_once() {
    let clock = Told::default();
    let (mut work, handle) =
        clock.begun(async |cx| cx.wait(pending::<()>()).await.map_err(Interrupted::from));
    assert!(handle.cancel());
    let by = Requester::Outside;
    assert_eq!(clock.events(), [Event::CancelRequested { task: 1, by }]);
    assert!(turn(&mut work).is_ready());
    let end = TaskEnd::Cancelled;
    let told = [
        Event::CancelDelivered { task: 1 },
        Event::TaskEnded { task: 1, end },
    ];
    assert_eq!(clock.events(), told);
    drop(work);
    assert!(!handle.cancel());
    assert_eq!(clock.events(), [], "nothing happened");
}

#[test]
fn a_request_that_is_taken_back_says_how_many_remain() {
    let clock = Told::default();
    let (_work, handle) =
        clock.begun(async |cx| cx.wait(pending::<()>()).await.map_err(Interrupted::from));
    handle.cancel();
    handle.cancel();
    clock.events();
    let remaining = handle.uncancel();
    assert_eq!(remaining, 1);
    assert_eq!(clock.events(), [Event::Uncancelled { task: 1, remaining }]);
}

#[test]
fn a_task_that_is_dropped_is_told_as_cancelled_once() {
    let clock = Told::default();
    let (work, _) =
        clock.begun(async |cx| cx.wait(pending::<()>()).await.map_err(Interrupted::from));
    drop(work);
    let end = TaskEnd::Cancelled;
    assert_eq!(clock.events(), [Event::TaskEnded { task: 1, end }]);
}

#[test]
fn a_join_is_told_once_and_so_is_each_request_that_it_passes_on() {
    let clock = Told::default();
    let (_child, on) =
        clock.begun(async |cx| cx.wait(pending::<()>()).await.map_err(Interrupted::from));
    let (mut work, handle) = clock.begun(async move |cx| cx.join(&on).await);
    assert_eq!(clock.events(), [Event::Joining { task: 2, on: 1 }]);
    assert!(turn(&mut work).is_pending());
    assert_eq!(clock.events(), []);
    handle.cancel();
    let told = [(2, Requester::Outside), (1, Requester::Waiter(2))]
        .map(|(task, by)| Event::CancelRequested { task, by });
    assert_eq!(clock.events(), told);
}

#[test]
fn nothing_is_told_of_the_join_of_a_task_that_has_ended() {
    let clock = Told::default();
    let (_child, on) = clock.begun(async |_| Ok(5));
    clock.events();
    let (_work, handle) = clock.begun(async move |cx| cx.join(&on).await);
    assert_eq!(handle.output(), Some(Ok(5)));
    let end = TaskEnd::Returned;
    assert_eq!(clock.events(), [Event::TaskEnded { task: 2, end }]);
}

#[test]
fn a_cooperative_scope_is_told_from_its_enter_to_its_exit() {
    let clock = Told::default();
    let (mut work, handle) = clock.begun(async |cx| {
        cx.timeout_at(Some(0), async |cx| Ok(cx.wait(pending::<()>()).await?))
            .await
    });
    let entered = Event::ScopeEntered {
        scope: 2,
        owner: Some(1),
        deadline: Some(0),
    };
    assert_eq!(clock.events(), [entered]);
    assert!(turn(&mut work).is_ready());
    assert!(matches!(
        handle.output(),
        Some(Err::<(), _>(Interrupted::Elapsed(_)))
    ));
    let told = [
        Event::ScopeExpiring { scope: 2 },
        Event::CancelRequested {
            task: 1,
            by: Requester::Scope(2),
        },
        Event::CancelDelivered { task: 1 },
        Event::ScopeExited {
            scope: 2,
            state: State::Expired,
            end: ScopeEnd::Elapsed,
        },
        Event::TaskEnded {
            task: 1,
            end: TaskEnd::Failed,
        },
    ];
    assert_eq!(clock.events(), told);
}

#[test]
fn a_native_scope_is_told_with_its_moves_and_as_dropped_if_it_is() {
    let clock = Told::default();
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = Box::pin(timeout.run(pending::<()>()));
    assert_eq!(clock.events(), [], "it is entered at the first poll");
    assert!(turn(&mut run).is_pending());
    let (scope, owner, deadline) = (1, None, Some(10));
    let entered = Event::ScopeEntered {
        scope,
        owner,
        deadline,
    };
    assert_eq!(clock.events(), [entered]);
    handle.reject().unwrap();
    let deadline = None;
    let moved = Event::ScopeRescheduled { scope, deadline };
    assert_eq!(clock.events(), [moved]);
    drop(run);
    handle.reject().unwrap_err();
    let exited = Event::ScopeExited {
        scope,
        state: State::Finished,
        end: ScopeEnd::Dropped,
    };
    assert_eq!(clock.events(), [exited]);
}
