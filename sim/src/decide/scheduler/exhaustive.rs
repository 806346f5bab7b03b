//! Every sequence of decisions, each exactly once, depth first.
//!
//! The stack holds the choice taken and the number of options at each decision of the run before; the next run
//! repeats these choices up to the last decision that has an untried option, and takes that option.
//!
//! A *reducing* one leaves out orders that cannot come out differently. Two events are independent for
//! certain only if both are timers that do nothing but wake a task of the run: they put the same tasks
//! into the same queue, of which any may be taken. All else may share memory, so it is taken in every
//! order. A timer sleeps from where its order with another was tried until something happens that it
//! may not be swapped with.
//!
//! Source: stateless model checking, Godefroid, "Model checking for programming languages using
//! VeriSoft", POPL 1997; sleep sets, Godefroid, "Partial-Order Methods for the Verification of
//! Concurrent Systems", LNCS 1032, 1996. Difference: independence is not computed, but known of one
//! kind of event alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Choice, Decision, Scheduler};
use crate::decide::tape::DecisionKind;

/// What an enumeration has met in all of its runs: it can be looked at while the scheduler is in a run, and after.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, spawn};
/// use deadheat::decide::{Exhaustive, Scheduler};
/// use deadheat::search::Single;
///
/// let program = Main::new(|| async { drop([spawn(async {}), spawn(async {})]) });
/// let exhaustive = Exhaustive::reducing();
/// let seen = exhaustive.seen();
/// let mut scheduler: Box<dyn Scheduler> = Box::new(exhaustive);
/// while let Some(made) = Single::of(&program, &Config::new()).next(Bounds::EXACT, scheduler) {
///     scheduler = made.scheduler;
/// }
/// assert!(!seen.diverged() && !seen.aimed() && !seen.drew());
/// ```
#[derive(Debug, Default)]
pub struct Seen {
    diverged: AtomicBool,
    aimed: AtomicBool,
    drew: AtomicBool,
}

impl Seen {
    /// True if a decision had another number of options than when it was taken before, or did not come
    /// again: the program is not a function of its decisions, and nothing can be said about having seen
    /// every order.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat::decide::Seen::default().diverged());
    /// ```
    pub fn diverged(&self) -> bool {
        self.diverged.load(Ordering::Relaxed)
    }

    /// True if a decision was about a moment: a latency, or a lateness. Only a few of the moments are options.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat::decide::Seen::default().aimed());
    /// ```
    pub fn aimed(&self) -> bool {
        self.aimed.load(Ordering::Relaxed)
    }

    /// True if the program drew numbers of its own, which are those of the seed in every run.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat::decide::Seen::default().drew());
    /// ```
    pub fn drew(&self) -> bool {
        self.drew.load(Ordering::Relaxed)
    }
}

fn note(seen: &AtomicBool) {
    seen.store(true, Ordering::Relaxed);
}

/// Takes every sequence of decisions exactly once.
#[derive(Debug, Default)]
pub struct Exhaustive {
    stack: Vec<Level>,
    depth: usize,
    started: bool,
    seen: Arc<Seen>,
    reducing: bool,
    /// The timers that need not fire next.
    asleep: Vec<u64>,
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

impl Exhaustive {
    /// Leaves out orders that cannot come out differently.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Exhaustive;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Exhaustive::reducing());
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn reducing() -> Self {
        Exhaustive {
            reducing: true,
            ..Exhaustive::default()
        }
    }

    /// What it meets, for as long as it lives and after.
    ///
    /// # Examples
    ///
    /// ```
    /// let seen = deadheat::decide::Exhaustive::reducing().seen();
    /// assert!(!seen.drew(), "it was in no run yet");
    /// ```
    pub fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }

    fn push(&mut self, decision: &Decision<'_>) {
        if decision.late > 0 || decision.kind == DecisionKind::Latency {
            note(&self.seen.aimed);
        }
        let mut level = Level {
            choice: 0,
            options: decision.options,
            sleep: None,
        };
        if self.reducing && decision.has_timers() {
            level.sleep = Some(Box::new(Sleep {
                wakers: wakers(decision),
                asleep: std::mem::take(&mut self.asleep),
            }));
            // If every option sleeps, this run adds nothing to those before it; but it has to go on to its end.
            level.choice = level.awake(0).unwrap_or(0);
        }
        self.stack.push(level);
    }
}

fn wakers(decision: &Decision<'_>) -> Vec<(u64, u64)> {
    let timer = |index: u64| match decision.option(index) {
        Choice::Fire(timer) if decision.only_wakes(index) => Some((index, timer)),
        _ => None,
    };
    (0..decision.options).filter_map(timer).collect()
}

impl Scheduler for Exhaustive {
    fn name(&self) -> &'static str {
        "exhaustive"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        // A deterministic program comes to every decision on the stack again.
        if self.depth < self.stack.len() {
            note(&self.seen.diverged);
        }
        self.depth = 0;
        self.asleep.clear();
        if !std::mem::replace(&mut self.started, true) {
            return true;
        }
        while let Some(level) = self.stack.last_mut() {
            if let Some(next) = level.awake(level.choice + 1) {
                level.choice = next;
                return true;
            }
            self.stack.pop();
        }
        false
    }

    fn draw(&mut self, _number: u64, _options: u64) -> Option<u64> {
        note(&self.seen.drew);
        None
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let depth = self.depth;
        self.depth += 1;
        if depth == self.stack.len() {
            self.push(decision);
        }
        let level = &self.stack[depth];
        if level.options != decision.options {
            note(&self.seen.diverged);
        }
        match &level.sleep {
            None => self.asleep.clear(),
            Some(sleep) => self.asleep = sleep.after(level.choice),
        }
        level.choice
    }
}
