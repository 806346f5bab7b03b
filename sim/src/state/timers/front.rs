//! The few deadlines that come next, in order.
//!
//! They stand in an array, so that nothing is asked of an allocator, and an entry finds its place by moving those that
//! come sooner: mostly none or one.

use std::num::NonZeroU32;

/// A key, and the timer it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// At most the timer's deadline.
    pub(super) key: i64,
    pub(super) slot: u32,
    pub(super) generation: NonZeroU32,
}

/// So few entries are kept in order by moving them.
pub(super) const FRONT_MAX: usize = 32;

/// Up to [`FRONT_MAX`] entries, the greatest key first.
#[derive(Debug)]
pub(super) struct Front {
    entries: [Entry; FRONT_MAX],
    len: usize,
}

impl Default for Front {
    fn default() -> Self {
        let nothing = Entry {
            key: 0,
            slot: 0,
            generation: NonZeroU32::MIN,
        };
        Front {
            entries: [nothing; FRONT_MAX],
            len: 0,
        }
    }
}

impl Front {
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.len == FRONT_MAX
    }

    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries[..self.len]
    }

    /// The one that comes next.
    #[inline]
    pub(super) fn next(&self) -> Option<&Entry> {
        self.entries().last()
    }

    #[inline]
    pub(super) fn greatest(&self) -> Option<&Entry> {
        self.entries().first()
    }

    /// Puts an entry in its place, behind those of an equal key. There must be room.
    #[inline]
    pub(super) fn insert(&mut self, entry: Entry) {
        let places = &mut self.entries[..=self.len];
        let mut at = self.len;
        while at > 0 && places[at - 1].key < entry.key {
            places[at] = places[at - 1];
            at -= 1;
        }
        places[at] = entry;
        self.len += 1;
    }

    #[inline]
    pub(super) fn take_next(&mut self) -> Option<Entry> {
        let next = *self.next()?;
        self.len -= 1;
        Some(next)
    }

    pub(super) fn take_greatest(&mut self) -> Option<Entry> {
        let greatest = *self.greatest()?;
        self.remove(0);
        Some(greatest)
    }

    /// Where the entry of a timer stands that is due at `deadline`. No key is after its timer's deadline.
    #[inline]
    pub(super) fn place_of(
        &self,
        deadline: i64,
        slot: u32,
        generation: NonZeroU32,
    ) -> Option<usize> {
        let is_its = |entry: &Entry| entry.slot == slot && entry.generation == generation;
        let mut sooner = self.entries().iter().enumerate().rev();
        let found = sooner.find(|(_, entry)| is_its(entry) || entry.key > deadline);
        found.and_then(|(at, entry)| is_its(entry).then_some(at))
    }

    #[inline]
    pub(super) fn remove(&mut self, at: usize) {
        // One by one: mostly it is the next one, or the one after it.
        let after = &mut self.entries[at..self.len];
        for at in 1..after.len() {
            after[at - 1] = after[at];
        }
        self.len -= 1;
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&Entry) -> bool) {
        let all = std::mem::take(self);
        self.fill(all.entries().iter().copied().filter(stays));
    }

    /// Puts entries in that are in no order, as many as there is room for. They get theirs by [`sort`](Self::sort).
    #[inline]
    pub(super) fn fill(&mut self, entries: impl Iterator<Item = Entry>) {
        let mut len = self.len;
        for entry in entries.take(FRONT_MAX - len) {
            self.entries[len] = entry;
            len += 1;
        }
        self.len = len;
    }

    /// Unstable: entries of equal key come due together, and `state/timers.rs` orders those by when they were armed.
    pub(super) fn sort(&mut self) {
        let descending = |entry: &Entry| std::cmp::Reverse(entry.key);
        if self.len > 1 {
            self.entries[..self.len].sort_unstable_by_key(descending);
        }
    }
}
