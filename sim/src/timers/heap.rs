//! The deadlines in order: a radix heap of base 64.
//!
//! 1. `last` never goes back, and is at most the least key. A key is filed by the highest digit in
//!    which it differs from `last`, under that digit: so buckets in the order of (level, digit) hold
//!    ever later keys, and no comparison is needed but within the first one.
//! 2. Entries of equal key share a bucket and keep their order in it.
//! 3. On level 0 all keys of a bucket are equal. A bucket above is opened when it is the first one:
//!    `last` moves into its range, and its entries go down by at least a level.
//!
//! Nothing here knows what an entry stands for, or whether it still stands for anything.
//!
//! Source: Ahuja, Mehlhorn, Orlin, Tarjan, "Faster Algorithms for the Shortest Path Problem",
//! JACM 37 (1990), the multi-level radix heap; with the bit maps of Varghese and Lauck, "Hashed and
//! Hierarchical Timing Wheels", SOSP 1987, as tokio's wheel has them.

use std::num::NonZeroU32;

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

/// A key, and the timer it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// At most the timer's deadline.
    pub(super) key: i64,
    pub(super) slot: u32,
    pub(super) generation: NonZeroU32,
}

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = (i64::BITS as usize).div_ceil(DIGIT_BITS as usize);

#[derive(Debug)]
pub(super) struct Heap {
    /// By (level, digit).
    buckets: Vec<Vec<Entry>>,
    /// Bit `l` is set if level `l` holds something.
    levels: u64,
    /// Bit `d` of level `l` is set if bucket (l, d) holds something.
    digits: [u64; LEVELS],
    last: i64,
    entries: usize,
    /// The memory of the bucket that was emptied last.
    spare: Vec<Entry>,
}

impl Default for Heap {
    fn default() -> Self {
        Heap {
            buckets: vec![Vec::new(); LEVELS * DIGITS],
            levels: 0,
            digits: [0; LEVELS],
            last: i64::MIN,
            entries: 0,
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
        }
        (self.entries, self.last) = (0, start);
    }

    pub(super) fn len(&self) -> usize {
        self.entries
    }

    /// Files an entry. A key before `last` can come only once the run is over, and is filed as if it
    /// were `last`.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        let bucket = bucket_of(entry.key.max(self.last), self.last);
        self.buckets[bucket].push(entry);
        self.levels |= 1 << (bucket / DIGITS);
        self.digits[bucket / DIGITS] |= 1 << (bucket % DIGITS);
        self.entries += 1;
    }

    /// Takes the entries with the least key out, if that is at most `limit`: for
    /// [`recycle`](Self::recycle) to get back. `last` moves, up to that key.
    #[inline]
    pub(super) fn take_first(&mut self, limit: i64) -> Option<Taken> {
        let bucket = self.settle(limit)?;
        if let [entry] = self.buckets[bucket][..] {
            return Some(Taken::One(self.take_only(bucket, entry)));
        }
        let entries = self.take(bucket);
        self.last = self.last.max(entries[0].key);
        Some(Taken::Many(entries))
    }

    /// Takes the entry with the least key out, if that is at most `limit`, no other entry has that key,
    /// and `wanted` says so. Else nothing was taken, and [`take_first`](Self::take_first) takes it.
    #[inline]
    pub(super) fn take_lone(
        &mut self,
        limit: i64,
        wanted: impl FnOnce(&Entry) -> bool,
    ) -> Option<Entry> {
        let bucket = self.settle(limit)?;
        match self.buckets[bucket][..] {
            [entry] if wanted(&entry) => Some(self.take_only(bucket, entry)),
            _ => None,
        }
    }

    #[inline]
    fn take_only(&mut self, bucket: usize, entry: Entry) -> Entry {
        self.buckets[bucket].clear();
        self.entries -= 1;
        self.vacate(bucket);
        // The bucket is empty now, so no entry stands where it would not with the new `last`.
        self.last = self.last.max(entry.key);
        entry
    }

    /// Takes the memory of [`take_first`](Self::take_first) back.
    #[inline]
    pub(super) fn recycle(&mut self, taken: Taken) {
        if let Taken::Many(mut entries) = taken {
            entries.clear();
            self.spare = entries;
        }
    }

    /// Every entry, bucket after bucket, each time with the least key that is possible from there on.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &[Entry])> {
        bits(self.levels).flat_map(move |level| {
            bits(self.digits[level]).map(move |digit| {
                let bucket = level * DIGITS + digit;
                (self.floor(bucket), &self.buckets[bucket][..])
            })
        })
    }

    /// Drops every entry that is not to stay.
    #[cold]
    pub(super) fn retain(&mut self, stays: impl Fn(&Entry) -> bool) {
        let occupied = self
            .buckets
            .iter_mut()
            .filter(|entries| !entries.is_empty());
        occupied.for_each(|entries| entries.retain(&stays));
        self.entries = self.buckets.iter().map(Vec::len).sum();
        for bucket in 0..self.buckets.len() {
            if self.buckets[bucket].is_empty() {
                self.vacate(bucket);
            }
        }
    }

    /// Opens buckets until the first one holds a single key; none if that is after `limit`.
    #[inline]
    fn settle(&mut self, limit: i64) -> Option<usize> {
        loop {
            let bucket = self.first_bucket()?;
            let entries = &self.buckets[bucket];
            if bucket < DIGITS || entries.len() == 1 {
                return (entries[0].key <= limit).then_some(bucket);
            }
            if self.floor(bucket) > limit {
                return None;
            }
            self.open(bucket, limit);
        }
    }

    fn open(&mut self, bucket: usize, limit: i64) {
        let entries = self.take(bucket);
        let least = entries.iter().map(|entry| entry.key).min();
        self.last = self.last.max(least.unwrap_or(limit).min(limit));
        for entry in &entries {
            self.push(*entry);
        }
        self.recycle(Taken::Many(entries));
    }

    fn take(&mut self, bucket: usize) -> Vec<Entry> {
        let spare = std::mem::take(&mut self.spare);
        let entries = std::mem::replace(&mut self.buckets[bucket], spare);
        self.entries -= entries.len();
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
