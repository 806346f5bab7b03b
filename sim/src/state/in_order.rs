//! What is sent in one order and arrives in any, to be taken in the order in which it was sent: messages of a link of the
//! fault room, packets of a link between hosts.

use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct InOrder<T> {
    sent: u64,
    taken: u64,
    /// What arrived before something that was sent first.
    early: BTreeMap<u64, T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        InOrder {
            sent: 0,
            taken: 0,
            early: BTreeMap::new(),
        }
    }
}

impl<T> InOrder<T> {
    /// The place of what is sent now.
    pub(crate) fn send(&mut self) -> u64 {
        self.sent += 1;
        self.sent - 1
    }

    /// Takes what has arrived, if all before it has been taken, and then those behind it that came early.
    pub(crate) fn arrive(&mut self, place: u64, item: T, mut take: impl FnMut(T)) {
        if place != self.taken {
            self.early.insert(place, item);
            return;
        }
        self.taken += 1;
        take(item);
        while let Some(next) = self.early.remove(&self.taken) {
            self.taken += 1;
            take(next);
        }
    }
}

#[test]
fn what_came_early_is_taken_behind_what_it_waited_for() {
    let mut in_order = InOrder::default();
    let places = [(); 4].map(|()| in_order.send());
    let mut taken = Vec::new();
    for place in [2, 0, 3, 1] {
        in_order.arrive(places[place], place, |item| taken.push(item));
    }
    assert_eq!(taken, [0, 1, 2, 3]);
}
