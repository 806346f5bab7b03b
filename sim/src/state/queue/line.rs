//! A queue of small values in one piece of memory, taken mostly from the front.
//!
//! `VecDeque` is the general answer; this one is a slice at any time, and what is taken from near the
//! front moves only what stands before it. When room is made, and in which way values are moved, is a matter
//! of time alone: what is in the line is the same.

/// Up to this many values are moved one by one.
const FEW: usize = 16;
/// An empty line keeps room for this many values.
const KEPT: usize = 1 << 10;

/// A `Vec` whose first values may be gone already.
#[derive(Debug)]
pub(super) struct Line<T> {
    values: Vec<T>,
    /// How many are gone.
    head: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Line {
            values: Vec::new(),
            head: 0,
        }
    }
}

impl<T: Copy> Line<T> {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.head = 0;
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.values.len() - self.head
    }

    #[inline]
    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values[self.head..].iter()
    }

    #[inline]
    pub(super) fn push(&mut self, value: T) {
        if self.values.len() == self.values.capacity() {
            return self.push_and_make_room(value);
        }
        self.values.push(value);
    }

    /// Moves the values to the front rather than asking for memory, where that frees half of it.
    #[cold]
    #[inline(never)]
    fn push_and_make_room(&mut self, value: T) {
        if self.head > self.values.len() / 2 {
            self.values.drain(..self.head);
            self.head = 0;
        }
        self.values.push(value);
    }

    /// Moves everything out of `other` to the end.
    #[inline]
    pub(super) fn append(&mut self, other: &mut Line<T>) {
        if other.len() == 0 {
            // Only for speed: most often nothing has come due.
            return;
        }
        for value in other.iter() {
            self.push(*value);
        }
        other.clear();
    }

    #[inline]
    pub(super) fn first(&self) -> Option<&T> {
        self.values.get(self.head)
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
        let mut value = *self.values.get(self.head..=at)?.first()?;
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

    /// A long line gives its memory back: all tasks of a run are queued once, at its start. From which length on is a
    /// matter of memory alone.
    #[inline]
    fn ran_empty(&mut self) {
        self.clear();
        if self.values.capacity() > KEPT {
            self.values.shrink_to(KEPT);
        }
    }

    #[cold]
    pub(super) fn retain(&mut self, stays: impl Fn(&T) -> bool) {
        self.values.drain(..self.head);
        self.head = 0;
        self.values.retain(stays);
    }
}

#[cfg(test)]
mod tests;
