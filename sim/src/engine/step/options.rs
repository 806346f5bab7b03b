//! What can happen next, as a scheduler sees it.

use std::fmt;

use crate::decide::scheduler::{Choice, Options};
use crate::state::instants::Moment;
use crate::state::queue::{Event, Queue};
use crate::state::timers::{Slot, Timers};

/// The options of a [`DecisionKind::Next`] decision.
pub(super) struct NextOptions<'a> {
    pub(super) queue: &'a Queue,
    pub(super) timers: &'a Timers,
    pub(super) options: usize,
    pub(super) instants: &'a [Moment],
}

impl Options for NextOptions<'_> {
    fn option(&self, index: u64) -> Choice {
        if let Some(to) = (index as usize).checked_sub(self.options) {
            return self
                .instants
                .get(to)
                .map_or(Choice::Value(index), |to| Choice::Late(to.at));
        }
        match self.queue.option(index as usize).map(|entry| entry.event()) {
            Some(Event::Turn(task)) => Choice::Turn(task),
            Some(Event::Fire(key)) => Choice::Fire(self.timers.slot(key).map_or(0, Slot::number)),
            None => Choice::Value(index),
        }
    }

    fn has_timers(&self) -> bool {
        self.timers.due() > 0
    }

    fn meets(&self, index: u64) -> bool {
        let to = (index as usize).checked_sub(self.options);
        let to = to.and_then(|to| self.instants.get(to));
        to.is_some_and(|to| to.met)
    }

    fn only_wakes(&self, index: u64) -> bool {
        let event = self.queue.option(index as usize);
        let event = event.filter(|_| (index as usize) < self.options);
        match event.map(|entry| entry.event()) {
            Some(Event::Fire(key)) => self.timers.wakes_a_task(key),
            _ => false,
        }
    }
}

impl fmt::Debug for NextOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextOptions")
            .field("options", &self.options)
            .field("instants", &self.instants)
            .finish()
    }
}
