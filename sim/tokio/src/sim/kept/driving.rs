//! How the companion of a run is driven: before the time of the run passes, the companion's does.
//!
//! 1. It is driven up to the last tick that is not after the moment to which the run's time passes, or until it
//!    has woken a task of the run, or has armed a timer of the run that comes before. So its timers come before
//!    the run's own of the same moment.
//! 2. Tasks that others spawned on it take their turns then, in its order. They are not decisions.
//! 3. A wake counts at the moment that the companion's clock shows then: until the world stands there, it is held.
//!
//! Where nothing of the run itself is to come, its clock goes on by ten years at most: then the run is stuck,
//! and what is dropped afterwards sees a clock that has gone on.
//!
//! Not bounded by the limits of a run is a task of the companion that wakes itself without end.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use deadheat::beside;
use tokio::time::{self, Instant, Sleep};

use super::{Companion, TICK, here, nanos, tick};

/// What is known while the companion is driven.
#[derive(Debug, Default)]
pub(super) struct Driving {
    /// Who drives it, while it is driven.
    driver: RefCell<Option<Waker>>,
    /// Whoever drives it has to look.
    over: Cell<bool>,
    /// Where it is to be driven to, in virtual time.
    until: Cell<i64>,
    /// Something can happen in the run.
    found: Cell<bool>,
    /// It has tasks of its own.
    others: Cell<bool>,
    /// It has come to where it was to be driven to.
    reached: Cell<bool>,
}

impl Driving {
    pub(super) fn is_under_way(&self) -> bool {
        self.driver.borrow().is_some()
    }
}

impl Companion {
    pub(super) fn pass_from(&self, now: i64, until: i64) {
        // What is to be done at this very moment.
        if self.tasks() > 0 || self.fired.get() < tick(now) {
            self.within_at(now, || ());
            if self.drive(tick(now)) {
                return;
            }
        }
        // Tokio's paused clock goes on by whole ticks, so it has to stand at one.
        let now = tick(now.saturating_add(TICK - 1));
        if self.fired.get() < until && now <= until {
            self.within_at(now, || ());
            self.drive(until);
        }
    }

    /// Lets its clock go on to `until`, or to where something can happen in the run: whether it can.
    fn drive(&self, until: i64) -> bool {
        for mark in [
            &self.driving.over,
            &self.driving.reached,
            &self.driving.found,
        ] {
            mark.set(false);
        }
        self.driving.others.set(self.tasks() > 0);
        self.driving.until.set(until);
        // `block_on` of the runtime, not of its handle: only this one parks, and only then the paused clock goes on.
        let run = async {
            let mut sleep = pin!(time::sleep_until(self.origin.get() + nanos(until)));
            poll_fn(|cx| self.poll_driver(sleep.as_mut(), cx)).await;
            // The tasks of its own may have done more since the last look.
            if self.driving.others.get() {
                self.driving.found.set(self.catch_up());
            }
        };
        self.drives.beneath(|| self.runtime.block_on(run));
        self.driving.driver.take();
        self.driving.found.get()
    }

    /// Waits until there is something to be done in the run, or until the clock is there and nothing is left
    /// to be done here.
    fn poll_driver(&self, mut sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
        if self.driving.over.get() {
            return Poll::Ready(());
        }
        let until = self.origin.get() + nanos(self.driving.until.get());
        // Invariant 1: `until` came nearer, because a task of its own armed a timer of the run.
        if sleep.deadline() != until {
            sleep.as_mut().reset(until);
            self.driving.reached.set(false);
        }
        if !self.driving.reached.get() && sleep.poll(cx).is_ready() {
            // Invariant 2: with tasks of its own it does not end here, but at the next look, since those that this very
            // moment woke have yet to take their turns.
            self.driving.reached.set(true);
            if !self.driving.others.get() {
                return Poll::Ready(());
            }
        }
        let known = self.driving.driver.borrow().is_some();
        if !known {
            self.driving.driver.replace(Some(cx.waker().clone()));
        }
        Poll::Pending
    }

    /// Takes the world to where the clock is. Whether anything can happen in the run. Only in its own context.
    fn catch_up(&self) -> bool {
        let shows = (Instant::now() - self.origin.get()).as_nanos() as i64;
        self.shows.set(shows);
        self.fired.set(tick(shows));
        let others = self.driving.others.get();
        beside::caught_up(deadheat::Instant::from_nanos(shows), others)
    }

    /// Whether a task of its own has armed a timer of the run that comes before where it is driven to.
    fn is_nearer(&self) -> bool {
        if !self.driving.others.get() {
            return false;
        }
        let next = beside::next_moment().map_or(i64::MAX, |next| tick(next.as_nanos()));
        let nearer = next < self.driving.until.get();
        if nearer {
            self.driving.until.set(next);
        }
        nearer
    }

    /// Lets whoever drives it look, if there is reason to.
    fn look(&self) {
        let Some(driver) = &*self.driving.driver.borrow() else {
            return;
        };
        self.driving.found.set(self.catch_up());
        if self.driving.found.get() || self.driving.reached.get() {
            self.driving.over.set(true);
            driver.wake_by_ref();
        } else if self.is_nearer() {
            driver.wake_by_ref();
        }
    }
}

/// Before its thread is parked: its tasks, if it has any, have done what they could.
pub(super) fn look_before() {
    here(|companion| {
        if companion.driving.others.get() {
            companion.look();
        }
    });
}

/// After its thread was parked: its clock may have gone on, and its timers fired.
pub(super) fn look_after() {
    here(Companion::look);
}
