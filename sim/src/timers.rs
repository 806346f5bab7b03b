//! The timer queue: a radix heap over slots.
//!
//! 1. Timers come out in the order of (deadline, arming number).
//! 2. `last` never goes back, and no entry lies before it: virtual time is monotone, which is what
//!    makes appending to a bucket by the highest bit in which the deadline differs from `last` enough.
//! 3. Entries of equal deadline share a bucket and keep their order in it.
//! 4. A timer that moves later keeps its entry, and finds its new bucket when the entry comes out; a
//!    timer that moves earlier or goes leaves a dead entry behind. Dead entries are swept once they
//!    outnumber the living, so dropped timers cost no memory.
//!
//! Source: Ahuja, Mehlhorn, Orlin, Tarjan, "Faster Algorithms for the Shortest Path Problem",
//! JACM 37 (1990), the one-level radix heap.

use std::task::Waker;

/// A timer, as long as it has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerKey {
    pub(crate) slot: u32,
    generation: u32,
}

/// A timer that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) key: TimerKey,
    pub(crate) deadline: i64,
    number: u64,
}

#[derive(Debug)]
pub(crate) struct Slot {
    generation: u32,
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

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: i64,
    slot: u32,
    generation: u32,
}

#[derive(Debug)]
pub(crate) struct Timers {
    slots: Vec<Slot>,
    free: Vec<u32>,
    buckets: [Vec<Entry>; BUCKETS],
    /// Bit `b` is set if bucket `b` may hold something.
    occupied: u128,
    last: i64,
    entries: usize,
    armed: usize,
    next_number: u64,
    scratch: Vec<Entry>,
}

const BUCKETS: usize = 65;

impl Default for Timers {
    fn default() -> Self {
        Timers {
            slots: Vec::new(),
            free: Vec::new(),
            buckets: std::array::from_fn(|_| Vec::new()),
            occupied: 0,
            last: i64::MIN,
            entries: 0,
            armed: 0,
            next_number: 1,
            scratch: Vec::new(),
        }
    }
}

impl Timers {
    /// Forgets everything but the memory; time starts at `now` again.
    pub(crate) fn reset(&mut self, now: i64) {
        let mut occupied = self.occupied;
        while occupied != 0 {
            let bucket = occupied.trailing_zeros() as usize;
            self.buckets[bucket].clear();
            occupied &= occupied - 1;
        }
        self.slots.clear();
        self.free.clear();
        (self.occupied, self.entries, self.armed, self.next_number) = (0, 0, 0, 1);
        self.last = now;
    }

    /// How many timers are armed and not due yet.
    pub(crate) fn armed(&self) -> usize {
        self.armed
    }

