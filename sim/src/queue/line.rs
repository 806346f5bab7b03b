//! A queue of small values, taken mostly from the front.
//!
//! `VecDeque` is the general answer; in this one the front is a slice, and what is taken from near it moves
//! only what stands before.
//!
//! A long line goes on in chunks behind its front. So where a hundred thousand tasks can take their turn, and
//! any of them may be taken, a take moves one chunk and counts the others.

use std::collections::VecDeque;

/// So few values are moved one by one.
const FEW: usize = 16;
/// Room for so many values is kept while there are none.
const KEPT: usize = 1 << 10;
/// The front is no longer than this when a value joins it, and no chunk is.
const CHUNK: usize = 1 << 12;

/// A `Vec` whose first values may be gone already, and what comes after it.
#[derive(Debug)]
pub(super) struct Line<T> {
    values: Vec<T>,
    /// How many of `values` are gone.
    head: usize,
    /// How long `values` may grow; none joins it while there is something behind it.
    room: usize,
    /// What comes after `values`; none of them is empty.
    chunks: VecDeque<Vec<T>>,
    /// How many values there are in `chunks`.
    behind: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Line {
            values: Vec::new(),
            head: 0,
            room: 0,
            chunks: VecDeque::new(),
            behind: 0,
        }
    }
}

impl<T: Copy> Line<T> {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.head = 0;
        if self.behind > 0 {
            self.chunks.clear();
            self.behind = 0;
        }
        self.room = self.values.capacity();
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.values.len() - self.head + self.behind
    }

    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values[self.head..]
            .iter()
            .chain(self.chunks.iter().flatten())
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        match self.values.get(self.head + index) {
            Some(value) => Some(value),
            None => self.get_behind(index),
        }
    }

    #[cold]
    fn get_behind(&self, index: usize) -> Option<&T> {
        let (chunk, index) = self.chunk_of(index)?;
        self.chunks[chunk].get(index)
    }

    /// In which chunk the value is that comes after so many others, and where.
    fn chunk_of(&self, index: usize) -> Option<(usize, usize)> {
        let mut index = index.checked_sub(self.values.len() - self.head)?;
        for (number, chunk) in self.chunks.iter().enumerate() {
            if index < chunk.len() {
                return Some((number, index));
            }
            index -= chunk.len();
        }
        None
    }

    #[inline]
    pub(super) fn push(&mut self, value: T) {
        if self.values.len() >= self.room {
            return self.push_where_room_is(value);
        }
        self.values.push(value);
    }

    /// Moves the values to the front rather than asking for memory, where that frees half of it.
    #[cold]
    fn push_where_room_is(&mut self, value: T) {
        if self.behind == 0 && self.head > self.values.len() / 2 {
            self.values.drain(..self.head);
            self.head = 0;
        }
        if self.behind > 0 || self.values.len() - self.head >= CHUNK {
            self.push_behind(value);
            self.room = 0;
        } else {
            self.values.push(value);
            self.room = self.values.capacity();
        }
    }

    fn push_behind(&mut self, value: T) {
        self.behind += 1;
        match self.chunks.back_mut() {
            Some(last) if last.len() < CHUNK => last.push(value),
            _ => self.chunks.push_back(vec![value]),
        }
    }

    /// Moves everything out of `other` to the end.
    #[inline]
    pub(super) fn append(&mut self, other: &mut Line<T>) {
        if other.len() == 0 {
            return;
        }
        while let Some(value) = other.take_first() {
            self.push(value);
        }
    }

    #[inline]
    pub(super) fn take_first(&mut self) -> Option<T> {
        let first = *self.values.get(self.head)?;
        self.head += 1;
        if self.head == self.values.len() {
            self.ran_empty();
        }
        Some(first)
    }

    #[inline]
    pub(super) fn remove(&mut self, index: usize) -> Option<T> {
        let at = self.head + index;
        let Some([first, ..]) = self.values.get(self.head..=at) else {
            return self.remove_behind(index);
        };
        let mut value = *first;
        if index < FEW {
            let after = &mut self.values[self.head + 1..=at];
            after
                .iter_mut()
                .for_each(|next| std::mem::swap(next, &mut value));
        } else {
            value = self.values[at];
            self.values.copy_within(self.head..at, self.head + 1);
        }
        self.head += 1;
        if self.head == self.values.len() {
            self.ran_empty();
        }
        Some(value)
    }

    #[cold]
    fn remove_behind(&mut self, index: usize) -> Option<T> {
        let (number, index) = self.chunk_of(index)?;
        let chunk = &mut self.chunks[number];
        let value = chunk.remove(index);
        if chunk.is_empty() {
            self.chunks.remove(number);
        }
        self.behind -= 1;
        Some(value)
    }

    /// The first chunk comes to the front. A line that has ended gives its memory back if it was long: all
    /// tasks of a run are queued once, at its start.
    #[inline]
    fn ran_empty(&mut self) {
        self.values.clear();
        self.head = 0;
        if self.behind > 0 || self.values.capacity() > KEPT {
            self.ran_empty_of_many();
        }
    }

    #[cold]
    fn ran_empty_of_many(&mut self) {
        match self.chunks.pop_front() {
            Some(chunk) => self.values = chunk,
            None => self.values.shrink_to(KEPT),
        }
        self.behind = self.behind.saturating_sub(self.values.len());
        self.look_for_room();
    }

    fn look_for_room(&mut self) {
        self.room = match self.behind {
            0 => self.values.capacity(),
            _ => 0,
        };
    }

    #[cold]
    pub(super) fn retain(&mut self, stays: impl Fn(&T) -> bool) {
        self.values.drain(..self.head);
        self.head = 0;
        self.values.retain(&stays);
        self.chunks
            .iter_mut()
            .for_each(|chunk| chunk.retain(&stays));
        self.chunks.retain(|chunk| !chunk.is_empty());
        self.behind = self.chunks.iter().map(Vec::len).sum();
        match self.values.is_empty() {
            true => self.ran_empty_of_many(),
            false => self.look_for_room(),
        }
    }
}

#[cfg(test)]
mod tests;
