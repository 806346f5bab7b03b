//! The timer queue: slots for the timers, a heap for their deadlines.
//!
//! 1. Timers come out in the order of (deadline, arming number).
//! 2. Virtual time is monotone: nothing is armed before the present, which is what the heap needs.
//! 3. An entry of the heap is alive as long as its timer is armed and the slot's generation is its
//!    own. A timer has one living entry while it is armed, and none otherwise.
//! 4. A timer that moves later keeps its entry, and is filed anew when the entry comes out; a timer
//!    that moves earlier leaves a dead entry behind, and so does one that goes, unless it is one of those that come
//!    next. Dead entries are swept once they outnumber the living, so dropped timers cost no memory.
//! 5. A slot is small, since there may be many: what few timers have is kept apart (`state/timers/apart.rs`).

mod apart;
mod front;
mod heap;
mod look;
mod slot;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::task::Waker;

use apart::{Apart, Wakes};
use front::Entry;
use heap::Heap;
use slot::next_generation;

use crate::base::grow;

pub(crate) use apart::Whom;
pub(crate) use look::FirstArmed;
pub(crate) use slot::{Phase, Slot};

/// A timer, as long as it has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerKey {
    pub(crate) slot: u32,
    pub(crate) generation: NonZeroU32,
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

/// A timer that has gone or fired.
#[derive(Debug)]
pub(crate) struct Gone {
    pub(crate) was: Phase,
    pub(crate) number: u64,
    pub(crate) deadline: i64,
    pub(crate) span: i64,
    /// A waker is for the caller to wake, or to drop once nothing is borrowed.
    pub(crate) whom: Option<Whom>,
}

/// What comes next among the timers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// None is armed.
    Never,
    /// The next one is after the limit.
    Beyond,
    /// The timers of this deadline are due now.
    At(i64),
}

#[derive(Debug, Default)]
pub(crate) struct Timers {
    slots: Vec<Slot>,
    free: Vec<u32>,
    apart: Apart,
    heap: Heap,
    armed: usize,
    due: usize,
    numbers: u64,
}

impl Timers {
    /// Forgets everything but the memory; time starts at `now` again.
    pub(crate) fn begin(&mut self, now: i64) {
        self.slots.clear();
        self.free.clear();
        self.apart.clear();
        self.heap.reset(now);
        (self.armed, self.due, self.numbers) = (0, 0, 0);
    }

    /// How many timers are armed and not due yet.
    #[inline]
    pub(crate) fn armed(&self) -> usize {
        self.armed
    }

    /// How many timers are due and have not fired.
    pub(crate) fn due(&self) -> usize {
        self.due
    }

