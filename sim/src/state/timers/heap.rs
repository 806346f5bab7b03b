//! The deadlines in order: a radix heap of base 64.
//!
//! 1. `last` never goes back, and is at most the least key. A key is filed by the highest digit in
//!    which it differs from `last`, under that digit: so buckets in the order of (level, digit) hold
//!    ever later keys, and no comparison is needed but within the first one.
//! 2. Entries of equal key that stand in buckets share one, and keep their order in it.
//! 3. On level 0 all keys of a bucket are equal. A bucket above is opened when it is the first one:
//!    `last` moves into its range, and its entries go down by at least a level.
//!
//! 4. The entries that come next stand in order before the buckets, in `front`, as long as they are
//!    few: no key there is after one in a bucket. A bucket with few entries is sorted into it, and a
//!    run with few timers knows no bucket at all.
//!
//! Nothing here knows what an entry stands for, or whether it still stands for anything.
//!
//! Source: Ahuja, Mehlhorn, Orlin, Tarjan, "Faster Algorithms for the Shortest Path Problem",
//! JACM 37 (1990), the multi-level radix heap; with the bit maps of Varghese and Lauck, "Hashed and
//! Hierarchical Timing Wheels", SOSP 1987, as tokio's wheel has them.

use std::num::NonZeroU32;

use super::front::{Entry, FRONT_MAX, Front};

/// The entries that were taken out together: mostly one.
#[derive(Debug)]
pub(super) enum Taken {
    One(Entry),
    Many(Vec<Entry>),
}

impl Taken {
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        match self {
            Taken::One(entry) => std::slice::from_ref(entry),
            Taken::Many(entries) => entries,
        }
    }
}

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
/// A bucket keeps memory for this many entries.
const KEPT: usize = 64;

const LEVELS: usize = (i64::BITS as usize).div_ceil(DIGIT_BITS as usize);

#[derive(Debug)]
pub(super) struct Heap {
    /// The least keys.
    front: Front,
    /// By (level, digit).
    buckets: Vec<Vec<Entry>>,
    /// Bit `l` is set if level `l` holds something.
    levels: u64,
    /// Bit `d` of level `l` is set if bucket (l, d) holds something.
    digits: [u64; LEVELS],
    last: i64,
    /// How many entries are in buckets.
    filed: usize,
    /// The memory of a long bucket that was emptied, for the next one that grows long.
    spare: Vec<Entry>,
}

impl Default for Heap {
    fn default() -> Self {
        Heap {
            front: Front::default(),
            buckets: vec![Vec::new(); LEVELS * DIGITS],
            levels: 0,
            digits: [0; LEVELS],
            last: i64::MIN,
            filed: 0,
            spare: Vec::new(),
        }
    }
}

impl Heap {
    /// Forgets everything but the memory; no key from now on is before `start`.
    pub(super) fn reset(&mut self, start: i64) {
        while let Some(bucket) = self.first_bucket() {
            self.buckets[bucket].clear();
            self.vacate(bucket);
            self.save_memory(bucket);
        }
        self.front.clear();
        (self.filed, self.last) = (0, start);
    }

    pub(super) fn len(&self) -> usize {
        self.front.len() + self.filed
    }

