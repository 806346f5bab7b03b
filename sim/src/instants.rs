//! The moments that time may pass to although something could happen.
//!
//! A pending deadline, one tick to either side of it (code can read the clock), and the ends of the
//! bounds of what could happen: nothing can come out differently in between. Each is an option of one
//! decision, so that meeting a deadline exactly is one departure, and as likely as missing it by a tick.

use crate::world::World;

/// More than this are not offered at once; the search goes on from the last one.
pub(crate) const INSTANTS_MAX: usize = 16;

impl World {
    /// Fills `instants` with the moments after now that break no bound, in order.
    pub(crate) fn find_instants(&mut self) {
        self.instants.clear();
        if self.queue.until() <= self.now {
            return;
        }
        // Time may not pass over the bound of a timer that comes due on the way either.
        let late = self.bounds.late;
        let bound = |deadline: i64, span: i64| deadline.saturating_add(span).saturating_add(late);
        let bounds = self
            .timers
            .armed_timers()
            .map(|(deadline, span)| bound(deadline, span));
        let until = bounds.fold(self.queue.until().min(self.limit_ns()), i64::min);
        let now = self.now;
        let may = |at: &i64| now < *at && *at <= until;
        self.instants.extend(self.queue.ends().filter(may));
        for (deadline, _) in self.timers.armed_timers() {
            let around = [
                deadline.saturating_sub(1),
                deadline,
                deadline.saturating_add(1),
            ];
            self.instants.extend(around.iter().filter(|at| may(at)));
        }
        self.instants.sort_unstable();
        self.instants.dedup();
        self.instants.truncate(INSTANTS_MAX);
        self.met = 0;
        for (deadline, _) in self.timers.armed_timers() {
            if let Ok(index) = self.instants.binary_search(&deadline) {
                self.met |= 1 << index;
            }
        }
    }

    /// Whether time may pass now. Two passes in a row would be one pass further, so the second is
    /// offered only where the first could not go further.
    pub(crate) fn may_pass(&self) -> bool {
        !self.passed || self.instants.len() >= INSTANTS_MAX
    }
}