    /// How many timers were armed or due at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.slots.len()
    }

    /// Whether there may be such a waker as [`take_wakers`](Self::take_wakers) takes out.
    #[inline]
    pub(crate) fn keeps_apart(&self) -> bool {
        self.apart.is_used()
    }

    /// Takes out every waker that is none of a task of the run, for the caller to drop. The timers stay.
    pub(crate) fn take_wakers(&mut self) -> Vec<Waker> {
        self.apart.take_others()
    }

    /// How many timers are armed or due: what must be zero when nobody is left to own one.
    pub(crate) fn alive(&self) -> usize {
        self.armed + self.due
    }

    #[inline]
    pub(crate) fn slot(&self, key: TimerKey) -> Option<&Slot> {
        self.slots
            .get(key.slot as usize)
            .filter(|slot| slot.generation == key.generation)
    }

    /// Whether a timer has neither fired nor gone.
    #[inline]
    pub(crate) fn has_slot(&self, key: TimerKey) -> bool {
        self.slot(key).is_some()
    }

    #[inline]
    fn slot_mut(&mut self, key: TimerKey) -> Option<&mut Slot> {
        self.slots
            .get_mut(key.slot as usize)
            .filter(|slot| slot.generation == key.generation)
    }

    #[inline]
    pub(crate) fn phase(&self, key: TimerKey) -> Phase {
        self.slot(key).map_or(Phase::Off, Slot::phase)
    }

    /// Whether a timer wakes this task, and nobody else.
    #[inline]
    pub(crate) fn wakes_task(&self, key: TimerKey, task: u32) -> bool {
        self.slot(key)
            .is_some_and(|slot| self.apart.task(slot.wakes) == Some(task))
    }

    /// Whether a timer wakes whom this waker wakes, which is none of a task of this run.
    pub(crate) fn wakes_other(&self, key: TimerKey, waker: &Waker) -> bool {
        let other = self.slot(key).and_then(|slot| self.apart.other(slot.wakes));
        other.is_some_and(|other| other.will_wake(waker))
    }

    /// Lets a timer wake somebody else. Whom it would have woken is for the caller to drop.
    pub(crate) fn redirect(&mut self, key: TimerKey, whom: Whom) -> Option<Whom> {
        let wakes = self.slot(key)?.wakes;
        let span = self.apart.span(wakes);
        let old = self.apart.take(wakes);
        let wakes = self.apart.keep(whom, span);
        self.slot_mut(key)?.wakes = wakes;
        old
    }

    /// Arms a timer. One whose deadline is not after `now` is due at once: the caller queues it.
    pub(crate) fn arm(&mut self, deadline: i64, span: i64, now: i64, whom: Whom) -> Armed {
        let wakes = self.apart.keep(whom, span);
        let due = deadline <= now;
        let phase = if due { Phase::Due } else { Phase::Armed };
        let (key, number) = self.arm_as(deadline, phase, wakes);
        Armed {
            key,
            number,
            span,
            due,
        }
    }

    /// Arms a timer that is ahead and wakes a task of the run. Gives its key and its number.
    #[inline]
    pub(crate) fn arm_ahead(&mut self, deadline: i64, task: u32) -> (TimerKey, u64) {
        let wakes = self.apart.keep(Whom::Task(task), 0);
        self.arm_as(deadline, Phase::Armed, wakes)
    }

    #[inline]
    fn arm_as(&mut self, deadline: i64, phase: Phase, wakes: Wakes) -> (TimerKey, u64) {
        let number = self.take_number();
        let mut timer = Slot {
            deadline,
            numbered: 0,
            generation: NonZeroU32::MIN,
            wakes,
        };
        timer.set(number, phase);
        let key = self.occupy(timer);
        self.file(key, deadline, phase == Phase::Due);
        (key, number)
    }

    /// Counts a timer, and files its deadline if that is ahead.
    #[inline]
    fn file(&mut self, TimerKey { slot, generation }: TimerKey, key: i64, due: bool) {
        if due {
            self.due += 1;
            return;
        }
        self.armed += 1;
        self.heap.push(Entry {
            key,
            slot,
            generation,
        });
    }

    /// Puts a timer where one has gone, or at the end.
    #[inline]
    fn occupy(&mut self, mut timer: Slot) -> TimerKey {
        let Some(slot) = self.free.pop() else {
            return self.occupy_fresh(timer);
        };
        // Field by field, as `timer` was written: to read as a whole what was just written in parts stalls the
        // processor.
        let place = &mut self.slots[slot as usize];
        timer.generation = place.generation;
        place.deadline = timer.deadline;
        place.numbered = timer.numbered;
        place.wakes = timer.wakes;
        TimerKey {
            slot,
            generation: timer.generation,
        }
    }

    fn occupy_fresh(&mut self, timer: Slot) -> TimerKey {
        grow::push(&mut self.slots, timer);
        TimerKey {
            slot: self.slots.len() as u32 - 1,
            generation: timer.generation,
        }
    }

    /// Moves a timer that has not fired. Later: nothing but a number is written. Earlier: a new key.
    #[inline]
    pub(crate) fn rearm(&mut self, key: TimerKey, deadline: i64, now: i64) -> Option<Armed> {
        let number = self.take_number();
        let slot = self.slot_mut(key)?;
        let (was, stood) = (slot.phase(), slot.deadline);
        if !matches!(was, Phase::Armed | Phase::Due) {
            return None;
        }
        let stays = was == Phase::Armed && deadline >= stood;
        let due = !stays && deadline <= now;
        slot.deadline = deadline;
        slot.set(number, if due { Phase::Due } else { Phase::Armed });
        let (mut key, generation) = (key, key.generation);
        if !stays {
            key.generation = next_generation(key.generation);
            slot.generation = key.generation;
        }
        let span = self.span(key);
        if !stays {
            self.leave(was);
            if was == Phase::Armed {
                self.heap.forget(stood, key.slot, generation);
            }
            self.file(key, deadline, due);
            self.sweep_if_worthwhile();
        }
        Some(Armed {
            key,
            number,
            span,
            due,
        })
    }

    fn span(&self, key: TimerKey) -> i64 {
        self.slot(key).map_or(0, |slot| self.apart.span(slot.wakes))
    }

    /// A timer is no longer counted in its phase.
    #[inline]
    fn leave(&mut self, was: Phase) {
        match was {
            Phase::Armed => self.armed -= 1,
            Phase::Due => self.due -= 1,
            Phase::Off => {}
        }
    }

    /// A timer goes or fires: its slot is given back.
    #[inline]
    pub(crate) fn release(&mut self, key: TimerKey) -> Option<Gone> {
        let slot = self.slot_mut(key)?;
        let gone = *slot;
        slot.vacate();
        self.free.push(key.slot);
        match gone.phase() {
            Phase::Armed => self.leave_heap(key, gone.deadline),
            was => self.leave(was),
        }
        Some(self.gone(&gone))
    }

    /// A timer goes: [`release`](Self::release) for one that is armed, has no span, and wakes a task of the run. Gives
    /// its number, or does nothing if it is none of those.
    #[inline]
    pub(crate) fn drop_plain(&mut self, key: TimerKey) -> Option<u64> {
        let slot = self.slot_mut(key)?;
        if slot.phase() != Phase::Armed || !slot.wakes.is_plain() {
            return None;
        }
        let (number, deadline) = (slot.number(), slot.deadline);
        slot.vacate();
        self.free.push(key.slot);
        self.leave_heap(key, deadline);
        Some(number)
    }

    /// An armed timer goes.
    #[inline]
    fn leave_heap(&mut self, key: TimerKey, deadline: i64) {
        self.armed -= 1;
        if !self.heap.forget(deadline, key.slot, key.generation) {
            self.sweep_if_worthwhile();
        }
    }

    /// Fires the next timer, if it is at most at `limit` and certainly alone in being due then. The
    /// caller must go to its deadline at once, or else to that of [`take_next`](Self::take_next).
    #[inline]
    pub(crate) fn fire_lone(&mut self, limit: i64) -> Option<Gone> {
        if self.armed == 0 {
            return None;
        }
        let slots = &self.slots;
        let alive = |entry: &Entry| deadline_of(slots, entry).is_some();
        let stands = |entry: &Entry| slots[entry.slot as usize].is_of(entry);
        let entry = self.heap.take_lone(limit, alive, stands)?;
        let slot = &mut self.slots[entry.slot as usize];
        let gone = *slot;
        slot.vacate();
        self.free.push(entry.slot);
        self.armed -= 1;
        self.sweep_if_worthwhile();
        Some(self.gone(&gone))
    }

    #[inline]
    fn gone(&mut self, slot: &Slot) -> Gone {
        Gone {
            was: slot.phase(),
            number: slot.number(),
            deadline: slot.deadline,
            span: self.apart.span(slot.wakes),
            whom: self.apart.take(slot.wakes),
        }
    }

    /// Takes the timers out that are due next, in order, unless that is after `limit`. The caller must
    /// go to their deadline at once.
    #[inline]
    pub(crate) fn take_next(&mut self, limit: i64, due: &mut Vec<Due>) -> Next {
        while self.armed > 0 {
            let slots = &self.slots;
            let alive = |entry: &Entry| deadline_of(slots, entry).is_some();
            let Some(taken) = self.heap.take_first(limit, alive) else {
                return Next::Beyond;
            };
            let entries = taken.entries();
            let key = entries[0].key;
            entries
                .iter()
                .for_each(|entry| self.come_due(entry, key, due));
            self.heap.recycle(taken);
            if !due.is_empty() {
                self.take_due(key, due);
                return Next::At(key);
            }
        }
        Next::Never
    }

    /// Takes every timer out whose deadline is at or before `now`, in order.
    pub(crate) fn take_due(&mut self, now: i64, due: &mut Vec<Due>) {
        loop {
            let slots = &self.slots;
            let alive = |entry: &Entry| deadline_of(slots, entry).is_some();
            let Some(taken) = self.heap.take_first(now, alive) else {
                break;
            };
            let entries = taken.entries().iter();
            entries.for_each(|entry| self.come_due(entry, now, due));
            self.heap.recycle(taken);
        }
        in_order(due);
        self.sweep_if_worthwhile();
    }

    /// An entry has come out: its timer is due, has moved later, or is gone.
    #[inline]
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
        timer.set(timer.number(), Phase::Due);
        due.push(Due {
            key: TimerKey { slot, generation },
            deadline,
            span: self.apart.span(timer.wakes),
            number: timer.number(),
        });
        self.armed -= 1;
        self.due += 1;
    }

    /// Whether a timer wakes a task of the run, and nobody else.
    pub(crate) fn wakes_a_task(&self, key: TimerKey) -> bool {
        self.slot(key)
            .is_some_and(|slot| self.apart.task(slot.wakes).is_some())
    }

    /// The number of the next timer to be armed.
    pub(crate) fn upcoming(&self) -> u64 {
        self.numbers + 1
    }

    #[inline]
    fn take_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    #[inline]
    fn deadline_of(&self, entry: &Entry) -> Option<i64> {
        deadline_of(&self.slots, entry)
    }

    #[inline]
    fn sweep_if_worthwhile(&mut self) {
        if self.heap.len() > SWEPT_FROM && self.heap.len() > 2 * self.armed {
            self.sweep();
        }
    }

    #[cold]
    fn sweep(&mut self) {
        let slots = &self.slots;
        self.heap
            .retain(|entry| deadline_of(slots, entry).is_some());
    }
}

/// Fewer entries than this are not worth a sweep.
const SWEPT_FROM: usize = 64;

/// The deadline of an entry's timer, unless the entry is dead.
#[inline]
fn deadline_of(slots: &[Slot], entry: &Entry) -> Option<i64> {
    let slot = &slots[entry.slot as usize];
    let alive = slot.generation == entry.generation && slot.phase() == Phase::Armed;
    alive.then_some(slot.deadline)
}

/// Sorts what has come due; mostly it is one, or in order already.
#[inline]
fn in_order(due: &mut [Due]) {
    let order = |due: &Due| (due.deadline, due.number);
    if due.len() > 1 && !due.is_sorted_by_key(order) {
        due.sort_unstable_by_key(order);
    }
}
