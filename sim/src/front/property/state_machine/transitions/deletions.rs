//! Leaves out one item after the other, and then two at once, until none can be spared.
//!
//! Two at once, because often neither can be spared alone: an acquire and its release.

/// Of more items than this no pairs are tried.
const PAIRS_MAX: usize = 24;

/// A list that shrinks, in the steps of a [`ValueTree`](proptest::strategy::ValueTree).
#[derive(Debug)]
pub(super) struct Deletions<T> {
    items: Vec<T>,
    /// The list before the last deletion, while that is not accepted.
    before: Option<Vec<T>>,
    /// What is still to be tried, the last one first.
    tries: Vec<(usize, Option<usize>)>,
}

impl<T: Clone> Deletions<T> {
    pub(super) fn of(items: Vec<T>) -> Self {
        let tries = tries(items.len());
        Deletions {
            items,
            before: None,
            tries,
        }
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// Leaves out what comes next in the order of tries and leaves an allowed list; false if nothing does.
    pub(super) fn simplify(&mut self, is_allowed: impl Fn(&[T]) -> bool) -> bool {
        if self.before.take().is_some() {
            // The last deletion was accepted: what could not be spared before it may be now.
            self.tries = tries(self.items.len());
        }
        while let Some((first, second)) = self.tries.pop() {
            let left_out = |index: usize| index == first || Some(index) == second;
            let kept = self.items.iter().enumerate();
            let kept = kept.filter(|(index, _)| !left_out(*index));
            let kept: Vec<T> = kept.map(|(_, item)| item.clone()).collect();
            if is_allowed(&kept) {
                self.before = Some(std::mem::replace(&mut self.items, kept));
                return true;
            }
        }
        false
    }

    /// Puts back what was left out last; false if there is nothing.
    pub(super) fn complicate(&mut self) -> bool {
        let before = self.before.take();
        let undone = before.is_some();
        self.items = before.unwrap_or_else(|| std::mem::take(&mut self.items));
        undone
    }
}

/// Single items from the back, which is what is tried first, then pairs.
fn tries(count: usize) -> Vec<(usize, Option<usize>)> {
    let mut tries = Vec::new();
    if count <= PAIRS_MAX {
        for first in 0..count {
            tries.extend((first + 1..count).map(|second| (first, Some(second))));
        }
    }
    tries.extend((0..count).map(|index| (index, None)));
    tries
}

#[cfg(test)]
mod tests {
    use super::Deletions;

    /// Shrinks as proptest does.
    fn shrunk(items: &[u8], allowed: fn(&[u8]) -> bool, fails: fn(&[u8]) -> bool) -> Vec<u8> {
        let mut deletions = Deletions::of(items.to_vec());
        while deletions.simplify(allowed) {
            if !fails(deletions.items()) {
                assert!(deletions.complicate(), "there is something to put back");
            }
        }
        deletions.items().to_vec()
    }

    #[test]
    fn what_is_not_needed_is_left_out() {
        let fails = |items: &[u8]| items.contains(&2) && items.contains(&5);
        assert_eq!(shrunk(&[1, 2, 3, 4, 5, 6], |_| true, fails), [2, 5]);
    }

    #[test]
    fn two_that_need_each_other_go_together() {
        let balanced = |items: &[u8]| {
            let count = |of| items.iter().filter(|item| **item == of).count();
            count(1) == count(2)
        };
        let fails = |items: &[u8]| items.contains(&3);
        assert_eq!(shrunk(&[1, 3, 2, 1, 2], balanced, fails), [3]);
    }

    #[test]
    fn what_can_be_spared_only_later_is_left_out_then() {
        // 4 can go only once 1 has gone, and is tried first.
        let fails =
            |items: &[u8]| items.contains(&9) && (items.contains(&4) || !items.contains(&1));
        assert_eq!(shrunk(&[1, 9, 4], |_| true, fails), [9]);
    }
}
