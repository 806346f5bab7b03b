//! What keeps crates that use the real tokio themselves in time with a run: a tokio runtime beside it.
//!
//! The executor tells it when it lets user code run and when it would pass time, and knows no more of it.
//! Without the feature `tokio` there is none, and all of this is nothing.

#[cfg(not(feature = "tokio"))]
mod absent;
#[cfg(feature = "tokio")]
mod beside;
#[cfg(feature = "tokio")]
mod driving;

#[cfg(not(feature = "tokio"))]
pub(crate) use absent::{Companion, advice, sync};
#[cfg(feature = "tokio")]
pub(crate) use beside::{Companion, advice, elapsed, origin, settle, sync};

use crate::state::world::World;

#[cfg_attr(
    not(feature = "tokio"),
    expect(dead_code, reason = "only a companion calls these")
)]
impl World {
    /// From here on wakes are kept. Returns the present moment.
    fn hold_wakes(&mut self) -> i64 {
        self.held.holding = true;
        self.now
    }

    /// The companion's clock stands at `now`: what it woke is woken at that moment. Returns whether
    /// anything can happen in the run.
    fn caught_up(&mut self, now: i64, others: bool) -> bool {
        // Otherwise nobody has seen the clock move, and the world lets time pass by itself: with what is due or late on
        // the way.
        if others || !self.held.woken.is_empty() {
            self.go_to(now);
        }
        // Invariant 3 of `engine/companion/driving.rs`: woken only now that the world stands there; and not while
        // `holding`, or they would be held again.
        let woken = std::mem::take(&mut self.held.woken);
        self.held.holding = false;
        woken.iter().for_each(|task| self.wake(*task));
        self.held.holding = true;
        self.held.woken = woken;
        self.held.woken.clear();
        // Whatever others do here without end counts towards the limit, too.
        self.steps += u64::from(others);
        self.can_happen() || self.steps >= self.steps_of_run()
    }

    /// Wakes count at once again, and the companion has answered.
    fn release_wakes(&mut self) {
        self.held.holding = false;
        // If something can happen first, the answer is out of date by the time it is needed, so it is asked for again.
        self.held.asked = !self.can_happen();
    }

    fn can_happen(&self) -> bool {
        !self.queue.is_empty()
    }
}