    /// How many timers are armed or due: what must be zero when nobody is left to own one.
    pub(crate) fn alive(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| matches!(slot.phase, Phase::Armed | Phase::Due))
            .count()
    }

    /// The number of an armed timer whose last moment, by `until(deadline, span)`, is before `now`.
    pub(crate) fn overdue(&self, now: i64, until: impl Fn(i64, i64) -> i64) -> Option<u64> {
        let armed = self.slots.iter().filter(|slot| slot.phase == Phase::Armed);
        armed
            .filter(|slot| until(slot.deadline, slot.span) < now)
            .map(|slot| slot.number)
            .min()
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
    pub(crate) fn arm(
        &mut self,
        deadline: i64,
        span: i64,
        now: i64,
        waker: Waker,
    ) -> (TimerKey, bool) {
        let number = self.take_number();
        let due = deadline <= now;
        let phase = if due { Phase::Due } else { Phase::Armed };
        let (slot, generation) = match self.free.pop() {
            Some(index) => {
                let slot = &mut self.slots[index as usize];
                (slot.phase, slot.deadline, slot.span) = (phase, deadline, span);
                (slot.number, slot.waker) = (number, Some(waker));
                (index, slot.generation)
            }
            None => {
                let index = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
                let waker = Some(waker);
                self.slots.push(Slot {
                    generation: 0,
                    phase,
                    deadline,
                    span,
                    number,
                    waker,
                });
                (index, 0)
            }
        };
        if !due {
            self.armed += 1;
            self.push(Entry {
                key: deadline,
                slot,
                generation,
            });
        }
        (TimerKey { slot, generation }, due)
    }

    /// Moves an armed timer. Later: nothing but a number is written. Earlier: a new key.
    ///
    /// Returns the key from now on, and whether the timer is due at once.
    pub(crate) fn rearm(
        &mut self,
        key: TimerKey,
        deadline: i64,
        now: i64,
    ) -> Option<(TimerKey, bool)> {
        let number = self.take_number();
        let slot = self.slot_mut(key)?;
        if slot.phase == Phase::Armed && deadline >= slot.deadline {
            (slot.deadline, slot.number) = (deadline, number);
            return Some((key, false));
        }
        let (span, waker) = (slot.span, slot.waker.take()?);
        self.release(key);
        Some(self.arm(deadline, span, now, waker))
    }

    /// Gives a timer's slot back, wherever the timer is in its life.
    pub(crate) fn release(&mut self, key: TimerKey) -> Option<Waker> {
        let slot = self.slot_mut(key)?;
        slot.generation = slot.generation.wrapping_add(1);
        let was = std::mem::replace(&mut slot.phase, Phase::Off);
        let waker = slot.waker.take();
        self.free.push(key.slot);
        if was == Phase::Armed {
            self.armed -= 1;
            self.sweep_if_worthwhile();
        }
        waker
    }

    /// Marks a due timer as fired and gives its waker.
    pub(crate) fn fire(&mut self, key: TimerKey) -> Option<Waker> {
        let slot = self.slot_mut(key)?;
        slot.phase = Phase::Fired;
        slot.waker.take()
    }

    /// The next deadline, found without moving anything: for when time may pass only part of the way.
    pub(crate) fn peek(&self) -> Option<i64> {
        let mut best = None;
        let mut occupied = self.occupied;
        while occupied != 0 {
            let bucket = occupied.trailing_zeros() as usize;
            for entry in &self.buckets[bucket] {
                if let Some(deadline) = self.deadline_of(entry)
                    && best.is_none_or(|best| deadline < best)
                {
                    best = Some(deadline);
                }
            }
            // A timer that moved later stands in a lower bucket than its deadline would, so a lower
            // bound for every bucket above is what decides.
            occupied &= occupied - 1;
            let floor = self.floor(occupied);
            if let (Some(best), Some(floor)) = (best, floor)
                && best < floor
            {
                break;
            }
        }
        best
    }

    /// The least key that the lowest bucket in `occupied` can hold.
    fn floor(&self, occupied: u128) -> Option<i64> {
        if occupied == 0 {
            return None;
        }
        let bucket = occupied.trailing_zeros();
        let base = to_bits(self.last);
        let floor = if bucket == 0 {
            base
        } else {
            ((base >> (bucket - 1)) | 1) << (bucket - 1)
        };
        Some(from_bits(floor))
    }

    /// The next deadline, moving `last` up to it. The caller must go there at once.
    pub(crate) fn next_deadline(&mut self) -> Option<i64> {
        loop {
            let bucket = self.first_bucket()?;
            let mut least: Option<i64> = None;
            let mut settled = true;
            for entry in &self.buckets[bucket] {
                match self.deadline_of(entry) {
                    Some(deadline) => {
                        settled &= deadline == entry.key;
                        least = Some(least.map_or(deadline, |least| least.min(deadline)));
                    }
                    None => settled = false,
                }
            }
            if let (true, 0, Some(least)) = (settled, bucket, least) {
                return Some(least);
            }
            self.redistribute(bucket, i64::MAX);
        }
    }

    /// Takes every timer out whose deadline is at or before `now`, in order.
    pub(crate) fn take_due(&mut self, now: i64, due: &mut Vec<Due>) {
        let start = due.len();
        while let Some(bucket) = self.first_bucket() {
            if self.floor(self.occupied).is_some_and(|floor| floor > now) {
                break;
            }
            if bucket == 0 {
                self.drain_present(now, due);
            } else if self.redistribute(bucket, now) > now && self.first_bucket() == Some(bucket) {
                break;
            }
        }
        if !due[start..].is_sorted_by_key(|due| (due.deadline, due.number)) {
            due[start..].sort_unstable_by_key(|due| (due.deadline, due.number));
        }
    }

    /// Empties bucket zero, whose entries all stand at `last`.
    fn drain_present(&mut self, now: i64, due: &mut Vec<Due>) {
        let mut entries =
            std::mem::replace(&mut self.buckets[0], std::mem::take(&mut self.scratch));
        self.occupied &= !1;
        self.entries -= entries.len();
        for entry in entries.drain(..) {
            let Some(deadline) = self.deadline_of(&entry) else {
                continue;
            };
            if deadline > now {
                self.push(Entry {
                    key: deadline,
                    ..entry
                });
                continue;
            }
            let slot = &mut self.slots[entry.slot as usize];
            slot.phase = Phase::Due;
            self.armed -= 1;
            let key = TimerKey {
                slot: entry.slot,
                generation: entry.generation,
            };
            due.push(Due {
                key,
                deadline,
                number: slot.number,
            });
        }
        self.scratch = entries;
    }

    fn take_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// The deadline of an entry's timer, unless the entry is dead.
    fn deadline_of(&self, entry: &Entry) -> Option<i64> {
        let slot = &self.slots[entry.slot as usize];
        let alive = slot.generation == entry.generation && slot.phase == Phase::Armed;
        alive.then_some(slot.deadline)
    }

    fn push(&mut self, entry: Entry) {
        debug_assert!(entry.key >= self.last, "an entry before the present");
        let bucket = bucket_of(entry.key, self.last);
        self.buckets[bucket].push(entry);
        self.occupied |= 1 << bucket;
        self.entries += 1;
    }

    fn first_bucket(&mut self) -> Option<usize> {
        while self.occupied != 0 {
            let bucket = self.occupied.trailing_zeros() as usize;
            if !self.buckets[bucket].is_empty() {
                return Some(bucket);
            }
            self.occupied &= self.occupied - 1;
        }
        None
    }

    /// Gives the entries of a bucket the keys of their timers, and moves `last` up to the least of
    /// them, unless that lies after `limit` or another bucket may hold an earlier one. Returns it.
    fn redistribute(&mut self, bucket: usize, limit: i64) -> i64 {
        let mut entries =
            std::mem::replace(&mut self.buckets[bucket], std::mem::take(&mut self.scratch));
        self.occupied &= !(1 << bucket);
        self.entries -= entries.len();
        let mut least = i64::MAX;
        entries.retain_mut(|entry| match self.deadline_of(entry) {
            Some(deadline) => {
                entry.key = deadline;
                least = least.min(deadline);
                true
            }
            None => false,
        });
        let floor = self.floor(self.occupied).unwrap_or(i64::MAX);
        if !entries.is_empty() && least <= limit.min(floor) {
            self.last = self.last.max(least);
        }
        for entry in entries.drain(..) {
            self.push(entry);
        }
        self.scratch = entries;
        least
    }

    fn sweep_if_worthwhile(&mut self) {
        if self.entries > 64 && self.entries > 2 * self.armed {
            for bucket in 0..BUCKETS {
                let mut entries = std::mem::take(&mut self.buckets[bucket]);
                entries.retain(|entry| self.deadline_of(entry).is_some());
                self.buckets[bucket] = entries;
            }
            self.entries = self.buckets.iter().map(Vec::len).sum();
        }
    }
}

/// Signed order as unsigned order.
fn to_bits(key: i64) -> u64 {
    (key as u64) ^ (1 << 63)
}

fn from_bits(bits: u64) -> i64 {
    (bits ^ (1 << 63)) as i64
}

fn bucket_of(key: i64, last: i64) -> usize {
    (64 - (to_bits(key) ^ to_bits(last)).leading_zeros()) as usize
}
