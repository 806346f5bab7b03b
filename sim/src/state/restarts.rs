//! Which sleeps may be made anew, over and over: a first look, at the cost of a few instructions for each sleep that is
//! dropped before it ends, and of nothing for all else.
//!
//! 1. A sleep that is made in the moment in which the one before was dropped ends as long after that moment as it is to
//!    last. Where that stays the same for longer than the sleep lasts, twice, the run is worth a second look
//!    (`record/starved.rs`), and the first one tells nothing more.
//! 2. What is found depends on no address: a place of the table belongs to a task and a line.

use deadheat_timeout::Place;

/// So many sleeps are told apart, by their line and their task. Of two that meet in one place the later one counts.
const PLACES: usize = 32;

/// A sleep of tokio's ends at a whole millisecond.
pub(crate) const ROUNDING: u64 = 1_000_000;

/// The sleeps of one task that were made at one line.
#[derive(Debug, Clone, Copy, Default)]
struct Sleeps {
    /// None has been dropped yet if it is none.
    made: Option<Place>,
    task: u32,
    found: bool,
    /// When the last one was dropped.
    dropped: i64,
    /// How long after the drop before that it was to end.
    length: i64,
    /// Since when that has been so.
    since: i64,
}

/// What was dropped in a run.
#[derive(Debug, Default)]
pub(crate) struct Restarts {
    table: [Sleeps; PLACES],
    /// The places of the table that this run has used, a bit each.
    used: u32,
    /// Sleeps that are worth a second look: where they are made, and by which task.
    pub(crate) found: Vec<(Place, u32)>,
    /// Where intervals were made, while events are kept.
    pub(crate) intervals: Vec<Place>,
}

impl Restarts {
    pub(crate) fn begin(&mut self) {
        self.used = 0;
        if !self.found.is_empty() {
            self.found.clear();
        }
        if !self.intervals.is_empty() {
            self.intervals.clear();
        }
    }

    /// A sleep that was to end at `deadline` is dropped by its task.
    pub(crate) fn dropped(&mut self, made: Place, task: u32, deadline: i64, now: i64) {
        let index = (task.wrapping_mul(5) ^ made.line()) as usize % PLACES;
        let is_used = self.used & (1 << index) != 0;
        let sleeps = &mut self.table[index];
        let is_same = |of: Place| std::ptr::eq(of, made);
        if !is_used || sleeps.task != task || !sleeps.made.is_some_and(is_same) {
            self.used |= 1 << index;
            *sleeps = Sleeps {
                made: Some(made),
                task,
                dropped: now,
                ..Sleeps::default()
            };
            return;
        }
        let length = deadline.saturating_sub(sleeps.dropped);
        if length.abs_diff(sleeps.length) > ROUNDING {
            (sleeps.length, sleeps.since) = (length, sleeps.dropped);
        }
        sleeps.dropped = now;
        if now - sleeps.since > length.saturating_mul(2) && !sleeps.found {
            sleeps.found = true;
            self.found.push((made, task));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    const MS: i64 = 1_000_000;

    /// Drops sleeps of 100 ms of one line, each after so many, the next one made so many later.
    fn dropped(restarts: &mut Restarts, task: u32, (after, gap): (i64, i64), rounds: i64) {
        let made = Location::caller();
        for round in 0..rounds {
            let from = round * (after + gap);
            restarts.dropped(made, task, (from + 100) * MS, (from + after) * MS);
        }
    }

    #[test]
    fn sleeps_without_a_pause_between_are_found_once_they_have_taken_long_enough() {
        for (rounds, found) in [(7, 0), (8, 1), (80, 1)] {
            let mut restarts = Restarts::default();
            dropped(&mut restarts, 0, (30, 0), rounds);
            assert_eq!(restarts.found.len(), found, "{rounds}");
            restarts.begin();
            dropped(&mut restarts, 0, (30, 0), 7);
            assert!(restarts.found.is_empty(), "a run knows nothing of another");
        }
    }

    #[test]
    fn a_deadline_that_stays_where_it_is_is_none_of_them() {
        let mut restarts = Restarts::default();
        let made = Location::caller();
        for now in 0..1_000 {
            restarts.dropped(made, 0, 1_001 * MS, now * MS);
        }
        assert!(restarts.found.is_empty());
    }

    #[test]
    fn tasks_are_told_apart() {
        let (mut restarts, made) = (Restarts::default(), Location::caller());
        for round in 0..20 {
            for task in 0..3 {
                let now = 30 * round + 10 * i64::from(task);
                restarts.dropped(made, task, (now + 70) * MS, now * MS);
            }
        }
        let tasks: Vec<_> = restarts.found.iter().map(|(_, task)| *task).collect();
        assert_eq!(tasks, [0, 1, 2]);
    }
}
