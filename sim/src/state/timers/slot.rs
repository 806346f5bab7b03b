//! A timer as long as it is armed or due, in three words.

use std::num::NonZeroU32;

use super::apart::Wakes;
use super::front::Entry;

/// Where a timer is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The timer has fired or is gone: it has no slot.
    Off,
    /// In the heap.
    Armed,
    /// Out of the heap and due.
    Due,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) deadline: i64,
    /// Arming number, the tie-break and the timer's name in a trace; the phase in the lowest bits.
    pub(super) numbered: u64,
    pub(super) generation: NonZeroU32,
    pub(super) wakes: Wakes,
}

const PHASE_BITS: u32 = 2;

impl Slot {
    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        match self.numbered & ((1 << PHASE_BITS) - 1) {
            0 => Phase::Off,
            1 => Phase::Armed,
            _ => Phase::Due,
        }
    }

    #[inline]
    pub(crate) fn number(&self) -> u64 {
        self.numbered >> PHASE_BITS
    }

    /// An entry that came out of the heap with this key is this timer's, and stands for its deadline.
    #[inline]
    pub(super) fn is_of(&self, entry: &Entry) -> bool {
        let alive = self.generation == entry.generation && self.phase() == Phase::Armed;
        alive && self.deadline == entry.key
    }

    #[inline]
    pub(super) fn set(&mut self, number: u64, phase: Phase) {
        self.numbered = number << PHASE_BITS | phase as u64;
    }

    /// What keys and entries there are of it are dead from now on.
    #[inline]
    pub(super) fn vacate(&mut self) {
        self.generation = next_generation(self.generation);
        self.set(0, Phase::Off);
        self.wakes = Wakes::NOBODY;
    }
}

#[inline]
pub(super) fn next_generation(generation: NonZeroU32) -> NonZeroU32 {
    generation.checked_add(1).unwrap_or(NonZeroU32::MIN)
}
