//! Which turns of a replayed run are looked at, to say where their tasks wait, and what was seen.

use std::collections::BTreeMap;

use crate::record::held::Holder;
use crate::record::wait::Wait;

#[derive(Debug, Default)]
pub(crate) struct Looks {
    /// Tasks, and how many events were recorded before the turn in which each suspends for good.
    pub(crate) wanted: Vec<(u32, usize)>,
    pub(crate) seen: BTreeMap<u32, Wait>,
    /// How many turns of each task were looked at.
    taken: BTreeMap<u32, u32>,
    /// Who was woken as the run was torn down, and by whose drop.
    pub(crate) held: Vec<(u32, Holder)>,
}

/// So many turns of one task are looked at. Mostly it is one; but where events were too many to be kept, all turns after
/// the last that was kept count as that one, and to look at each takes minutes.
const TURNS_MAX: u32 = 4;

impl Looks {
    pub(crate) fn begin(&mut self, wanted: &[(u32, usize)]) {
        self.wanted.clear();
        self.wanted.extend_from_slice(wanted);
        if !self.seen.is_empty() {
            self.seen.clear();
        }
        if !self.taken.is_empty() {
            self.taken.clear();
        }
        if !self.held.is_empty() {
            self.held.clear();
        }
    }

    /// Whether one more turn of a task may be looked at.
    pub(crate) fn may_take(&self, task: u32) -> bool {
        self.taken.get(&task).is_none_or(|taken| *taken < TURNS_MAX)
    }

    /// A turn of a task is looked at.
    pub(crate) fn take(&mut self, task: u32) {
        *self.taken.entry(task).or_default() += 1;
    }

    pub(crate) fn is_any_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }
}
