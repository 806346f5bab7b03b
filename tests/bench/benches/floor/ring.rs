//! Timers in a ring of milliseconds, longer than the longest wait: arming one is a push.

const SLOTS: usize = 1 << 14;
const WORDS: usize = SLOTS / 64;

/// The tasks that wait, by the millisecond at which they wake up.
#[derive(Debug)]
pub struct Ring {
    slots: [Vec<u32>; SLOTS],
    /// One bit for each slot that has a task.
    taken: [u64; WORDS],
    /// One bit for each word of those.
    words: [u64; WORDS / 64],
}

/// The first bit that is set, from a bit on.
fn first(bits: &[u64], from: usize) -> Option<usize> {
    let of =
        |index: usize, word: u64| (word != 0).then(|| index * 64 + word.trailing_zeros() as usize);
    let begin = from / 64;
    of(begin, bits.get(begin)? & (u64::MAX << (from % 64)))
        .or_else(|| (begin + 1..bits.len()).find_map(|index| of(index, bits[index])))
}

impl Ring {
    /// An empty ring.
    pub const fn new() -> Self {
        Ring {
            slots: [const { Vec::new() }; SLOTS],
            taken: [0; WORDS],
            words: [0; WORDS / 64],
        }
    }

    /// Wakes a task at a moment that comes within a round.
    pub fn arm(&mut self, at: u64, task: u32) {
        let slot = at as usize % SLOTS;
        self.slots[slot].push(task);
        self.taken[slot / 64] |= 1 << (slot % 64);
        self.words[slot / 4096] |= 1 << (slot / 64 % 64);
    }

    /// The first slot that has a task, from a slot on.
    fn slot(&self, from: usize) -> Option<usize> {
        let word = from / 64;
        let here = self.taken[word] & (u64::MAX << (from % 64));
        if here != 0 {
            return Some(word * 64 + here.trailing_zeros() as usize);
        }
        let word = first(&self.words, word + 1)?;
        Some(word * 64 + self.taken[word].trailing_zeros() as usize)
    }

    /// Takes the first moment after `now` that has tasks, and calls `each` with them.
    pub fn take(&mut self, now: u64, mut each: impl FnMut(u64, u32)) -> Option<u64> {
        let from = (now + 1) as usize % SLOTS;
        let slot = self.slot(from).or_else(|| self.slot(0))?;
        let at = now + 1 + ((slot + SLOTS - from) % SLOTS) as u64;
        let bits = &mut self.taken[slot / 64];
        *bits &= !(1 << (slot % 64));
        if *bits == 0 {
            self.words[slot / 4096] &= !(1 << (slot / 64 % 64));
        }
        let tasks = &mut self.slots[slot];
        tasks.iter().for_each(|task| each(at, *task));
        tasks.clear();
        Some(at)
    }
}
