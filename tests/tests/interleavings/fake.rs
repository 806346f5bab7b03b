//! What a loom model needs around the library: a clock that a thread moves on, an executor of one
//! future, and a gate that a thread opens.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::clock::{Clock, Timer};
use crate::sync::Mutex;

/// A clock of whole ticks that stands still until [`advance`](Self::advance).
#[derive(Clone)]
pub(crate) struct FakeClock {
    state: Arc<Mutex<State>>,
    when_due: WhenDue,
}

/// What a timer does that is due as it is polled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenDue {
    IsReady,
    /// Wakes from inside its own poll, and is ready at the next one.
    WakesInPoll,
    /// Waits for the clock to move on once more, as in a simulation.
    Waits,
}

struct State {
    now: u64,
    next_number: u64,
    armed: Vec<Armed>,
}

struct Armed {
    number: u64,
    deadline: u64,
    waker: Waker,
}

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self::with(WhenDue::IsReady)
    }

    pub(crate) fn that_wakes_in_poll() -> Self {
        Self::with(WhenDue::WakesInPoll)
    }

    pub(crate) fn that_waits() -> Self {
        Self::with(WhenDue::Waits)
    }

    fn with(when_due: WhenDue) -> Self {
        FakeClock {
            state: Arc::new(Mutex::new(State {
                now: 0,
                next_number: 0,
                armed: Vec::new(),
            })),
            when_due,
        }
    }

    /// Lets time pass and wakes the timers that have come due, outside of the clock's lock.
    pub(crate) fn advance(&self, to: u64) {
        let due: Vec<Armed> = {
            let mut state = self.state.lock();
            state.now = to;
            state
                .armed
                .extract_if(.., |armed| armed.deadline <= to)
                .collect()
        };
        due.into_iter().for_each(|armed| armed.waker.wake());
    }

    /// How many timers are armed.
    pub(crate) fn armed(&self) -> usize {
        self.state.lock().armed.len()
    }
}

impl Clock for FakeClock {
    type Instant = u64;
    type Timer = FakeTimer;

    fn now(&self) -> u64 {
        self.state.lock().now
    }

    fn timer(&self, deadline: u64) -> FakeTimer {
        let mut state = self.state.lock();
        state.next_number += 1;
        FakeTimer {
            clock: self.clone(),
            number: state.next_number,
            deadline: Some(deadline),
            woke_in_poll: false,
        }
    }

    fn checked_add(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_add(by.as_secs())
    }

    fn checked_sub(&self, at: u64, by: Duration) -> Option<u64> {
        at.checked_sub(by.as_secs())
    }
}

pub(crate) struct FakeTimer {
    clock: FakeClock,
    number: u64,
    deadline: Option<u64>,
    woke_in_poll: bool,
}

impl FakeTimer {
    fn release(&self) {
        let number = self.number;
        self.clock
            .state
            .lock()
            .armed
            .retain(|armed| armed.number != number);
    }
}

impl Future for FakeTimer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let (number, waker) = (self.number, cx.waker().clone());
        {
            let mut state = self.clock.state.lock();
            state.armed.retain(|armed| armed.number != number);
            if deadline > state.now || self.clock.when_due == WhenDue::Waits {
                state.armed.push(Armed {
                    number,
                    deadline,
                    waker,
                });
                return Poll::Pending;
            }
        }
        if self.clock.when_due == WhenDue::WakesInPoll && !self.woke_in_poll {
            self.woke_in_poll = true;
            waker.wake();
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl Timer<u64> for FakeTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: u64) {
        self.release();
        self.deadline = Some(deadline);
        self.woke_in_poll = false;
    }

    fn disarm(mut self: Pin<&mut Self>) {
        self.release();
        self.deadline = None;
    }
}

impl Drop for FakeTimer {
    fn drop(&mut self) {
        self.release();
    }
}

struct Parker {
    notified: loom::sync::Mutex<bool>,
    changed: loom::sync::Condvar,
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *self.notified.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

/// Runs a future on this thread of the model. One that is never woken again is a deadlock, which
/// loom reports.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker {
        notified: loom::sync::Mutex::new(false),
        changed: loom::sync::Condvar::new(),
    });
    let waker = Waker::from(Arc::clone(&parker));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let mut notified = parker.notified.lock().unwrap();
        while !*notified {
            notified = parker.changed.wait(notified).unwrap();
        }
        *notified = false;
    }
}

/// Polls a future once, without anybody to wake.
pub(crate) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A future that is ready once a thread has opened it.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Mutex<(bool, Option<Waker>)>>);

impl Gate {
    pub(crate) fn new() -> Self {
        Gate(Arc::new(Mutex::new((false, None))))
    }

    pub(crate) fn open(&self) {
        let waker = {
            let mut state = self.0.lock();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for Gate {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// Where a future is kept whose waker drops it, as an executor does that gives up.
pub(crate) type Doomed<F> = Arc<Mutex<Option<Pin<Box<F>>>>>;

struct Dropper<F>(Doomed<F>);

impl<F: Send + 'static> Wake for Dropper<F> {
    fn wake(self: Arc<Self>) {
        let future = self.0.lock().take();
        drop(future);
    }
}

/// Polls a future once with a waker that drops it.
pub(crate) fn poll_doomed<F: Future + Send + 'static>(future: F) -> Doomed<F> {
    let mut future = Box::pin(future);
    let doomed: Doomed<F> = Arc::new(Mutex::new(None));
    let waker = Waker::from(Arc::new(Dropper(Arc::clone(&doomed))));
    let pending = future.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(pending.is_pending());
    *doomed.lock() = Some(future);
    doomed
}

struct Asker<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Asker<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

/// A waker that runs `ask`.
pub(crate) fn waker_that(ask: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(Asker(ask)))
}
