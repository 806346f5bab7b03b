//! The clock of `tokio::time`: real time, or tokio's paused time in its own tests.
//!
//! 1. A timer is a `Sleep` and nothing more, so that a timeout is as large as tokio's own, but for the place
//!    where it was made. A scope knows its deadline itself, and says it with each poll.
//! 2. A deadline that moves later touches nothing of tokio's: the timer is moved when it fires.
//! 3. A deadline that moves ahead of its timer again and again sets the timer earlier still, by up to 15 further moves and
//!    never past half of the time that is left, so that most moves do not touch tokio's timer: `Sleep::reset` and the
//!    poll after it take 600 instructions, such a move 140. The price is that the timer may fire before the deadline,
//!    and is then set anew without anybody being told.
//! 4. Where tokio's cooperative budget is used up the timers are polled outside of it: a body that has eaten its
//!    budget does not hide its deadline (tokio issue 4291).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use deadheat_timeout_core::{Clock, Timer};
use pin_project_lite::pin_project;
use tokio::task::coop::{has_budget_remaining, unconstrained};
use tokio::time::{Instant, Sleep, sleep_until};

/// About 30 years: far, and still representable everywhere.
const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);

/// How many more moves, each as long as the last one, leave a timer alone that a deadline has moved ahead of: so many that
/// what is left of the cost of a reset is less than that of a move without one.
const AHEAD: u32 = 15;

/// Time as tokio tells it. Its resolution is tokio's: one millisecond.
///
/// # Panics
///
/// Like tokio's own timers, a timer of this clock panics when it is made outside of a tokio runtime
/// or in one whose time driver is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokioClock;

impl Clock for TokioClock {
    type Instant = Instant;
    type Timer = TokioTimer;

    #[inline]
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[inline]
    fn timer(&self, deadline: Instant) -> TokioTimer {
        TokioTimer {
            sleep: sleep_until(deadline),
        }
    }

    #[inline]
    fn checked_add(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_add(by)
    }

    #[inline]
    fn checked_sub(&self, at: Instant, by: Duration) -> Option<Instant> {
        at.checked_sub(by)
    }

    #[inline]
    fn between(&self, earlier: Instant, later: Instant) -> Option<Duration> {
        later.checked_duration_since(earlier)
    }
}

pin_project! {
    /// A timer of [`TokioClock`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct TokioTimer {
        #[pin]
        sleep: Sleep,
    }
}

impl Future for TokioTimer {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.project().sleep;
        // The usual case: then the timer's own unit of the budget is there, and it gives it back unless it is ready.
        if has_budget_remaining() {
            sleep.poll(cx)
        } else {
            poll_unconstrained(sleep, cx)
        }
    }
}

#[cold]
fn poll_unconstrained(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    Pin::new(&mut unconstrained(sleep)).poll(cx)
}

impl Timer<Instant> for TokioTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().sleep.reset(deadline);
    }

    fn poll_for(mut self: Pin<&mut Self>, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.as_mut().poll(cx));
            if self.sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            self.as_mut().reset(deadline);
        }
    }

    #[inline]
    fn postpone(self: Pin<&mut Self>, deadline: Instant) -> bool {
        // tokio's timer still fires at the earlier deadline; the poll that follows moves it to the new one.
        deadline >= self.sleep.deadline()
    }

    fn hasten(self: Pin<&mut Self>, deadline: Instant) {
        let by = self.sleep.deadline().saturating_duration_since(deadline);
        let left = deadline.saturating_duration_since(Instant::now());
        let ahead = by.saturating_mul(AHEAD).min(left / 2);
        self.reset(deadline.checked_sub(ahead).unwrap_or(deadline));
    }

    fn disarm(self: Pin<&mut Self>) {
        if let Some(far) = Instant::now().checked_add(FAR) {
            self.reset(far);
        }
    }

    fn lateness(&self) -> Option<Duration> {
        Instant::now().checked_duration_since(self.sleep.deadline())
    }
}
