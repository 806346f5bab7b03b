//! Many runs of one program: sampled on several threads, or every order.
//!
//! 1. What run `n` does depends on `n` and the configuration alone, never on which thread made it or
//!    on how many there were. Results are merged by run number.
//!    (Which outcomes are kept beyond 100,000 distinct ones does depend on it.)
//! 2. An exploration can be told to stop; what was found so far is kept.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::config::{Bounds, Config};
use crate::execute::execute;
use crate::program::{Program, Root, Unit};
use crate::run::{Run, Setting, Verdict};
use crate::scheduler::{Exhaustive, Scheduler};
use crate::single;

/// One distinct outcome.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Found<O> {
    /// How its runs ended.
    pub verdict: Verdict,
    /// What came of them; none if the program could not be started or looked at.
    pub outcome: Option<O>,
    /// How many runs had it.
    pub count: u64,
    /// The number of the first of them, from 0.
    pub first: u64,
    /// The first of them.
    pub run: Run,
    /// Whether it is not as it should be.
    pub failed: bool,
}

/// What an exploration found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exploration<O> {
    /// How many runs were made.
    pub runs: u64,
    /// The distinct outcomes, by the number of their first run.
    pub found: Vec<Found<O>>,
    /// Whether every order was seen (an exhaustive exploration that was not cut short).
    pub complete: bool,
    /// In how many runs each statement of [`sometimes`](crate::sometimes) held.
    pub statements: BTreeMap<&'static str, u64>,
    /// How many runs had an outcome that is not in `found`, because there were too many already.
    pub unlisted: u64,
}

impl<O> Exploration<O> {
    /// The first outcome that is not as it should be.
    pub fn failure(&self) -> Option<&Found<O>> {
        self.found.iter().find(|found| found.failed)
    }

    /// The statements of [`sometimes`](crate::sometimes) that were made and held in no run.
    pub fn never_reached(&self) -> Vec<&'static str> {
        let never = self.statements.iter().filter(|(_, held)| **held == 0);
        never.map(|(statement, _)| *statement).collect()
    }
}

/// When to stop before all runs are made, and whom to tell how many were.
pub struct Watch<'a> {
    /// Whether to stop now. Called between runs, on every thread.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told of each finished run.
    pub progress: &'a (dyn Fn() + Sync),
    /// Whether the first failing run is enough.
    pub first_failure: bool,
}

impl Default for Watch<'_> {
    fn default() -> Self {
        Watch {
            stop: &|| false,
            progress: &|| (),
            first_failure: false,
        }
    }
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("first_failure", &self.first_failure)
            .finish_non_exhaustive()
    }
}

/// Makes `config.runs` runs of a program.
///
/// # Determinism
///
/// The result does not depend on `config.jobs`, unless it was stopped.
pub fn explore<P>(program: &P, config: &Config, watch: &Watch<'_>) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let next = AtomicU64::new(0);
    let failed = AtomicU64::new(u64::MAX);
    let merged = Mutex::new(Tally::new());
    let work = || {
        let mut mine = Tally::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let enough = watch.first_failure && number > failed.load(Ordering::Relaxed);
            if number >= config.runs || enough || (watch.stop)() {
                break;
            }
            let (run, outcome) = single::sampled(program, config, number);
            if mine.note(program, number, run, outcome) {
                failed.fetch_min(number, Ordering::Relaxed);
            }
            (watch.progress)();
        }
        let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
        merged.merge(mine);
    };
    let jobs = config.jobs.clamp(1, 1024);
    if jobs == 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    }
    let tally = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.exploration(false)
}

/// Makes every run of a program that differs in a decision, up to `config.runs` of them.
///
/// # Determinism
///
/// One thread, depth first; the first run is FIFO and on time.
pub fn explore_exhaustive<P>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    watch: &Watch<'_>,
) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone,
{
    let mut tally = Tally::new();
    let mut exhaustive = Box::new(Exhaustive::default());
    let setting = Setting {
        seed: config.seed,
        bounds,
        limits: config.limits,
        trace: false,
    };
    while exhaustive.begin(config.seed) {
        if tally.runs >= config.runs || (watch.stop)() {
            return tally.exploration(false);
        }
        let (run, outcome, scheduler) = execute(program, &setting, exhaustive);
        let any: Box<dyn Any> = scheduler;
        let Ok(back) = any.downcast::<Exhaustive>() else {
            return tally.exploration(false);
        };
        exhaustive = back;
        let failed = tally.note(program, tally.runs, run, outcome);
        (watch.progress)();
        if failed && watch.first_failure {
            return tally.exploration(false);
        }
    }
    tally.exploration(!exhaustive.diverged())
}

/// Explores a program that is one future; its outcome is how the run ended.
pub fn explore_future<F, Fut>(config: &Config, watch: &Watch<'_>, future: F) -> Exploration<()>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    explore(&Unit(Root::new(future)), config, watch)
}

/// What the runs of an exploration came to, so far.
struct Tally<O> {
    runs: u64,
    outcomes: BTreeMap<(Verdict, Option<O>), Found<O>>,
    /// In how many runs each statement of `sometimes` held.
    statements: BTreeMap<&'static str, u64>,
    unlisted: u64,
}

/// More distinct outcomes than this are counted, not kept: memory has an end. Failures are kept.
const OUTCOMES_MAX: usize = 100_000;

impl<O: Ord + Clone> Tally<O> {
    fn new() -> Self {
        Tally {
            runs: 0,
            outcomes: BTreeMap::new(),
            statements: BTreeMap::new(),
            unlisted: 0,
        }
    }

    /// Files a run under its outcome; true if it is not as it should be.
    fn note<P>(&mut self, program: &P, number: u64, run: Run, outcome: Option<O>) -> bool
    where
        P: Program<Outcome = O>,
    {
        self.runs += 1;
        for (statement, held) in &run.statements {
            *self.statements.entry(statement).or_default() += u64::from(*held);
        }
        let failed = !program.expects(run.verdict);
        let key = (run.verdict, outcome);
        match self.outcomes.get_mut(&key) {
            Some(known) if known.first < number => known.count += 1,
            _ => self.file(Found {
                verdict: run.verdict,
                outcome: key.1,
                count: 1,
                first: number,
                run,
                failed,
            }),
        }
        failed
    }

    fn file(&mut self, found: Found<O>) {
        let key = (found.verdict, found.outcome.clone());
        let full = self.outcomes.len() >= OUTCOMES_MAX;
        match self.outcomes.get_mut(&key) {
            None if full && !found.failed => {
                self.unlisted += found.count;
            }
            None => {
                self.outcomes.insert(key, found);
            }
            Some(known) => {
                let count = known.count + found.count;
                if found.first < known.first {
                    *known = found;
                }
                known.count = count;
            }
        }
    }

    fn merge(&mut self, other: Tally<O>) {
        self.runs += other.runs;
        self.unlisted += other.unlisted;
        for (statement, held) in other.statements {
            *self.statements.entry(statement).or_default() += held;
        }
        other
            .outcomes
            .into_values()
            .for_each(|found| self.file(found));
    }

    fn exploration(self, complete: bool) -> Exploration<O> {
        let mut found: Vec<_> = self.outcomes.into_values().collect();
        found.sort_by_key(|found| found.first);
        Exploration {
            runs: self.runs,
            found,
            complete,
            statements: self.statements,
            unlisted: self.unlisted,
        }
    }
}
