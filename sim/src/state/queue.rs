//! What can happen next, in FIFO order: woken tasks, and timers that are due.
//!
//! 1. `ready` is asyncio's queue. Its first `batch` entries were there when the timers were last
//!    looked at; the timers that have come due since wait in `due` and join when the batch is done.
//! 2. The options of a decision are `ready` in order, then `due` in order.
//! 3. What is late waits in `late` until its moment, and then joins `ready` ahead of the timers that come
//!    due with it, as what a loop's poll reports does in asyncio.
//! 4. A timer that is dropped while it is due leaves a dead entry, swept before the next decision.

mod line;
#[cfg(test)]
mod order;

use std::num::NonZeroU32;

use line::Line;

use crate::state::timers::TimerKey;

/// An event that could happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Turn(u32),
    Fire(TimerKey),
}

/// An event as it is queued. There may be one for each of many tasks, so it takes two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// A task, or the slot of a timer.
    index: u32,
    /// A timer's, or none.
    generation: Option<NonZeroU32>,
    /// The last moment at which it may happen.
    pub(crate) until: i64,
}

impl Entry {
    #[inline]
    pub(crate) fn turn(task: u32, until: i64) -> Self {
        Entry {
            index: task,
            generation: None,
            until,
        }
    }

    #[inline]
    pub(crate) fn fire(key: TimerKey, until: i64) -> Self {
        Entry {
            index: key.slot,
            generation: Some(key.generation),
            until,
        }
    }

    /// The timer that is due, if it is one.
    pub(crate) fn timer(&self) -> Option<TimerKey> {
        match self.event() {
            Event::Fire(key) => Some(key),
            Event::Turn(_) => None,
        }
    }

    #[inline]
    pub(crate) fn event(self) -> Event {
        match self.generation {
            None => Event::Turn(self.index),
            Some(generation) => Event::Fire(TimerKey {
                slot: self.index,
                generation,
            }),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    ready: Line<Entry>,
    due: Line<Entry>,
    batch: usize,
    /// By the moment until which they are late, and by when that was decided.
    late: Vec<(i64, Entry)>,
    /// Dead entries among `ready`, `due` and `late`.
    dead: usize,
}

impl Queue {
    pub(crate) fn begin(&mut self) {
        self.ready.clear();
        self.due.clear();
        self.late.clear();
        (self.batch, self.dead) = (0, 0);
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.ready.push(entry);
    }

    #[inline]
    pub(crate) fn push_due(&mut self, entry: Entry) {
        self.due.push(entry);
    }

    fn begin_batch(&mut self) {
        self.ready.append(&mut self.due);
        self.batch = self.ready.len();
    }

    /// The first option is late until `to`.
    pub(crate) fn put_off(&mut self, to: i64) {
        if let Some(entry) = self.take(0) {
            self.push_late(to, entry);
        }
    }

    /// An event is late from the start.
    pub(crate) fn push_late(&mut self, to: i64, entry: Entry) {
        let place = self.late.partition_point(|(late, _)| *late <= to);
        self.late.insert(place, (to, entry));
    }

    /// These are late until `to`, too.
    pub(crate) fn put_off_all(&mut self, to: i64, which: impl Fn(&Entry) -> bool) {
        let off: Vec<Entry> = self
            .ready
            .iter()
            .filter(|entry| which(entry))
            .copied()
            .collect();
        if off.is_empty() {
            // Only for speed: what follows would leave all as it is.
            return;
        }
        let batch = self.ready.iter().take(self.batch);
        self.batch -= batch.filter(|entry| which(entry)).count();
        self.ready.retain(|entry| !which(entry));
        off.into_iter().for_each(|entry| self.push_late(to, entry));
    }

    /// Whether nothing can happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.len() + self.due.len() == 0
    }

    /// Everything that could happen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.ready.iter().chain(self.due.iter())
    }

    /// The moments until which something is late, each once, in order.
    pub(crate) fn late(&self) -> impl Iterator<Item = i64> {
        let mut rest = &self.late[..];
        std::iter::from_fn(move || {
            let (to, _) = *rest.first()?;
            // Thousands of tasks may be late together. Told twice, a moment would only cost time. (They stand in
            // order, so that the next one is equal or later: `>=` would do as well.)
            rest = match rest.get(1) {
                Some((next, _)) if *next == to => {
                    &rest[rest.partition_point(|(late, _)| *late <= to)..]
                }
                _ => &rest[1..],
            };
            Some(to)
        })
    }

    /// Whether something is late. Only for speed: where nothing is, the end of lateness comes early in an instant,
    /// finds nothing to end, and the run goes on.
    #[inline]
    pub(crate) fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// What is late until `now` or earlier can happen.
    #[inline]
    pub(crate) fn rejoin(&mut self, now: i64) {
        // The question is only for speed: without it, nothing would be drained.
        if self.late.first().is_some_and(|(to, _)| *to <= now) {
            let rest = self.late.partition_point(|(to, _)| *to <= now);
            for (_, entry) in self.late.drain(..rest) {
                self.ready.push(entry);
            }
        }
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
            self.begin_batch();
        }
        self.ready.len() + self.due.len()
    }

    #[cold]
    fn sweep(&mut self, alive: impl Fn(&Entry) -> bool) {
        let batch = self.ready.iter().take(self.batch);
        let dead = batch.filter(|entry| !alive(entry)).count();
        self.batch -= dead;
        self.ready.retain(&alive);
        self.due.retain(&alive);
        self.late.retain(|(_, entry)| alive(entry));
        self.dead = 0;
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<&Entry> {
        self.ready.first().or_else(|| self.due.first())
    }

    #[inline]
    pub(crate) fn option(&self, index: usize) -> Option<&Entry> {
        let mut options = self.ready.iter().chain(self.due.iter());
        options.nth(index)
    }

    /// Takes the first option out.
    #[inline]
    pub(crate) fn take_first(&mut self) -> Option<Event> {
        match self.ready.take_first() {
            Some(first) => {
                // After `settle` there is one at least; `saturating` only says that nothing else is relied on.
                self.batch = self.batch.saturating_sub(1);
                Some(first.event())
            }
            None => self.due.take_first().map(Entry::event),
        }
    }

    /// Takes an option out.
    #[inline]
    pub(crate) fn take(&mut self, index: usize) -> Option<Entry> {
        if index < self.ready.len() {
            self.batch -= usize::from(index < self.batch);
            return self.ready.remove(index);
        }
        self.due.remove(index - self.ready.len())
    }
}
