//! Many runs of one program: sampled on several threads, or every order.
//!
//! 1. What run `n` does depends on `n` and the configuration alone, never on which thread made it or
//!    on how many there were. Results are merged by run number.
//! 2. An exploration can be told to stop; what was found so far is kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::config::{Bounds, Config};
use crate::determinism;
use crate::execute::execute;
use crate::program::Program;
use crate::run::{Run, Setting, Verdict};
use crate::scheduler::{Exhaustive, Fifo, Replay, Scheduler};
use crate::shrink::{Attempt, shrink};
use crate::tape::Tape;
use crate::token::Token;

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
}

impl<O> Exploration<O> {
    /// The first outcome that is not as it should be.
    pub fn failure(&self) -> Option<&Found<O>> {
        self.found.iter().find(|found| found.failed)
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

type Outcomes<O> = BTreeMap<(Verdict, Option<O>), Found<O>>;

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
    let merged = Mutex::new((0, Outcomes::new()));
    let work = || {
        let mut mine = Outcomes::new();
        let mut made = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let enough = watch.first_failure && number > failed.load(Ordering::Relaxed);
            if number >= config.runs || enough || (watch.stop)() {
                break;
            }
            let (run, outcome) = sampled(program, config, number);
            if note(program, &mut mine, number, run, outcome) {
                failed.fetch_min(number, Ordering::Relaxed);
            }
            made += 1;
            (watch.progress)();
        }
        let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
        merged.0 += made;
        mine.into_values()
            .for_each(|found| merge(&mut merged.1, found));
    };
    let jobs = config.jobs.clamp(1, 1024);
    if jobs == 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    }
    let (runs, outcomes) = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
    exploration(runs, outcomes, false)
}

/// Makes every run of a program that differs in a decision, up to `config.runs` of them.
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
    let mut outcomes = Outcomes::new();
    let mut exhaustive = Exhaustive::default();
    let setting = Setting {
        seed: config.seed,
        bounds,
        limits: config.limits,
        trace: false,
    };
    let mut number = 0;
    loop {
        if !exhaustive.begin(config.seed) {
            return exploration(number, outcomes, !exhaustive.diverged());
        }
        if number >= config.runs || (watch.stop)() {
            return exploration(number, outcomes, false);
        }
        let (run, outcome, scheduler) = execute(program, &setting, Box::new(exhaustive));
        exhaustive = match downcast(scheduler) {
            Some(exhaustive) => exhaustive,
            None => return exploration(number, outcomes, false),
        };
        let failed = note(program, &mut outcomes, number, run, outcome);
        number += 1;
        (watch.progress)();
        if failed && watch.first_failure {
            return exploration(number, outcomes, false);
        }
    }
}

fn downcast(scheduler: Box<dyn Scheduler>) -> Option<Exhaustive> {
    let any: Box<dyn std::any::Any> = scheduler;
    any.downcast::<Exhaustive>()
        .ok()
        .map(|exhaustive| *exhaustive)
}

fn exploration<O: Ord>(runs: u64, outcomes: Outcomes<O>, complete: bool) -> Exploration<O> {
    let mut found: Vec<_> = outcomes.into_values().collect();
    found.sort_by_key(|found| found.first);
    Exploration {
        runs,
        found,
        complete,
    }
}

/// Files a run under its outcome; true if it is not as it should be.
fn note<P>(
    program: &P,
    outcomes: &mut Outcomes<P::Outcome>,
    number: u64,
    run: Run,
    outcome: Option<P::Outcome>,
) -> bool
where
    P: Program,
    P::Outcome: Ord + Clone,
{
    let failed = !program.expects(run.verdict);
    let verdict = run.verdict;
    let found = Found {
        verdict,
        outcome,
        count: 1,
        first: number,
        run,
        failed,
    };
    merge(outcomes, found);
    failed
}

