//! Many runs of one program, each another sample, on several threads. (Those of every order: `search/systematic.rs`.)
//!
//! 1. What run `n` does depends on `n` and the configuration alone, never on which thread made it or
//!    on how many there were. Results are merged by run number.
//!    (Which outcomes are kept beyond 100,000 distinct ones does depend on it.)
//! 2. An exploration can be told to stop; what was found so far is kept.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadheat_words::count::JOBS_MAX;

use crate::engine::program::{Main, Program, Unit};
use crate::record::leaks::Places;
use crate::record::run::Run;
use crate::search::config::Config;
use crate::search::exploration::Exploration;
use crate::search::maker::apart;
use crate::search::orders::Orders;
use crate::search::single;
use crate::search::tally::Tally;
use crate::witness;

/// When to stop before all runs are made, and whom to tell how many were.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore_future};
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
///
/// let made = AtomicU64::new(0);
/// let watch = Watch {
///     stop: &|| made.load(Relaxed) >= 50,
///     progress: &|| { made.fetch_add(1, Relaxed); },
///     ..Watch::default()
/// };
/// assert_eq!(explore_future(&Config::new(), &watch, || async {}).runs, 50);
/// ```
pub struct Watch<'a> {
    /// Whether to stop now. Called between runs, on every thread.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told of each finished run.
    pub progress: &'a (dyn Fn() + Sync),
    /// Told of each failing run when it is found, on the thread that found it, by its number: for keeping
    /// it before anything else can happen.
    pub found: &'a (dyn Fn(u64, &Run) + Sync),
    /// Told now and then that every run below this number has been made.
    pub done: &'a (dyn Fn(u64) + Sync),
    /// Whether the first failing run is enough.
    pub first_failure: bool,
}

impl Default for Watch<'_> {
    fn default() -> Self {
        Watch {
            stop: &|| false,
            progress: &|| (),
            found: &|_, _| (),
            done: &|_| (),
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
/// The result does not depend on `config.jobs`, unless it was stopped, or there were more distinct outcomes than are kept
/// (100,000): which of those are kept depends on which came first.
///
/// # Panics
///
/// If a function of `watch` panics, or a thread cannot be started. A panic of the program is an outcome.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore, spawn};
/// use std::{cell::RefCell, rc::Rc};
///
/// let program = Main::new(|| async {
///     let order = Rc::new(RefCell::new(Vec::new()));
///     let tasks = ["a", "b", "c"].map(|name| {
///         let order = order.clone();
///         spawn(async move { order.borrow_mut().push(name) })
///     });
///     for task in tasks {
///         task.await.unwrap();
///     }
///     order.take()
/// });
/// let exploration = explore(&program, &Config::new(), &Watch::default());
/// assert_eq!(exploration.found.len(), 6, "every order of three");
/// ```
pub fn explore<P>(program: &P, config: &Config, watch: &Watch<'_>) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let tally = Mutex::new(Tally::new());
    let mut first = config.first.min(config.runs);
    let mut batch = BATCH_MIN;
    while first < config.runs {
        let end = first.saturating_add(batch).min(config.runs);
        if explore_batch(program, config, watch, first..end, &tally) {
            break;
        }
        (watch.done)(end);
        if config.until_quiet && is_quiet(&locked(&tally), end) {
            break;
        }
        (first, batch) = (end, (batch * 2).min(BATCH_MAX));
    }
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.exploration(Orders::Some)
}

fn locked<O>(tally: &Mutex<Tally<O>>) -> MutexGuard<'_, Tally<O>> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs are made in batches of a size that depends on nothing else, so that what is decided between them
/// does not depend on the number of jobs.
const BATCH_MIN: u64 = 64;
const BATCH_MAX: u64 = 4_096;
/// It is quiet once so many runs, and as many again as it took to see the last new thing, showed nothing
/// new.
const QUIET_RUNS: u64 = 500;

fn is_quiet<O: Ord>(tally: &Tally<O>, done: u64) -> bool {
    done >= tally
        .last_new()
        .saturating_mul(2)
        .saturating_add(QUIET_RUNS)
}

/// Makes the runs of these numbers, and adds what they came to; true if they were cut short. Each thread adds its own,
/// while the others still make runs.
fn explore_batch<P>(
    program: &P,
    config: &Config,
    watch: &Watch<'_>,
    numbers: Range<u64>,
    tally: &Mutex<Tally<P::Outcome>>,
) -> bool
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let next = AtomicU64::new(numbers.start);
    let failed = AtomicU64::new(u64::MAX);
    let cut_short = AtomicBool::new(false);
    let work = || {
        let mut mine = Tally::new();
        loop {
            // Not by `fetch_add`, which would wrap around past the last number there is.
            let another = |number| (number < numbers.end).then(|| number + 1);
            let Ok(number) = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, another)
            else {
                break;
            };
            let enough = watch.first_failure && number > failed.load(Ordering::Relaxed);
            if enough || (watch.stop)() {
                cut_short.store(true, Ordering::Relaxed);
                break;
            }
            let mut made = single::sampled(program, config, number);
            if !program.expects(made.run.verdict) {
                (watch.found)(number, &made.run);
                failed.fetch_min(number, Ordering::Relaxed);
            }
            mine.note(program, number, &mut made.run, made.outcome);
            (watch.progress)();
        }
        locked(tally).merge(mine);
    };
    let jobs = config.jobs.clamp(1, JOBS_MAX as usize);
    if jobs == 1 && apart::is_needed(config.sealed) {
        apart::on_a_fresh_thread(work);
    } else if jobs == 1 {
        work();
    } else {
        let (watched, places) = (witness::watched(), Places::here());
        let work = || {
            apart::mark_fresh();
            Arc::clone(&places).are();
            witness::also(watched.clone(), work);
        };
        std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    }
    cut_short.into_inner() || watch.first_failure && failed.into_inner() != u64::MAX
}

/// Explores a program that is one future; its outcome is how the run ended.
///
/// # Panics
///
/// If a function of `watch` panics, or a thread cannot be started. A panic of the program is an outcome.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Verdict, Watch, explore_future, fault};
///
/// let exploration = explore_future(&Config::new(), &Watch::default(), || async {
///     if fault("the reply") {
///         std::future::pending::<()>().await; // nobody thought of that
///     }
/// });
/// let verdicts: Vec<_> = exploration.found.iter().map(|found| found.verdict).collect();
/// assert!(verdicts.contains(&Verdict::Done) && verdicts.contains(&Verdict::Stuck));
/// ```
pub fn explore_future<F, Fut>(config: &Config, watch: &Watch<'_>, future: F) -> Exploration<()>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    explore(&Unit(Main::new(future)), config, watch)
}
