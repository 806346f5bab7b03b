//! The moments until which an event may be late.
//!
//! A pending deadline and one tick to either side of it (code can read the clock); the moment at which
//! something else may happen that takes long or is late; and the end of its own bound. Each is an option of
//! one decision, so that meeting a deadline exactly is one departure, and as likely as missing it by a tick.
//!
//! That is where to aim, not all there is in between. A deadline that is armed later, because of the event that
//! is late, may meet another one only if the event happens at a moment that nothing points at yet: of two tasks
//! that each sleep 10 to 20 ms and then 5 and 7 ms, the ends meet at moments that are no option here. So a search
//! of every order is one of every order at these instants, and says so (`orders.rs`).
//!
//! 1. What is late waits aside, and everything else goes on in its time. So that one timer is late, or
//!    one reply takes long, is one departure, however much happens in the meantime.
//! 2. It is decided when the event comes first in the queue, once: another event that is taken before it
//!    makes no difference to how late it may be. It is decided again only if a timer was armed since, which
//!    may be one to be met.

use crate::queue::Entry;
use crate::world::World;

/// More than this are not offered at once; the search goes on from the last one.
const INSTANTS_MAX: usize = 16;

impl World {
    /// Fills `instants` with the moments until which the first event may be late, in order. They are
    /// none if that was decided already.
    pub(crate) fn find_instants(&mut self) {
        self.instants.clear();
        let Some(first) = self.queue.option(0).copied() else {
            return;
        };
        let armed = self.timers.upcoming();
        if first.until <= self.now || self.asked == Some((first.event(), armed)) {
            return;
        }
        self.asked = Some((first.event(), armed));
        self.collect_instants(&first);
        self.met = 0;
        // The low end of a latency is no deadline: nothing is done about it.
        let firm = self.timers.armed_timers().filter(|(_, span)| *span == 0);
        let deadlines = firm.map(|(deadline, _)| deadline);
        for moment in deadlines.chain(self.queue.late()) {
            if let Ok(index) = self.instants.binary_search(&moment) {
                self.met |= 1 << index;
            }
        }
    }

    fn collect_instants(&mut self, first: &Entry) {
        let (now, until) = (self.now, self.stall_end(first).min(self.limit_ns()));
        let may = |at: &i64| now < *at && *at <= until;
        let instants = &mut self.instants;
        instants.push(until);
        for (deadline, span) in self.timers.armed_timers() {
            match span {
                0 => instants
                    .extend((deadline.saturating_sub(1)..=deadline.saturating_add(1)).filter(may)),
                _ => instants.extend(Some(deadline).filter(may)),
            }
        }
        instants.extend(self.queue.late().filter(may));
        instants.sort_unstable();
        instants.dedup();
        instants.truncate(INSTANTS_MAX);
    }
}