fn merge<O: Ord + Clone>(outcomes: &mut Outcomes<O>, found: Found<O>) {
    let key = (found.verdict, found.outcome.clone());
    match outcomes.get_mut(&key) {
        None => {
            outcomes.insert(key, found);
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

/// Makes run `number` of an exploration.
fn sampled<P: Program>(program: &P, config: &Config, number: u64) -> (Run, Option<P::Outcome>) {
    let (sampler, bounds) = config.mix.lane(number);
    let seed = config.seed.wrapping_add(number);
    let make = |trace| {
        let setting = Setting {
            seed,
            bounds,
            limits: config.limits,
            trace,
        };
        let mut scheduler = sampler.scheduler();
        scheduler.begin(seed);
        let (run, outcome, _) = execute(program, &setting, scheduler);
        (run, outcome)
    };
    let (mut run, outcome) = make(false);
    if config.check_determinism && make(false).0.fingerprint != run.fingerprint {
        let again = || make(true).0.trace.unwrap_or_default();
        run.nondeterminism = Some(determinism::first_difference(again));
        run.settle();
    }
    (run, outcome)
}

/// Makes one run with a scheduler of one's own.
pub fn run_with<P: Program>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    mut scheduler: Box<dyn Scheduler>,
) -> (Run, Option<P::Outcome>) {
    scheduler.begin(config.seed);
    let setting = Setting {
        seed: config.seed,
        bounds,
        limits: config.limits,
        trace: config.trace,
    };
    let (run, outcome, _) = execute(program, &setting, scheduler);
    (run, outcome)
}

/// Makes one run, FIFO and on time.
pub fn run_fifo<P: Program>(program: &P, config: &Config) -> (Run, Option<P::Outcome>) {
    run_with(program, config, Bounds::EXACT, Box::new(Fifo))
}

/// Makes the run of a token again, with a trace. Where the program no longer fits the token, the run
/// says so.
pub fn replay<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
) -> (Run, Option<P::Outcome>) {
    replayed(program, config, token, true)
}

fn replayed<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
    trace: bool,
) -> (Run, Option<P::Outcome>) {
    let mut scheduler: Box<dyn Scheduler> = Box::new(Replay::new(&token.tape));
    scheduler.begin(token.seed);
    let setting = Setting {
        seed: token.seed,
        bounds: token.bounds,
        limits: config.limits,
        trace,
    };
    let (mut run, outcome, scheduler) = execute(program, &setting, scheduler);
    let any: Box<dyn std::any::Any> = scheduler;
    run.divergence = any
        .downcast::<Replay>()
        .ok()
        .and_then(|replay| replay.divergence());
    run.stale = token
        .fingerprint
        .is_some_and(|fingerprint| fingerprint != run.fingerprint);
    (run, outcome)
}

/// The dullest run that fails in the same way as a run that failed; with a trace.
pub fn shrunk<P: Program>(program: &P, config: &Config, run: &Run) -> Run {
    struct Same<'a, P> {
        program: &'a P,
        config: &'a Config,
        signature: Signature,
    }
    impl<P: Program> Attempt for Same<'_, P> {
        fn attempt(&mut self, token: &Token) -> Option<Run> {
            let (run, _) = replayed(self.program, self.config, token, false);
            let same = !self.program.expects(run.verdict) && signature(&run) == self.signature;
            same.then_some(run)
        }
    }
    let signature = signature(run);
    let dullest = shrink(
        run.clone(),
        &mut Same {
            program,
            config,
            signature,
        },
    );
    replay(program, config, &dullest.token).0
}

/// More departures than this are not tried one by one.
const DECISIVE_MAX: usize = 32;

/// For each departure of a failing run, whether the run passes without it.
pub(crate) fn decisive<P: Program>(program: &P, config: &Config, run: &Run) -> Vec<bool> {
    let departures = run.token.tape.departures();
    if departures.len() > DECISIVE_MAX {
        return Vec::new();
    }
    let passes_without = |index: usize| {
        let mut rest = departures.to_vec();
        rest.remove(index);
        let tape = Tape::of(rest);
        let token = Token {
            tape,
            fingerprint: None,
            ..run.token.clone()
        };
        program.expects(replayed(program, config, &token, false).0.verdict)
    };
    (0..departures.len()).map(passes_without).collect()
}

/// In what way a run failed: enough that another bug is not taken for the same one.
type Signature = (Verdict, Vec<(crate::Check, String)>, Option<String>);

fn signature(run: &Run) -> Signature {
    let mut violations: Vec<_> = run
        .violations
        .iter()
        .map(|violation| {
            let text = violation
                .text
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .collect();
            (violation.check, text)
        })
        .collect();
    violations.sort();
    violations.dedup();
    (
        run.verdict,
        violations,
        run.panic.as_ref().map(|panic| panic.place.clone()),
    )
}
