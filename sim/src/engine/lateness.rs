//! Until when something may be late: the interesting instants within its bound.
//!
//! A pending deadline and one tick to either side of it (code can read the clock); the moment at which
//! something else may happen that takes long or is late; and the end of its own bound. Each is an option of
//! one decision, so that meeting a deadline exactly is one departure, and as likely as missing it by a tick.
//!
//! That is where to aim, not all there is in between. A deadline that is armed later, because of the event that
//! is late, may meet another one only if the event happens at a moment that nothing points at yet: of two tasks
//! that each sleep 10 to 20 ms and then 5 and 7 ms, the ends meet at moments that are no option here. So a search
//! of every order is one of every order at these instants, and says so (`search/orders.rs`).
//!
//! 1. What is late waits aside, and everything else goes on in its time. So that one timer is late, or
//!    one reply takes long, is one departure, however much happens in the meantime.
//! 2. It is decided when the event comes first in the queue, once: another event that is taken before it
//!    makes no difference to how late it may be. It is decided again only if a timer was armed since, which
//!    may be one to be met.
//! 3. What was late may be late again, from one moment at which others end to the next. Among thousands of events
//!    that would be millions of decisions, so a run that has been late much more often than it has taken steps is
//!    late no more (`engine/limits.rs`).
//! 4. Every instant is after now. So whoever is late leaves the queue until time has passed, and a run
//!    cannot stand still by being late.

use crate::state::instants::Instants;
use crate::state::world::World;

impl World {
    /// Fills `instants` with the moments until which the first event may be late, in order. They are
    /// none if that was decided already, or if there is no room: its bound ends now, or virtual time does.
    pub(crate) fn find_instants(&mut self) {
        self.lateness.instants.clear();
        let Some(first) = self.queue.first().copied() else {
            return;
        };
        let armed = self.timers.upcoming();
        let decided = self.lateness.asked == Some((first.event(), armed));
        if first.until <= self.now || decided || self.lateness_is_spent() {
            return;
        }
        self.lateness.asked = Some((first.event(), armed));
        let until = self.stall_end(&first).min(self.limit_ns());
        if until > self.now {
            self.collect_instants(until);
        }
    }

    fn collect_instants(&mut self, until: i64) {
        let now = self.now;
        let may = |at: i64| now < at && at <= until;
        let instants = &mut self.lateness.instants;
        instants.add(until, false);
        let end = |instants: &Instants| instants.end().min(until);
        for at in self.queue.late() {
            if at > end(instants) {
                break;
            }
            if may(at) {
                instants.add(at, true);
            }
        }
        self.timers.each_armed(|deadline, span| {
            // The low end of a latency is no deadline: nothing is done about it.
            let met = span == 0;
            if may(deadline) {
                instants.add(deadline, met);
            }
            for beside in [deadline.saturating_sub(1), deadline.saturating_add(1)] {
                if met && may(beside) {
                    instants.add(beside, false);
                }
            }
            // The tick before a deadline may still be one of them.
            end(instants).saturating_add(1)
        });
    }
}

#[cfg(test)]
mod tests;
