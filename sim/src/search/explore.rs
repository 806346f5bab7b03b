//! Many runs of one program, each another sample, on several threads. (Those of every order: `search/systematic.rs`.)
//!
//! 1. What run `n` does depends on `n` and the configuration alone, never on which thread made it or
//!    on how many there were. Results are merged by run number.
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
use crate::search::team;
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
    /// Whether to stop now. Called between runs, on every thread; and often where the next run has to be worked out.
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
/// The result does not depend on `config.jobs`, unless it was stopped.
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
    let search = Search {
        program,
        config,
        watch,
        blocks: Blocks::default(),
        failed: AtomicU64::new(u64::MAX),
        cut_short: AtomicBool::new(false),
        tally: Mutex::new(Tally::new()),
    };
    match search.jobs() {
        1 => search.batches(&|| search.alone()),
        jobs => {
            let (watched, places) = (witness::watched(), Places::here());
            let around = |inside: &dyn Fn()| {
                apart::mark_fresh();
                Arc::clone(&places).are();
                witness::also(watched.clone(), inside);
            };
            team::together(jobs, around, || search.work(), |all| search.batches(all));
        }
    }
    let tally = search
        .tally
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    tally.exploration(Orders::Some)
}

fn locked<O>(tally: &Mutex<Tally<O>>) -> MutexGuard<'_, Tally<O>> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs are made in batches of a size that depends on nothing else, so that what is decided between them
/// does not depend on the number of jobs.
const BATCH_MIN: u64 = 64;
const BATCH_MAX: u64 = 16_384;
/// As many runs are handed out at once.
const BLOCK_MAX: u64 = 16;
/// A thread that has so many outcomes adds them, unless another one does so just now.
const ADDED_AT_ONCE: usize = 64;
/// It is quiet once so many runs, and as many again as it took to see the last new thing, showed nothing
/// new.
const QUIET_RUNS: u64 = 500;

fn is_quiet<O: Ord>(tally: &Tally<O>, done: u64) -> bool {
    done >= tally
        .last_new()
        .saturating_mul(2)
        .saturating_add(QUIET_RUNS)
}

/// An exploration that is under way.
struct Search<'a, P: Program> {
    program: &'a P,
    config: &'a Config,
    watch: &'a Watch<'a>,
    blocks: Blocks,
    /// The first failing run so far.
    failed: AtomicU64,
    cut_short: AtomicBool,
    tally: Mutex<Tally<P::Outcome>>,
}

impl<P> Search<'_, P>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    fn jobs(&self) -> usize {
        self.config.jobs.clamp(1, JOBS_MAX as usize)
    }

    /// Has one batch after the other made by `make`, which says whether another one may follow.
    fn batches(&self, make: &dyn Fn() -> bool) {
        let Search { config, watch, .. } = self;
        let mut first = config.first.min(config.runs);
        let mut batch = BATCH_MIN;
        while first < config.runs {
            let end = first.saturating_add(batch).min(config.runs);
            self.blocks.begin(first..end);
            let goes_on = make();
            locked(&self.tally).bound();
            if !goes_on || self.is_over() {
                break;
            }
            (watch.done)(end);
            if config.until_quiet && is_quiet(&locked(&self.tally), end) {
                break;
            }
            (first, batch) = (end, (batch * 2).min(BATCH_MAX));
        }
    }

    fn is_over(&self) -> bool {
        let failed = self.failed.load(Ordering::Relaxed) != u64::MAX;
        self.cut_short.load(Ordering::Relaxed) || self.watch.first_failure && failed
    }

    /// Makes a batch on one thread.
    fn alone(&self) -> bool {
        match apart::is_needed(self.config.sealed) {
            true => apart::on_a_fresh_thread(|| self.work()),
            false => self.work(),
        }
        true
    }

    /// Makes runs of a batch, as long as there are some, and adds what they came to: now and then, while other threads
    /// make theirs. All at once at the end they would wait for each other.
    fn work(&self) {
        let Search { program, watch, .. } = *self;
        let mut mine = Tally::new();
        for number in std::iter::from_fn(|| self.blocks.next(self.jobs())).flatten() {
            let enough = watch.first_failure && number > self.failed.load(Ordering::Relaxed);
            if enough || (watch.stop)() {
                self.cut_short.store(true, Ordering::Relaxed);
                break;
            }
            let mut made = single::sampled(program, self.config, number);
            if !program.expects(made.run.verdict) {
                (watch.found)(number, &made.run);
                self.failed.fetch_min(number, Ordering::Relaxed);
            }
            mine.note(program, number, &mut made.run, made.outcome);
            (watch.progress)();
            if mine.len() >= ADDED_AT_ONCE
                && let Ok(tally) = self.tally.try_lock()
            {
                add(tally, std::mem::replace(&mut mine, Tally::new()));
            }
        }
        add(locked(&self.tally), mine);
    }
}

/// Adds what runs came to. What is not needed of it is dropped when nobody waits any more.
fn add<O: Ord>(mut tally: MutexGuard<'_, Tally<O>>, mine: Tally<O>) {
    let left = tally.merge(mine);
    drop(tally);
    drop(left);
}

/// The numbers of a batch, handed out in blocks that get smaller towards its end, so that all threads end together.
#[derive(Default)]
struct Blocks {
    next: AtomicU64,
    end: AtomicU64,
}

impl Blocks {
    /// A batch begins, while no thread is at work.
    fn begin(&self, numbers: Range<u64>) {
        self.next.store(numbers.start, Ordering::Relaxed);
        self.end.store(numbers.end, Ordering::Relaxed);
    }

    fn next(&self, jobs: usize) -> Option<Range<u64>> {
        let end = self.end.load(Ordering::Relaxed);
        let after = |next: u64| next + ((end - next) / (4 * jobs as u64)).clamp(1, BLOCK_MAX);
        // Not by `fetch_add`, which would wrap around past the last number there is.
        let more = |next| (next < end).then(|| after(next));
        let taken = (self.next).fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.ok().map(|next| next..after(next))
    }
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
