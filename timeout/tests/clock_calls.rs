//! What the library asks of a clock, call by call, on a clock that writes the calls down.
//!
//! 1. A timer that is armed and whose deadline moves later is postponed, and nothing else is done to it.
//! 2. What the clock does not postpone is moved by a reset, and polled.
//! 3. What moves without being postponed a fourth time is hastened.
//! 4. A timer that is not armed is not postponed.
//! 5. A timer that has been ready is not polled again.
//! 6. A timer is polled for the deadline of its scope.
//! 7. At its exit a scope drops its timer and then says that it has ended, in the turn in which its future ends.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use deadheat_timeout::{Clock, Event, ScopeEnd, State, Timeout, Timer};

/// What was asked of a timer, and the end of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Made(u64),
    Polled,
    Postponed(u64),
    Hastened(u64),
    Reset(u64),
    Disarmed,
    Dropped,
    Exited(State, ScopeEnd),
}

/// A clock that stands until it is moved on.
#[derive(Clone)]
struct Noting {
    calls: Arc<Mutex<Vec<Call>>>,
    time: Arc<Mutex<Time>>,
    postpones: bool,
}

#[derive(Default)]
struct Time {
    now: u64,
    /// Who polled a timer last.
    waker: Option<Waker>,
}

impl Noting {
    fn new(postpones: bool) -> Self {
        Noting {
            calls: Arc::default(),
            time: Arc::default(),
            postpones,
        }
    }

    /// Moves on, and wakes whoever polled a timer last.
    fn advance(&self, now: u64) {
        let waker = {
            let mut time = self.time.lock().unwrap();
            time.now = now;
            time.waker.clone()
        };
        waker.unwrap().wake();
    }

    fn note(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    /// The calls since the last look.
    fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

impl Clock for Noting {
    type Instant = u64;
    type Timer = NotingTimer;

    fn now(&self) -> u64 {
        self.time.lock().unwrap().now
    }

    fn timer(&self, deadline: u64) -> NotingTimer {
        self.note(Call::Made(deadline));
        NotingTimer {
            clock: self.clone(),
            deadline,
        }
    }

    fn checked_add(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_add(by.as_secs())
    }

    fn checked_sub(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_sub(by.as_secs())
    }

    fn observe(&self, event: Event<u64>) {
        if let Event::ScopeExited { state, end, .. } = event {
            self.note(Call::Exited(state, end));
        }
    }
}

struct NotingTimer {
    clock: Noting,
    deadline: u64,
}

impl Future for NotingTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.clock.note(Call::Polled);
        let mut time = self.clock.time.lock().unwrap();
        time.waker = Some(cx.waker().clone());
        if self.deadline <= time.now {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Timer<u64> for NotingTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: u64) {
        self.clock.note(Call::Reset(deadline));
        self.deadline = deadline;
    }

    fn postpone(mut self: Pin<&mut Self>, deadline: u64) -> bool {
        self.clock.note(Call::Postponed(deadline));
        let postponed = self.clock.postpones && deadline >= self.deadline;
        if postponed {
            self.deadline = deadline;
        }
        postponed
    }

    fn hasten(mut self: Pin<&mut Self>, deadline: u64) {
        self.clock.note(Call::Hastened(deadline));
        self.deadline = deadline;
    }

    fn poll_for(self: Pin<&mut Self>, deadline: u64, cx: &mut Context<'_>) -> Poll<()> {
        assert_eq!(deadline, self.deadline);
        self.poll(cx)
    }

    fn disarm(self: Pin<&mut Self>) {
        self.clock.note(Call::Disarmed);
    }
}

impl Drop for NotingTimer {
    fn drop(&mut self) {
        self.clock.note(Call::Dropped);
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_deadline_that_moves_later_costs_one_call_where_the_clock_postpones() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    assert_eq!(clock.calls(), [Call::Made(10), Call::Polled]);
    handle.reschedule_at(20).unwrap();
    assert_eq!(clock.calls(), [Call::Postponed(20)]);
    assert!(poll_once(run.as_mut()).is_pending());
    assert_eq!(clock.calls(), [], "it is armed still");
}

#[test]
fn a_deadline_that_the_clock_does_not_postpone_is_reset_and_polled() {
    let clock = Noting::new(false);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    handle.reschedule_at(20).unwrap();
    let moved = [Call::Postponed(20), Call::Reset(20), Call::Polled];
    assert_eq!(clock.calls(), moved);
    handle.reject().unwrap();
    assert_eq!(clock.calls(), [Call::Disarmed]);
}

#[test]
fn a_deadline_that_moves_ahead_of_its_timer_a_fourth_time_is_hastened_and_polled() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 30);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    let moves: [fn(u64) -> Call; 5] = [
        Call::Reset,
        Call::Reset,
        Call::Reset,
        Call::Hastened,
        Call::Hastened,
    ];
    for (deadline, moved) in (10..30).rev().zip(moves) {
        handle.reschedule_at(deadline).unwrap();
        let asked = [Call::Postponed(deadline), moved(deadline), Call::Polled];
        assert_eq!(clock.calls(), asked);
        // What is postponed does not count.
        handle.reschedule_at(deadline).unwrap();
        assert_eq!(clock.calls(), [Call::Postponed(deadline)]);
    }
}

