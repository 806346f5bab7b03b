//! Which tasks may stall, and which do: the tasks of one process stall together.

use crate::state::queue::{Entry, Event};
use crate::state::world::World;

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
    until: Vec<(u32, i64)>,
    /// How many groups were made.
    groups: u32,
}

impl Stalls {
    pub(crate) fn clear(&mut self) {
        self.of.clear();
        self.until.clear();
        self.groups = 0;
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

    fn group(&self, task: u32) -> Option<Group> {
        let found = self.of.binary_search_by_key(&task, |(of, _)| *of);
        found.ok().map(|index| self.of[index].1)
    }

    /// No group stalls any more.
    pub(crate) fn end(&mut self) {
        self.until.clear();
    }

    /// Until when the group stalls.
    fn until(&self, group: u32) -> Option<i64> {
        let found = self.until.iter().find(|(of, _)| *of == group);
        found.map(|(_, until)| *until)
    }
}

impl World {
    /// Queues a task that may stall. While its process stalls, it waits until that is over.
    #[cold]
    pub(crate) fn enqueue_of_process(&mut self, task: u32) {
        let group = self.stalls.group(task);
        let stall = group
            .map_or(0, |group| group.stall)
            .max(self.bounds.task_late);
        let entry = Entry::turn(task, self.now.saturating_add(stall));
        let stalled = group.and_then(|group| self.stalls.until(group.number));
        match stalled.filter(|until| *until > self.now) {
            Some(until) => self.queue.push_late(until, entry),
            None => self.queue.push(entry),
        }
    }

    /// A task is late until `to`; if it is one of a process that may stall, so is every other one of it.
    pub(crate) fn stall(&mut self, task: u32, to: i64) {
        let Some(group) = self.stalls.group(task) else {
            return;
        };
        self.stalls.until.retain(|(of, _)| *of != group.number);
        self.stalls.until.push((group.number, to));
        let stalls = &self.stalls;
        let in_group = |entry: &Entry| match entry.event() {
            Event::Turn(task) => stalls
                .group(task)
                .is_some_and(|of| of.number == group.number),
            Event::Fire(_) => false,
        };
        self.queue.put_off_all(to, in_group);
    }

    /// The last moment until which a task may be late: until then none of its process is overdue.
    pub(crate) fn stall_end(&self, entry: &Entry) -> i64 {
        let Event::Turn(task) = entry.event() else {
            return entry.until;
        };
        let Some(group) = self.stalls.group(task) else {
            return entry.until;
        };
        let of_group = self.queue.iter().filter(|entry| match entry.event() {
            Event::Turn(task) => self.stalls.group(task) == Some(group),
            Event::Fire(_) => false,
        });
        of_group
            .map(|entry| entry.until)
            .fold(entry.until, i64::min)
    }
}
