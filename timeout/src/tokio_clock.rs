//! The clock of `tokio::time`: real time, or tokio's paused time in its own tests.
//!
//! 1. A deadline that moves later touches nothing of tokio's: the timer is moved when it fires.
//! 2. The timers are polled outside of tokio's cooperative budget: a body that has eaten its budget
//!    does not hide its deadline (tokio issue 4291).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use deadheat_timeout_core::{Clock, Timer};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

/// About 30 years: far, and still representable everywhere.
const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);

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
            deadline: Some(deadline),
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
}

pin_project! {
    /// A timer of [`TokioClock`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct TokioTimer {
        // Where tokio's timer should stand; `sleep` may still stand earlier.
        deadline: Option<Instant>,
        #[pin]
        sleep: Sleep,
    }
}

impl Future for TokioTimer {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(deadline) = *this.deadline else {
            return Poll::Pending;
        };
        loop {
            ready!(Pin::new(&mut tokio::task::unconstrained(this.sleep.as_mut())).poll(cx));
            if this.sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            this.sleep.as_mut().reset(deadline);
        }
    }
}

impl Timer<Instant> for TokioTimer {
    fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        *this.deadline = Some(deadline);
        if deadline < this.sleep.deadline() {
            this.sleep.reset(deadline);
        }
    }

    #[inline]
    fn postpone(self: Pin<&mut Self>, deadline: Instant) -> bool {
        let this = self.project();
        // tokio's timer still fires at the earlier deadline; the poll that follows moves it to the new one.
        let later = this.deadline.is_some() && deadline >= this.sleep.deadline();
        if later {
            *this.deadline = Some(deadline);
        }
        later
    }

    fn disarm(self: Pin<&mut Self>) {
        let this = self.project();
        *this.deadline = None;
        if let Some(far) = Instant::now().checked_add(FAR) {
            this.sleep.reset(far);
        }
    }
}