#[test]
fn a_timer_that_is_not_armed_is_not_postponed() {
    let clock = Noting::new(true);
    let timeout = Timeout::never(&clock);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    handle.reschedule_at(20).unwrap();
    assert_eq!(clock.calls(), [Call::Reset(20), Call::Polled]);
    handle.reject().unwrap();
    clock.calls();
    handle.reschedule_at(30).unwrap();
    assert_eq!(clock.calls(), [Call::Reset(30), Call::Polled]);
}

#[test]
fn a_scope_that_is_dropped_drops_its_timer_and_asks_nothing_more_of_it() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = Box::pin(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    drop(run);
    let exit = Call::Exited(State::Finished, ScopeEnd::Dropped);
    assert_eq!(clock.calls(), [Call::Dropped, exit]);
    handle.reschedule_at(20).unwrap_err();
    assert_eq!(clock.calls(), []);
}

#[test]
fn a_future_that_is_ready_ends_its_scope_in_that_turn() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(async { 5 }));
    assert_eq!(poll_once(run.as_mut()), Poll::Ready(Ok(5)));
    let exit = Call::Exited(State::Finished, ScopeEnd::Value);
    assert_eq!(clock.calls(), [Call::Made(10), Call::Dropped, exit]);
    assert_eq!(handle.state(), State::Finished);
}

#[test]
fn a_future_that_was_too_slow_is_dropped_and_ends_its_scope_in_that_turn() {
    let clock = Noting::new(true);
    let held = Arc::new(());
    let body = Arc::clone(&held);
    let mut run = pin!(Timeout::at(&clock, 10).run(async move {
        pending::<()>().await;
        drop(body);
    }));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.advance(10);
    clock.calls();
    assert!(matches!(poll_once(run.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(Arc::strong_count(&held), 1);
    let exit = Call::Exited(State::Expired, ScopeEnd::Elapsed);
    assert_eq!(clock.calls(), [Call::Dropped, exit]);
}

#[test]
fn a_timer_that_wakes_again_after_it_was_ready_is_not_polled() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    clock.advance(10);
    assert_eq!(
        (clock.calls(), handle.state()),
        (vec![Call::Polled], State::Expiring)
    );
    clock.advance(11);
    assert_eq!(clock.calls(), []);
}

/// A waker that does nothing, and is kept by those who were not told to forget it.
struct Silent;

impl Wake for Silent {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_handle_that_outlives_its_scope_keeps_no_waker_of_the_owner() {
    let timeout = Timeout::at(&Noting::new(true), 10);
    let _handle = timeout.handle();
    let mut run = Box::pin(timeout.run(pending::<()>()));
    let silent = Arc::new(Silent);
    let waker = Waker::from(Arc::clone(&silent));
    let poll = run.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    drop((run, waker));
    assert_eq!(Arc::strong_count(&silent), 1);
}
