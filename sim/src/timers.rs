//! The timer queue: slots for the timers, a heap for their deadlines.
//!
//! 1. Timers come out in the order of (deadline, arming number).
//! 2. Virtual time is monotone: nothing is armed before the present, which is what the heap needs.
//! 3. An entry of the heap is alive as long as its timer is armed and the slot's generation is its
//!    own. A timer has one living entry while it is armed, and none otherwise.
//! 4. A timer that moves later keeps its entry, and is filed anew when the entry comes out; a timer
//!    that moves earlier or goes leaves a dead entry behind. Dead entries are swept once they
//!    outnumber the living, so dropped timers cost no memory.

mod heap;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::task::Waker;

use heap::{Entry, Heap};

/// A timer, as long as it has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerKey {
    pub(crate) slot: u32,
    generation: NonZeroU32,
}

/// A timer that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) key: TimerKey,
    pub(crate) deadline: i64,
    pub(crate) span: i64,
    number: u64,
}

/// A timer that was armed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Armed {
    pub(crate) key: TimerKey,
    pub(crate) number: u64,
    pub(crate) span: i64,
    /// It is due at once.
    pub(crate) due: bool,
}

/// A timer whose slot was given back.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) was: Phase,
    pub(crate) number: u64,
    pub(crate) span: i64,
    /// For the caller to drop once nothing is borrowed.
    pub(crate) waker: Option<Waker>,
}

#[derive(Debug)]
pub(crate) struct Slot {
    generation: NonZeroU32,
    phase: Phase,
    pub(crate) deadline: i64,
    /// How much later than its deadline the timer may fire by itself, beyond the general bound.
    pub(crate) span: i64,
    /// Arming number, the tie-break and the timer's name in a trace.
    pub(crate) number: u64,
    pub(crate) waker: Option<Waker>,
}

impl Slot {
    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }
}

/// Where a timer is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The slot is free, or its timer is not armed.
    Off,
    /// In the heap.
    Armed,
    /// Out of the heap and due.
    Due,
    /// Fired.
    Fired,
}

#[derive(Debug, Default)]
pub(crate) struct Timers {
    slots: Vec<Slot>,
    free: Vec<u32>,
    heap: Heap,
    armed: usize,
    due: usize,
    numbers: u64,
}

impl Timers {
    /// Forgets everything but the memory; time starts at `now` again.
    pub(crate) fn reset(&mut self, now: i64) {
        self.slots.clear();
        self.free.clear();
        self.heap.reset(now);
        (self.armed, self.due, self.numbers) = (0, 0, 0);
    }

    /// How many timers are armed and not due yet.
    pub(crate) fn armed(&self) -> usize {
        self.armed
    }

    /// How many timers are armed or due: what must be zero when nobody is left to own one.
    pub(crate) fn alive(&self) -> usize {
        self.armed + self.due
    }

    /// The number of an armed timer whose last moment, by `until(deadline, span)`, is before `now`.
    pub(crate) fn overdue(&self, now: i64, until: impl Fn(i64, i64) -> i64) -> Option<u64> {
        if self.armed == 0 {
            return None;
        }
        let armed = self.slots.iter().filter(|slot| slot.phase == Phase::Armed);
        armed
            .filter(|slot| until(slot.deadline, slot.span) < now)
            .map(|slot| slot.number)
            .min()
    }

    /// The deadlines and spans of all armed timers, in no particular order.
    pub(crate) fn armed_timers(&self) -> impl Iterator<Item = (i64, i64)> {
        let armed = self.slots.iter().filter(|slot| slot.phase == Phase::Armed);
        armed.map(|slot| (slot.deadline, slot.span))
    }

    /// The number and deadline of the first armed timer that wakes somebody in particular.
    pub(crate) fn first_armed(&self, wakes: impl Fn(&Waker) -> bool) -> Option<(u64, i64)> {
        let armed = self.slots.iter().filter(|slot| slot.phase == Phase::Armed);
        let theirs = armed.filter(|slot| slot.waker.as_ref().is_some_and(&wakes));
        theirs
            .map(|slot| (slot.number, slot.deadline))
            .min_by_key(|found| (found.1, found.0))
    }

    pub(crate) fn slot(&self, key: TimerKey) -> Option<&Slot> {
        self.slots
            .get(key.slot as usize)
            .filter(|slot| slot.generation == key.generation)
    }

    pub(crate) fn slot_mut(&mut self, key: TimerKey) -> Option<&mut Slot> {
        self.slots
            .get_mut(key.slot as usize)
            .filter(|slot| slot.generation == key.generation)
    }

    pub(crate) fn phase(&self, key: TimerKey) -> Phase {
        self.slot(key).map_or(Phase::Off, |slot| slot.phase)
    }

    /// Arms a timer. One whose deadline is not after `now` is due at once: the caller queues it.
    #[inline]
    pub(crate) fn arm(&mut self, deadline: i64, span: i64, now: i64, waker: Waker) -> Armed {
        let number = self.take_number();
        let due = deadline <= now;
        let key = self.occupy(Slot {
            generation: NonZeroU32::MIN,
            phase: if due { Phase::Due } else { Phase::Armed },
            deadline,
            span,
            number,
            waker: Some(waker),
        });
        if due {
            self.due += 1;
        } else {
            self.armed += 1;
            self.heap.push(Entry {
                key: deadline,
                slot: key.slot,
                generation: key.generation,
            });
        }
        Armed {
            key,
            number,
            span,
            due,
        }
    }

