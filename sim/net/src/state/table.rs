//! The sockets that there are, in slots that are used again.
//!
//! A slot counts how often it was emptied, and an id has that count. So an id of a socket that was closed finds
//! nothing, also when its slot holds another one (invariant 2 of the crate).

use crate::id::SocketId;

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    held: Option<T>,
}

#[derive(Debug)]
pub(crate) struct Table<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Table<T> {
        Table {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(crate) fn insert(&mut self, held: T) -> SocketId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                held: None,
            });
            u32::try_from(self.slots.len() - 1).expect("fewer sockets than 2^32")
        });
        let own = &mut self.slots[slot as usize];
        own.held = Some(held);
        SocketId {
            slot,
            generation: own.generation,
        }
    }

    pub(crate) fn get(&self, id: SocketId) -> Option<&T> {
        let slot = self.slots.get(id.slot as usize)?;
        slot.held
            .as_ref()
            .filter(|_| slot.generation == id.generation)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: SocketId) -> Option<&mut T> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        slot.held
            .as_mut()
            .filter(|_| slot.generation == id.generation)
    }

    pub(crate) fn remove(&mut self, id: SocketId) -> Option<T> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let held = slot.held.take()?;
        // A slot whose count is used up stays empty.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push(id.slot);
        }
        Some(held)
    }

    /// In the order of the slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SocketId, &T)> {
        self.slots.iter().enumerate().filter_map(|(at, slot)| {
            let id = SocketId {
                slot: u32::try_from(at).ok()?,
                generation: slot.generation,
            };
            Some((id, slot.held.as_ref()?))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_finds_nothing_after_its_slot_was_used_again() {
        let mut table = Table::new();
        let first = table.insert('a');
        assert_eq!(table.remove(first), Some('a'));
        let second = table.insert('b');
        assert_eq!(first.slot, second.slot);
        assert_eq!(table.get(first), None);
        assert_eq!(table.get_mut(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(second), Some(&'b'));
        assert_eq!((table.len(), table.slots()), (1, 1));
    }

    #[test]
    fn a_slot_whose_count_is_used_up_is_never_used_again() {
        let mut table = Table::new();
        let id = table.insert('a');
        table.slots[0].generation = u32::MAX;
        let last = SocketId {
            generation: u32::MAX,
            ..id
        };
        assert_eq!(table.remove(last), Some('a'));
        assert_eq!(table.insert('b').slot, 1);
    }
}
