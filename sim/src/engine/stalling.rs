//! How tasks stall: those of one process together.

use crate::state::queue::{Entry, Event};
use crate::state::world::World;

impl World {
    /// Queues a task that may stall. While its process stalls, it waits until that is over.
    #[cold]
    pub(crate) fn enqueue_of_process(&mut self, task: u32) {
        let group = self.stalls.group(task);
        if let Some(group) = group {
            self.stalls.could(group.number);
        }
        let stall = group
            .map_or(0, |group| group.stall)
            .max(self.lateness.bounds.task_late);
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
        self.stalls.begin_of(group.number, to);
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