    /// Puts a timer where one has gone, or at the end.
    #[inline]
    fn occupy(&mut self, mut timer: Slot) -> TimerKey {
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        match self.slots.get_mut(slot as usize) {
            Some(place) => {
                timer.generation = place.generation;
                *place = timer;
            }
            None => self.slots.push(timer),
        }
        let generation = self.slots[slot as usize].generation;
        TimerKey { slot, generation }
    }

    /// Moves a timer that has not fired. Later: nothing but a number is written. Earlier: a new key.
    pub(crate) fn rearm(&mut self, key: TimerKey, deadline: i64, now: i64) -> Option<Armed> {
        let number = self.take_number();
        let slot = self.slot_mut(key)?;
        let span = slot.span;
        if slot.phase == Phase::Armed && deadline >= slot.deadline {
            (slot.deadline, slot.number) = (deadline, number);
            return Some(Armed {
                key,
                number,
                span,
                due: false,
            });
        }
        let waker = slot.waker.take()?;
        self.release(key);
        Some(self.arm(deadline, span, now, waker))
    }

    /// Gives a timer's slot back, wherever the timer is in its life.
    #[inline]
    pub(crate) fn release(&mut self, key: TimerKey) -> Option<Released> {
        let slot = self.slot_mut(key)?;
        slot.generation = slot.generation.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let released = Released {
            was: std::mem::replace(&mut slot.phase, Phase::Off),
            number: slot.number,
            span: slot.span,
            waker: slot.waker.take(),
        };
        self.free.push(key.slot);
        match released.was {
            Phase::Armed => {
                self.armed -= 1;
                self.sweep_if_worthwhile();
            }
            Phase::Due => self.due -= 1,
            Phase::Fired | Phase::Off => {}
        }
        Some(released)
    }

    /// Marks a timer as fired: its slot as it is now, and the phase it was in.
    #[inline]
    pub(crate) fn fire(&mut self, key: TimerKey) -> Option<(&mut Slot, Phase)> {
        let slot = self.slots.get_mut(key.slot as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        let was = std::mem::replace(&mut slot.phase, Phase::Fired);
        self.due -= usize::from(was == Phase::Due);
        Some((slot, was))
    }

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

    /// The next deadline, with the heap moved up to it. The caller must go there at once.
    pub(crate) fn next_deadline(&mut self) -> Option<i64> {
        while self.armed > 0 {
            let slots = &self.slots;
            let entries = self.heap.first(i64::MAX)?;
            let kept = |entry: &&Entry| deadline_of(slots, entry) == Some(entry.key);
            if let Some(entry) = entries.iter().find(kept) {
                return Some(entry.key);
            }
            self.refile();
        }
        None
    }

    /// Takes the first entries out, and files those anew whose timers have moved later.
    #[cold]
    fn refile(&mut self) {
        let Some(entries) = self.heap.take_first(i64::MAX) else {
            return;
        };
        for entry in &entries {
            if let Some(key) = self.deadline_of(entry) {
                self.heap.push(Entry { key, ..*entry });
            }
        }
        self.heap.recycle(entries);
    }

    /// Takes every timer out whose deadline is at or before `now`, in order.
    pub(crate) fn take_due(&mut self, now: i64, due: &mut Vec<Due>) {
        let start = due.len();
        while let Some(entries) = self.heap.take_first(now) {
            entries
                .iter()
                .for_each(|entry| self.come_due(entry, now, due));
            self.heap.recycle(entries);
        }
        let order = |due: &Due| (due.deadline, due.number);
        if !due[start..].is_sorted_by_key(order) {
            due[start..].sort_unstable_by_key(order);
        }
        self.sweep_if_worthwhile();
    }

    fn come_due(&mut self, entry: &Entry, now: i64, due: &mut Vec<Due>) {
        let Some(deadline) = self.deadline_of(entry) else {
            return;
        };
        if deadline > now {
            let key = deadline;
            return self.heap.push(Entry { key, ..*entry });
        }
        let Entry {
            slot, generation, ..
        } = *entry;
        let timer = &mut self.slots[slot as usize];
        timer.phase = Phase::Due;
        due.push(Due {
            key: TimerKey { slot, generation },
            deadline,
            span: timer.span,
            number: timer.number,
        });
        self.armed -= 1;
        self.due += 1;
    }

    /// The number of the next timer to be armed.
    pub(crate) fn upcoming(&self) -> u64 {
        self.numbers + 1
    }

    fn take_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn deadline_of(&self, entry: &Entry) -> Option<i64> {
        deadline_of(&self.slots, entry)
    }

    fn sweep_if_worthwhile(&mut self) {
        if self.heap.len() > SWEPT_FROM && self.heap.len() > 2 * self.armed {
            let slots = &self.slots;
            self.heap
                .retain(|entry| deadline_of(slots, entry).is_some());
        }
    }
}

/// So many entries are not worth looking through.
const SWEPT_FROM: usize = 64;

/// The deadline of an entry's timer, unless the entry is dead.
#[inline]
fn deadline_of(slots: &[Slot], entry: &Entry) -> Option<i64> {
    let slot = &slots[entry.slot as usize];
    let alive = slot.generation == entry.generation && slot.phase == Phase::Armed;
    alive.then_some(slot.deadline)
}
