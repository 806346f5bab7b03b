//! `Sleep`: tokio's own, or a timer of a run.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use deadheat::program::{SimClock, SimTimer};
use deadheat_timeout::{Clock, Timer};
use pin_project_lite::pin_project;
use tokio::task::coop::poll_proceed;

use super::{Duration, Instant, after, present, ticks};

/// Waits until `duration` has passed.
///
/// # Timing
///
/// The duration counts from the call. Inside a run see [`sleep_until`].
///
/// # Panics
///
/// Outside of a run where tokio's does: outside of a runtime with time.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let start = tokio::time::Instant::now();
///     tokio::time::sleep(Duration::from_secs(3600)).await;
///     assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    if crate::sim::budget::in_run() {
        return Sleep::in_run(after(duration));
    }
    Sleep {
        inner: Inner::Tokio {
            sleep: tokio::time::sleep(duration),
        },
    }
}

/// Waits until `deadline`.
///
/// # Timing
///
/// Inside a run the timer is armed at the first poll, and fires at the deadline or as late as a decision
/// says, within the run's bounds. With a deadline that is not after the present it has elapsed at its first
/// poll. On tokio a sleep lasts until the next whole millisecond; so it does in a run once 10,000 sleeps for less than a
/// millisecond have begun within one, as a task does that waits actively for something.
///
/// # Panics
///
/// Outside of a run where tokio's does: outside of a runtime with time.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    if crate::sim::budget::in_run() {
        return Sleep::in_run(deadline.in_run());
    }
    Sleep {
        inner: Inner::Tokio {
            sleep: tokio::time::sleep_until(deadline.of_tokio()),
        },
    }
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// # Panics
    ///
    /// If it is polled inside a run and was made outside of it, or the other way round.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Sleep {
        #[pin]
        inner: Inner,
    }
}

pin_project! {
    #[project = InnerPinned]
    #[derive(Debug)]
    enum Inner {
        Tokio { #[pin] sleep: tokio::time::Sleep },
        Run { sleep: RunSleep },
    }
}

impl Sleep {
    #[track_caller]
    pub(super) fn in_run(deadline: deadheat::Instant) -> Sleep {
        let sleep = RunSleep {
            is_plain: true,
            ..RunSleep::new(deadline)
        };
        Sleep {
            inner: Inner::Run { sleep },
        }
    }

    /// The deadline.
    pub fn deadline(&self) -> Instant {
        match &self.inner {
            Inner::Tokio { sleep } => sleep.deadline().into(),
            Inner::Run { sleep } => Instant::of_run(sleep.deadline()),
        }
    }

    /// Whether the timer has fired. One that was never polled has not.
    pub fn is_elapsed(&self) -> bool {
        match &self.inner {
            Inner::Tokio { sleep } => sleep.is_elapsed(),
            Inner::Run { sleep } => sleep.is_elapsed(),
        }
    }

    /// Moves the deadline, also of a timer that has fired.
    ///
    /// # Timing
    ///
    /// Inside a run: with a deadline that is not after the present it elapses in the call, and whoever polled
    /// it last is woken.
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        match self.project().inner.project() {
            InnerPinned::Tokio { sleep } => sleep.reset(deadline.of_tokio()),
            InnerPinned::Run { sleep } => sleep.reset(deadline.in_run()),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project().inner.project() {
            InnerPinned::Tokio { sleep } => {
                assert!(!crate::sim::budget::in_run(), "{MADE_OUTSIDE}");
                sleep.poll(cx)
            }
            InnerPinned::Run { sleep } => sleep.poll(cx),
        }
    }
}

pub(super) const MADE_OUTSIDE: &str = "a timer of tokio::time that was made outside of a deadheat run was \
     used inside of one, where the clock is another: make it inside the run";

const MADE_INSIDE: &str = "a timer of tokio::time that was made inside a deadheat run was used outside of \
     that run: make it where it is used";

/// A sleep that belongs to a run.
#[derive(Debug)]
pub(super) struct RunSleep {
    clock: SimClock,
    deadline: deadheat::Instant,
    state: State,
    made: &'static Location<'static>,
    /// Nothing is done with it but to wait for it.
    is_plain: bool,
}

#[derive(Debug)]
enum State {
    /// It is armed at its next poll; as if it had been armed before, or not.
    Ahead {
        armed: bool,
    },
    Armed(SimTimer),
    Elapsed,
}

impl RunSleep {
    /// Inside a run only.
    #[track_caller]
    pub(super) fn new(deadline: deadheat::Instant) -> Self {
        RunSleep::made_at(deadline, Location::caller())
    }

    /// Inside a run only.
    pub(super) fn made_at(deadline: deadheat::Instant, made: &'static Location<'static>) -> Self {
        RunSleep {
            clock: deadheat::clock(),
            deadline,
            state: State::Ahead { armed: false },
            made,
            is_plain: false,
        }
    }

    pub(super) fn deadline(&self) -> deadheat::Instant {
        self.deadline
    }

    /// Where it was made.
    pub(super) fn made(&self) -> &'static Location<'static> {
        self.made
    }

    /// Moves the deadline; it is armed at its next poll.
    pub(super) fn move_to(&mut self, deadline: deadheat::Instant) {
        (self.deadline, self.state) = (deadline, State::Ahead { armed: false });
    }

    fn is_elapsed(&self) -> bool {
        match &self.state {
            State::Ahead { armed } => *armed && self.clock.is_here() && self.is_due(),
            State::Armed(timer) => timer.is_elapsed(),
            State::Elapsed => true,
        }
    }

    fn due(&self) -> deadheat::Instant {
        ticks::due(self.clock, self.deadline)
    }

    fn is_due(&self) -> bool {
        self.due() <= present()
    }

    pub(super) fn reset(&mut self, deadline: deadheat::Instant) {
        (self.deadline, self.is_plain) = (deadline, false);
        if !self.clock.is_here() {
            return;
        }
        let now = present();
        let at = ticks::begun(self.clock, self.due(), now);
        let due = (at <= now).then_some(State::Elapsed);
        match &mut self.state {
            State::Armed(timer) if due.is_some() => Pin::new(timer).elapse(),
            State::Armed(timer) if !timer.is_elapsed() => return Pin::new(timer).reset(at),
            _ => {}
        }
        self.state = due.unwrap_or(State::Ahead { armed: true });
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(poll_proceed(cx));
        ready!(self.poll_timer(cx));
        progress.made_progress();
        Poll::Ready(())
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Elapsed = self.state {
            return Poll::Ready(());
        }
        if !self.clock.is_here() {
            self.report(cx);
        }
        if let State::Ahead { .. } = self.state {
            let now = present();
            let due = ticks::begun(self.clock, self.due(), now);
            if due <= now {
                self.state = State::Elapsed;
                return Poll::Ready(());
            }
            self.state = State::Armed(self.timer(due));
        }
        if let State::Armed(timer) = &mut self.state {
            ready!(Pin::new(timer).poll(cx));
            self.state = State::Elapsed;
        }
        Poll::Ready(())
    }

    fn timer(&self, due: deadheat::Instant) -> SimTimer {
        let timer = self.clock.timer_made_at(due, self.made);
        match self.is_plain {
            true => timer.of_sleep(),
            false => timer,
        }
    }

    /// Tells its run, if that is under way on another thread, and whoever polled it.
    fn report(&mut self, cx: &mut Context<'_>) {
        let mut timer = self.clock.timer(deadheat::Instant::START);
        let _ = Pin::new(&mut timer).poll(cx);
        panic!("{MADE_INSIDE}");
    }
}
