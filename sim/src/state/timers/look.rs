//! Looking through the armed timers without moving any.

use super::slot::Phase;
use super::{Slot, Timers};

/// The first armed timer of each task: its deadline and number.
pub(crate) struct FirstArmed(Vec<Option<(i64, u64)>>);

impl FirstArmed {
    /// The number and deadline of the first one that wakes `task`.
    pub(crate) fn of(&self, task: u32) -> Option<(u64, i64)> {
        let (deadline, number) = (*self.0.get(task as usize)?)?;
        Some((number, deadline))
    }
}

impl Timers {
    /// The next deadline, found without moving anything: for when time may pass only part of the way.
    pub(crate) fn peek(&self) -> Option<i64> {
        let mut best = None;
        for (floor, entries) in self.heap.iter() {
            // A timer that moved later stands before its deadline, so the first bucket need not have
            // the first timer; but no timer is due before the least key of its bucket.
            if best.is_some_and(|best| best <= floor) {
                break;
            }
            let deadlines = entries.iter().filter_map(|entry| self.deadline_of(entry));
            best = deadlines.chain(best).min();
        }
        best
    }

    /// The number of an armed timer whose last moment, by `until(deadline, span)`, is before `now`.
    pub(crate) fn overdue(&self, now: i64, until: impl Fn(i64, i64) -> i64) -> Option<u64> {
        if self.armed == 0 {
            return None;
        }
        let armed = self
            .slots
            .iter()
            .filter(|slot| slot.phase() == Phase::Armed);
        armed
            .filter(|slot| until(slot.deadline, self.apart.span(slot.wakes)) < now)
            .map(Slot::number)
            .min()
    }

    /// Tells the deadlines and spans of armed timers, roughly in order. `tell` says after which deadline none
    /// need be told any more.
    pub(crate) fn each_armed(&self, mut tell: impl FnMut(i64, i64) -> i64) {
        let (mut end, mut told) = (i64::MAX, None);
        for (floor, entries) in self.heap.iter() {
            // No timer is due before the least key of its bucket.
            if floor > end {
                break;
            }
            for entry in entries {
                let slot = &self.slots[entry.slot as usize];
                if self.deadline_of(entry).is_none() || slot.deadline > end {
                    continue;
                }
                // Many timers of one deadline are told once, as far as they come together.
                let timer = (slot.deadline, self.apart.span(slot.wakes));
                if told != Some(timer) {
                    told = Some(timer);
                    end = tell(timer.0, timer.1);
                }
            }
        }
    }

    /// The first armed timer of each of so many tasks.
    pub(crate) fn first_armed(&self, tasks: usize) -> FirstArmed {
        let mut first = vec![None; tasks];
        let armed = self.slots.iter();
        for slot in armed.filter(|slot| slot.phase() == Phase::Armed) {
            let task = self.apart.task(slot.wakes);
            if let Some(first) = task.and_then(|task| first.get_mut(task as usize)) {
                let this = (slot.deadline, slot.number());
                *first = Some(first.map_or(this, |first: (i64, u64)| first.min(this)));
            }
        }
        FirstArmed(first)
    }
}
