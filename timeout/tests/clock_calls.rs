//! What the library asks of a clock, call by call, on a clock that writes the calls down.
//!
//! 1. A timer that is armed and whose deadline moves later is postponed, and nothing else is done to it.
//! 2. What the clock does not postpone is moved by a reset, and polled.
//! 3. A timer that is not armed is not postponed.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat_timeout::{Clock, Timeout, Timer};

/// What was asked of a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Made(u64),
    Polled,
    Postponed(u64),
    Reset(u64),
    Disarmed,
    Dropped,
}

/// A clock that stands at zero.
#[derive(Clone)]
struct Noting {
    calls: Arc<Mutex<Vec<Call>>>,
    postpones: bool,
}

impl Noting {
    fn new(postpones: bool) -> Self {
        let calls = Arc::default();
        Noting { calls, postpones }
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
        0
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
}

struct NotingTimer {
    clock: Noting,
    deadline: u64,
}

impl Future for NotingTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.clock.note(Call::Polled);
        if self.deadline == 0 {
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
fn a_timer_is_dropped_once_at_the_exit_and_not_asked_anything_more() {
    let clock = Noting::new(true);
    let timeout = Timeout::at(&clock, 10);
    let handle = timeout.handle();
    let mut run = Box::pin(timeout.run(pending::<()>()));
    assert!(poll_once(run.as_mut()).is_pending());
    clock.calls();
    drop(run);
    assert_eq!(clock.calls(), [Call::Dropped]);
    handle.reschedule_at(20).unwrap_err();
    assert_eq!(clock.calls(), []);
}