    /// Files an entry. A key before `last` can come only once the run is over, and is filed as if it
    /// were `last`.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        // Invariant 4: a key before the greatest of the front has to stand there. Any other may stand there only if no
        // bucket holds an earlier one.
        let (to_front, full) = (self.stands_in_front(&entry), self.front.is_full());
        match to_front {
            true if full => self.push_full(entry),
            true => self.front.insert(entry),
            false => self.file(entry),
        }
    }

    #[inline]
    fn stands_in_front(&self, entry: &Entry) -> bool {
        match self.front.greatest() {
            Some(greatest) if entry.key < greatest.key => true,
            _ => self.levels == 0 && !self.front.is_full(),
        }
    }

    /// Puts an entry in its place in the front, whose last entry moves to a bucket.
    #[cold]
    fn push_full(&mut self, entry: Entry) {
        // Invariant 4: the greatest key of the front is not after one in a bucket, so it may go to one.
        if let Some(greatest) = self.front.take_greatest() {
            self.file(greatest);
        }
        self.front.insert(entry);
    }

    /// Puts an entry into its bucket.
    #[inline(never)]
    fn file(&mut self, entry: Entry) {
        let bucket = bucket_of(entry.key.max(self.last), self.last);
        self.filed += 1;
        self.levels |= 1 << (bucket / DIGITS);
        self.digits[bucket / DIGITS] |= 1 << (bucket % DIGITS);
        let entries = &mut self.buckets[bucket];
        if entries.len() == entries.capacity() {
            return self.file_and_grow(bucket, entry);
        }
        entries.push(entry);
    }

    /// Apart, and as the last thing that is done, so that filing saves no registers for it.
    #[cold]
    #[inline(never)]
    fn file_and_grow(&mut self, bucket: usize, entry: Entry) {
        let entries = &mut self.buckets[bucket];
        if entries.len() == KEPT {
            self.spare.append(entries);
            std::mem::swap(entries, &mut self.spare);
        }
        entries.push(entry);
    }

    /// Takes entries with the least key out, if that is at most `limit`: for
    /// [`recycle`](Self::recycle) to get back. There may be more of them. `last` moves, up to that key.
    #[inline]
    pub(super) fn take_first(
        &mut self,
        limit: i64,
        alive: impl Fn(&Entry) -> bool,
    ) -> Option<Taken> {
        let Some(bucket) = self.settle(limit, alive)? else {
            return self.front.take_next().map(Taken::One);
        };
        let entries = self.take(bucket);
        // The bucket is empty now, so no entry stands where it would not with the new `last`.
        self.last = self.last.max(entries[0].key);
        Some(Taken::Many(entries))
    }

    /// Takes the entry with the least key out, if that is at most `limit`, surely no other entry has
    /// that key, and `wanted` says so. Else nothing was taken, and [`take_first`](Self::take_first)
    /// takes it.
    #[inline]
    pub(super) fn take_lone(
        &mut self,
        limit: i64,
        alive: impl Fn(&Entry) -> bool,
        wanted: impl FnOnce(&Entry) -> bool,
    ) -> Option<Entry> {
        if self.settle(limit, alive)?.is_some() {
            return None;
        }
        let (entry, others) = self.front.entries().split_last()?;
        let alone = match others.last() {
            Some(next) => next.key > entry.key,
            // Invariant 4 allows an equal key in a bucket; the floor of the first one tells without looking into it.
            None => match self.first_bucket() {
                Some(bucket) => self.floor(bucket) > entry.key,
                None => true,
            },
        };
        if !alone || !wanted(entry) {
            return None;
        }
        self.front.take_next()
    }

    /// Drops the entry of a timer that is due at `deadline` and has gone; false if it does not stand in the front, where
    /// alone it is looked for. In the buckets a dead entry costs nothing before it comes out, and there are no more than
    /// is worth a sweep.
    #[inline]
    pub(super) fn forget(&mut self, deadline: i64, slot: u32, generation: NonZeroU32) -> bool {
        let beyond = |greatest: &Entry| greatest.key < deadline;
        if self.levels != 0 && self.front.greatest().is_none_or(beyond) {
            // It stands in a bucket, or it has moved.
            return false;
        }
        let Some(at) = self.front.place_of(deadline, slot, generation) else {
            return false;
        };
        self.front.remove(at);
        true
    }

    /// Takes the memory of [`take_first`](Self::take_first) back.
    #[inline]
    pub(super) fn recycle(&mut self, taken: Taken) {
        if let Taken::Many(mut entries) = taken {
            entries.clear();
            self.save(entries);
        }
    }

    /// Keeps the memory of what was emptied, if it is the longest.
    fn save(&mut self, entries: Vec<Entry>) {
        if entries.capacity() > self.spare.capacity() {
            self.spare = entries;
        }
    }

    /// A bucket that was emptied keeps little memory: time goes through all buckets, and each would keep as much as it
    /// ever needed, while few of them are long at a time.
    #[inline]
    fn save_memory(&mut self, bucket: usize) {
        if self.buckets[bucket].capacity() > KEPT {
            let entries = std::mem::take(&mut self.buckets[bucket]);
            self.save(entries);
        }
    }

    /// Every entry, bucket after bucket, each time with the least key that is possible from there on.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &[Entry])> {
        let front = self.front.entries();
        let front = front.last().map(|entry| (entry.key, front));
        let buckets = bits(self.levels).flat_map(move |level| {
            bits(self.digits[level]).map(move |digit| {
                let bucket = level * DIGITS + digit;
                (self.floor(bucket), &self.buckets[bucket][..])
            })
        });
        front.into_iter().chain(buckets)
    }

    /// For how many entries there is memory in buckets.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        let buckets = self.buckets.iter().map(Vec::capacity);
        buckets.sum::<usize>() + self.spare.capacity()
    }

    /// Drops every entry that is not to stay.
    #[cold]
    pub(super) fn retain(&mut self, stays: impl Fn(&Entry) -> bool) {
        self.front.retain(&stays);
        let occupied = self
            .buckets
            .iter_mut()
            .filter(|entries| !entries.is_empty());
        occupied.for_each(|entries| entries.retain(&stays));
        self.filed = self.buckets.iter().map(Vec::len).sum();
        for bucket in 0..self.buckets.len() {
            if self.buckets[bucket].is_empty() {
                self.vacate(bucket);
            }
        }
    }

    /// Opens buckets until the least key stands in the front, or in a bucket with more of its kind,
    /// whose number comes back. None if it is after `limit`.
    #[inline]
    fn settle(&mut self, limit: i64, alive: impl Fn(&Entry) -> bool) -> Option<Option<usize>> {
        loop {
            if let Some(first) = self.front.next() {
                return (first.key <= limit).then_some(None);
            }
            let bucket = self.first_bucket()?;
            if self.floor(bucket) > limit {
                return None;
            }
            // The front is empty here, so that many fit.
            if self.buckets[bucket].len() <= FRONT_MAX {
                self.bring_forward(bucket, limit, &alive);
            // Invariant 3: all keys of this bucket are equal, so there is nothing to sort.
            } else if bucket < DIGITS {
                return Some(Some(bucket));
            } else {
                self.open(bucket, limit);
            }
        }
    }

    /// Moves the entries of the first bucket to the front, which is empty, as far as they are alive.
    ///
    /// All of their timers are looked at in one go, so that memory need not be waited for one by one.
    #[inline(never)]
    fn bring_forward(&mut self, bucket: usize, limit: i64, alive: impl Fn(&Entry) -> bool) {
        let entries = &mut self.buckets[bucket];
        // Invariant 1: not beyond `limit`, since a key between that and the least one may still be pushed. Both lie in
        // the range of this bucket, so what is filed elsewhere still differs from `last` in the digit that it is
        // filed by.
        let least = entries.iter().map(|entry| entry.key).min();
        self.last = self.last.max(least.unwrap_or(limit).min(limit));
        self.filed -= entries.len();
        self.front.fill(entries.drain(..).filter(alive));
        self.vacate(bucket);
        self.save_memory(bucket);
        self.front.sort();
    }

    /// Moves the entries of the first bucket into buckets of lower levels.
    fn open(&mut self, bucket: usize, limit: i64) {
        let entries = self.take(bucket);
        // Invariant 1, as in `bring_forward`. Invariant 3: once `last` is in the range of the bucket, its entries
        // differ from `last` only in lower digits.
        let least = entries.iter().map(|entry| entry.key).min();
        self.last = self.last.max(least.unwrap_or(limit).min(limit));
        for entry in &entries {
            self.file(*entry);
        }
        // No entry came back to this bucket: they all went to lower levels.
        self.buckets[bucket] = entries;
        self.buckets[bucket].clear();
        self.save_memory(bucket);
    }

    fn take(&mut self, bucket: usize) -> Vec<Entry> {
        let entries = std::mem::take(&mut self.buckets[bucket]);
        self.filed -= entries.len();
        self.vacate(bucket);
        entries
    }

    #[inline]
    fn first_bucket(&self) -> Option<usize> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        Some(level * DIGITS + self.digits[level].trailing_zeros() as usize)
    }

    #[inline]
    fn vacate(&mut self, bucket: usize) {
        let level = bucket / DIGITS;
        self.digits[level] &= !(1 << (bucket % DIGITS));
        if self.digits[level] == 0 {
            self.levels &= !(1 << level);
        }
    }

    /// The least key that a bucket can hold.
    #[inline]
    fn floor(&self, bucket: usize) -> i64 {
        let (level, digit) = (bucket / DIGITS, (bucket % DIGITS) as u64);
        let shift = level as u32 * DIGIT_BITS;
        // Checked: on the highest level there is nothing above the digit, and all bits would be shifted out.
        let above = to_bits(self.last)
            .checked_shr(shift + DIGIT_BITS)
            .unwrap_or(0);
        from_bits(above.checked_shl(shift + DIGIT_BITS).unwrap_or(0) | digit << shift)
    }
}

#[inline]
fn bucket_of(key: i64, last: i64) -> usize {
    let differing = to_bits(key) ^ to_bits(last);
    // The lowest bit is set so that equal keys differ on level 0.
    let level = (differing | 1).ilog2() / DIGIT_BITS;
    let digit = (to_bits(key) >> (level * DIGIT_BITS)) as usize % DIGITS;
    level as usize * DIGITS + digit
}

/// The numbers of the bits that are set, least first.
#[inline]
fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = set.trailing_zeros() as usize;
        let found = set != 0;
        set &= set.wrapping_sub(1);
        found.then_some(bit)
    })
}

/// Signed order as unsigned order.
#[inline]
fn to_bits(key: i64) -> u64 {
    (key as u64) ^ (1 << 63)
}

fn from_bits(bits: u64) -> i64 {
    (bits ^ (1 << 63)) as i64
}
