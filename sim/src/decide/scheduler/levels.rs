//! The choices of a run that is repeated up to somewhere, depth first: one level a decision.
//!
//! *Reducing* ones leave out orders that cannot come out differently. Two events are independent for
//! certain only if both are timers that do nothing but wake a task of the run: they put the same tasks
//! into the same queue, of which any may be taken. All else may share memory, so it is taken in every
//! order. A timer sleeps from where its order with another was tried until something happens that it
//! may not be swapped with.
//!
//! Source: sleep sets, Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS 1032, 1996.
//! Difference: independence is not computed, but known of one kind of event alone.

use super::{Choice, Decision};

/// The choices of a run, of which the first ones are given.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    stack: Vec<Level>,
    depth: usize,
    reducing: bool,
    /// The timers that need not fire next.
    asleep: Vec<u64>,
    /// A decision had another number of options than when it was taken before.
    other_options: bool,
}

#[derive(Debug, Clone)]
struct Level {
    choice: u64,
    options: u64,
    /// Where there are timers that may sleep.
    sleep: Option<Box<Sleep>>,
}

#[derive(Debug, Clone)]
struct Sleep {
    /// The options that are timers which do nothing but wake a task, with their numbers.
    wakers: Vec<(u64, u64)>,
    /// The timers that slept when this decision was reached.
    asleep: Vec<u64>,
}

impl Sleep {
    fn sleeps(&self, index: u64) -> bool {
        let waker = self.wakers.iter().find(|(of, _)| *of == index);
        waker.is_some_and(|(_, timer)| self.asleep.contains(timer))
    }

    /// The timers that sleep once this option has happened.
    fn after(&self, choice: u64) -> Vec<u64> {
        let chosen = self.wakers.iter().find(|(index, _)| *index == choice);
        let Some((_, chosen)) = chosen else {
            return Vec::new();
        };
        let tried = self.wakers.iter().filter(|(index, _)| *index < choice);
        let mut asleep = self.asleep.clone();
        asleep.extend(tried.map(|(_, timer)| *timer));
        asleep.retain(|timer| timer != chosen);
        asleep
    }
}

impl Level {
    /// The first option from `from` on that does not sleep.
    fn awake(&self, from: u64) -> Option<u64> {
        match &self.sleep {
            None => (from < self.options).then_some(from),
            Some(sleep) => (from..self.options).find(|index| !sleep.sleeps(*index)),
        }
    }
}

impl Levels {
    /// Leaves out orders that cannot come out differently.
    pub(crate) fn reducing() -> Self {
        Levels {
            reducing: true,
            ..Levels::default()
        }
    }

    /// A run begins.
    pub(crate) fn begin(&mut self) {
        self.depth = 0;
        self.asleep.clear();
        self.other_options = false;
    }

    /// Whether the last run did not come to every decision that it was given, or to another one.
    pub(crate) fn has_diverged(&self) -> bool {
        self.depth < self.stack.len() || self.other_options
    }

    /// Whether a decision of this run had another number of options than when it was taken before.
    pub(crate) fn has_other_options(&self) -> bool {
        self.other_options
    }

    /// Keeps the first ones only.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.stack.truncate(len);
    }

    /// The last one takes its next option; false if it has none.
    pub(crate) fn advance_last(&mut self) -> bool {
        let Some(level) = self.stack.last_mut() else {
            return false;
        };
        let next = level.awake(level.choice + 1);
        level.choice = next.unwrap_or(level.choice);
        next.is_some()
    }

    /// The last one that has an untried option takes it, and those after it are forgotten; false if there is none.
    pub(crate) fn advance(&mut self) -> bool {
        while !self.stack.is_empty() {
            if self.advance_last() {
                return true;
            }
            self.stack.pop();
        }
        false
    }

    /// The choice of the next decision, among its first `options`.
    pub(crate) fn choose(&mut self, decision: &Decision<'_>, options: u64) -> u64 {
        let depth = self.depth;
        self.depth += 1;
        if depth == self.stack.len() {
            self.push(decision, options);
        }
        let level = &self.stack[depth];
        self.other_options |= level.options != options;
        match &level.sleep {
            None => self.asleep.clear(),
            Some(sleep) => self.asleep = sleep.after(level.choice),
        }
        level.choice
    }

    /// What is drawn next, of so many numbers. No event sleeps or wakes by it.
    pub(crate) fn draw(&mut self, options: u64) -> u64 {
        let depth = self.depth;
        self.depth += 1;
        if depth == self.stack.len() {
            self.stack.push(Level {
                choice: 0,
                options,
                sleep: None,
            });
        }
        let level = &self.stack[depth];
        self.other_options |= level.options != options;
        level.choice
    }

    fn push(&mut self, decision: &Decision<'_>, options: u64) {
        let mut level = Level {
            choice: 0,
            options,
            sleep: None,
        };
        if self.reducing && decision.has_timers() {
            level.sleep = Some(Box::new(Sleep {
                wakers: wakers(decision, options),
                asleep: std::mem::take(&mut self.asleep),
            }));
            // If every option sleeps, this run adds nothing to those before it; but it has to go on to its end.
            level.choice = level.awake(0).unwrap_or(0);
        }
        self.stack.push(level);
    }
}

fn wakers(decision: &Decision<'_>, options: u64) -> Vec<(u64, u64)> {
    let timer = |index: u64| match decision.option(index) {
        Choice::Fire(timer) if decision.only_wakes(index) => Some((index, timer)),
        _ => None,
    };
    (0..options).filter_map(timer).collect()
}
