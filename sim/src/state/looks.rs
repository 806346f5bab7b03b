//! Which turns of a replayed run are looked at, to say where their tasks wait, and what was seen.

use std::collections::BTreeMap;

use crate::record::await_place::Wait;

#[derive(Debug, Default)]
pub(crate) struct Looks {
    /// Tasks, and how many events were recorded before the turn in which each suspends for good.
    pub(crate) wanted: Vec<(u32, usize)>,
    pub(crate) seen: BTreeMap<u32, Wait>,
}

impl Looks {
    pub(crate) fn begin(&mut self, wanted: &[(u32, usize)]) {
        self.wanted.clear();
        self.wanted.extend_from_slice(wanted);
        if !self.seen.is_empty() {
            self.seen.clear();
        }
    }

    pub(crate) fn is_any_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }
}
