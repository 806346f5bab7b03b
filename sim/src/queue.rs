//! What can happen next, in FIFO order: woken tasks, and timers that are due.
//!
//! 1. `ready` is asyncio's queue. Its first `batch` entries were there when the timers were last
//!    looked at; the timers that have come due since wait in `due` and join when the batch is done.
//! 2. The options of a decision are `ready` in order, then `due` in order.
//! 3. A timer that is dropped while it is due leaves a dead entry, swept before the next decision.

use std::collections::VecDeque;

use crate::timers::{Due, TimerKey};

/// An event that could happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Turn(u32),
    Fire(TimerKey),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) event: Event,
    /// The last moment at which it may happen.
    pub(crate) until: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    ready: VecDeque<Entry>,
    due: VecDeque<Entry>,
    batch: usize,
    /// Dead entries among `ready` and `due`.
    dead: usize,
}

impl Queue {
    pub(crate) fn clear(&mut self) {
        self.ready.clear();
        self.due.clear();
        (self.batch, self.dead) = (0, 0);
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.ready.push_back(entry);
    }

    pub(crate) fn push_due(&mut self, due: &[Due], until: impl Fn(&Due) -> i64) {
        self.due.extend(due.iter().map(|due| Entry {
            event: Event::Fire(due.key),
            until: until(due),
        }));
    }

    /// A queued timer was dropped.
    pub(crate) fn bury(&mut self) {
        self.dead += 1;
    }

    /// Begins a new batch if the last one is done, and drops the dead. Returns how many options
    /// there are.
    #[inline]
    pub(crate) fn settle(&mut self, alive: impl Fn(&Entry) -> bool) -> usize {
        if self.dead > 0 {
            self.sweep(alive);
        }
        if self.batch == 0 {
            if !self.due.is_empty() {
                self.ready.append(&mut self.due);
            }
            self.batch = self.ready.len();
        }
        self.ready.len() + self.due.len()
    }

    #[cold]
    fn sweep(&mut self, alive: impl Fn(&Entry) -> bool) {
        let mut batch = 0;
        let mut index = 0;
        let boundary = self.batch;
        self.ready.retain(|entry| {
            let keep = alive(entry);
            batch += usize::from(keep && index < boundary);
            index += 1;
            keep
        });
        self.due.retain(alive);
        (self.batch, self.dead) = (batch, 0);
    }

    pub(crate) fn option(&self, index: usize) -> Option<&Entry> {
        self.ready
            .get(index)
            .or_else(|| self.due.get(index - self.ready.len()))
    }

    /// Takes an option out.
    #[inline]
    pub(crate) fn take(&mut self, index: usize) -> Option<Entry> {
        if index == 0 && !self.ready.is_empty() {
            self.batch = self.batch.saturating_sub(1);
            return self.ready.pop_front();
        }
        if index < self.ready.len() {
            self.batch -= usize::from(index < self.batch);
            return self.ready.remove(index);
        }
        self.due.remove(index - self.ready.len())
    }

    /// The last moment at which nothing that is queued is overdue.
    pub(crate) fn until(&self) -> i64 {
        let ready = self.ready.iter().chain(&self.due);
        ready.map(|entry| entry.until).min().unwrap_or(i64::MAX)
    }

    /// The ends of the bounds of what is queued.
    pub(crate) fn ends(&self) -> impl Iterator<Item = i64> {
        self.ready.iter().chain(&self.due).map(|entry| entry.until)
    }
}
