//! A timer of a clock that is not right: the run's own, at another moment.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deadheat_timeout::{Clock, Place, Timer};

use super::{Coarse, NodeClock};
use crate::base::time::Instant;
use crate::engine::clock::{SimClock, SimTimer};

/// By which clock a deadline is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shift {
    Coarse(Coarse),
    Node(NodeClock),
}

impl Shift {
    /// The moment of the run at which a timer with this deadline fires.
    fn moment(self, deadline: Instant) -> Instant {
        match self {
            Shift::Coarse(clock) => clock.round(deadline),
            Shift::Node(clock) => clock.moment(deadline),
        }
    }

    /// What the clock shows now.
    fn now(self) -> Instant {
        match self {
            Shift::Coarse(clock) => clock.present(),
            Shift::Node(clock) => clock.present(),
        }
    }
}

/// A timer of a [`Coarse`] clock or of a [`NodeClock`].
///
/// # Cancel safety
///
/// Dropping it disarms it.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ShiftedTimer {
    shift: Shift,
    timer: SimTimer,
    /// By this clock.
    deadline: Instant,
}

impl ShiftedTimer {
    pub(super) fn new(shift: Shift, clock: SimClock, deadline: Instant, made: Place) -> Self {
        let timer = clock.timer_made_at(shift.moment(deadline), made);
        ShiftedTimer {
            shift,
            timer,
            deadline,
        }
    }
}

impl Future for ShiftedTimer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.timer).poll(cx)
    }
}

impl Timer<Instant> for ShiftedTimer {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        let moment = self.shift.moment(deadline);
        self.deadline = deadline;
        Pin::new(&mut self.timer).reset(moment);
    }

    fn disarm(mut self: Pin<&mut Self>) {
        Pin::new(&mut self.timer).disarm();
    }

    fn lateness(&self) -> Option<Duration> {
        SimClock::between_readings(self.deadline, self.shift.now())
    }
}
