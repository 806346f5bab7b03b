//! Every sequence of decisions, each exactly once, depth first.
//!
//! The stack holds the choice taken and the number of options at each decision of the run before; the next run
//! repeats these choices up to the last decision that has an untried option, and takes that option.
//!
//! A *reducing* one leaves out orders that cannot come out differently (`decide/scheduler/levels.rs`).
//!
//! Source: stateless model checking, Godefroid, "Model checking for programming languages using
//! VeriSoft", POPL 1997.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::levels::Levels;
use super::{Decision, Scheduler};
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
    levels: Levels,
    started: bool,
    seen: Arc<Seen>,
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
            levels: Levels::reducing(),
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
}

impl Scheduler for Exhaustive {
    fn name(&self) -> &'static str {
        "exhaustive"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        // A deterministic program comes to every decision on the stack again.
        if self.started && self.levels.has_diverged() {
            note(&self.seen.diverged);
        }
        let is_first = !std::mem::replace(&mut self.started, true);
        let has_run = is_first || self.levels.advance();
        self.levels.begin();
        has_run
    }

    fn draw(&mut self, _number: u64, _options: u64) -> Option<u64> {
        note(&self.seen.drew);
        None
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if decision.late > 0 || decision.kind == DecisionKind::Latency {
            note(&self.seen.aimed);
        }
        let choice = self.levels.choose(decision, decision.options);
        if self.levels.has_other_options() {
            note(&self.seen.diverged);
        }
        choice
    }
}
