//! Which tasks may stall, and which do: the tasks of one process stall together.

use deadheat_timeout::Place;

use crate::record::asked::{AllAsked, Fault};

/// A group of tasks, and by how much it may stall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Group {
    pub(crate) number: u32,
    pub(crate) stall: i64,
}

/// The groups of a run that may stall.
#[derive(Debug, Default)]
pub(crate) struct Stalls {
    /// The group of each task that is in one, by task.
    of: Vec<(u32, Group)>,
    /// The groups that stall, and until when.
    pub(crate) until: Vec<(u32, i64)>,
    /// How many groups were made.
    groups: u32,
    /// Which groups were asked to stall, and by which of what was asked for.
    asks: Vec<(u32, u32)>,
    pub(crate) asked: AllAsked,
}

impl Stalls {
    pub(crate) fn begin(&mut self) {
        self.of.clear();
        self.until.clear();
        self.groups = 0;
        if !self.asks.is_empty() {
            self.asks.clear();
            self.asked = AllAsked::default();
        }
    }

    /// A group may stall, by a call there.
    pub(crate) fn ask(&mut self, group: u32, from: Place) {
        let call = format!("Process::{}", Fault::ProcessStall);
        let index = self.asked.ask(Fault::ProcessStall, call, from);
        self.asks.push((group, index));
    }

    fn asked_of(&self, group: u32) -> Option<u32> {
        let asked = self.asks.iter().find(|(of, _)| *of == group);
        asked.map(|(_, index)| *index)
    }

    /// A group could stall here.
    pub(crate) fn could(&mut self, group: u32) {
        if let Some(index) = self.asked_of(group) {
            self.asked.could_at(index);
        }
    }

    /// A group stalls.
    pub(crate) fn begin_of(&mut self, group: u32, until: i64) {
        self.until.retain(|(of, _)| *of != group);
        self.until.push((group, until));
        if let Some(index) = self.asked_of(group) {
            self.asked.passed_at(index);
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(crate) fn new_group(&mut self) -> u32 {
        self.groups += 1;
        self.groups
    }

    /// A task was spawned in a group.
    pub(crate) fn join(&mut self, task: u32, group: Group) {
        self.of.push((task, group));
    }

    pub(crate) fn group(&self, task: u32) -> Option<Group> {
        let found = self.of.binary_search_by_key(&task, |(of, _)| *of);
        found.ok().map(|index| self.of[index].1)
    }

    /// No group stalls any more.
    pub(crate) fn end(&mut self) {
        self.until.clear();
    }

    /// Until when the group stalls.
    pub(crate) fn until(&self, group: u32) -> Option<i64> {
        let found = self.until.iter().find(|(of, _)| *of == group);
        found.map(|(_, until)| *until)
    }
}
