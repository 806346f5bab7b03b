//! How runs are made: by whom, within which bounds and limits, from which seed, and how many.

use crate::base::bounds::Limits;
use crate::engine::beside::Make;
use crate::invariant::{Invariant, Own};
use crate::search::mix::Mix;
use crate::search::regressions::Regressions;

/// How runs are made. Every field has a default that suits a first try.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Mix, Sampler};
/// use std::time::Duration;
///
/// let config = Config::new()
///     .runs(500)
///     .seed(7)
///     .mix(Mix::only(Sampler::Random, Bounds::late(Duration::from_millis(1))));
/// assert_eq!(config.runs, 500);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a configuration does nothing until runs are made with it"]
pub struct Config {
    /// A name for reports.
    pub name: String,
    /// The seed of the first run; each run has that of the one before it, plus one.
    pub seed: u64,
    /// How many runs an exploration makes.
    pub runs: u64,
    /// The number of the first of them: the ones before it were made already.
    pub first: u64,
    /// Whether to stop before that once runs show nothing new.
    pub until_quiet: bool,
    /// Whether a search of every order also takes every draw of the program.
    pub every_draw: bool,
    /// On how many threads.
    pub jobs: usize,
    /// Who takes the decisions.
    pub mix: Mix,
    /// Where a run ends even if the program does not.
    pub limits: Limits,
    /// Whether single runs record a trace.
    pub trace: bool,
    /// Whether every run is made again at once and compared with itself: in samples by the same scheduler, in
    /// enumerations and [`Single`](crate::search::Single) runs by its token.
    pub check_determinism: bool,
    /// Whether a sleep that never ends, since it is made anew each time, fails the test.
    pub check_starved: bool,
    /// Where failing runs are kept, to be made first the next time.
    pub regressions: Option<Regressions>,
    /// Whether clocks and chance of the whole process are the run's, on its thread.
    pub sealed: bool,
    /// What must hold in every run, beside what is built in.
    pub(crate) invariants: Vec<Own>,
    /// Whether runs stand for a runtime of several threads.
    pub(crate) multi_thread: bool,
    /// The runtime that stands beside each run.
    pub(crate) beside: Option<MakeBeside>,
}

/// What makes the runtime that stands beside a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MakeBeside(pub(crate) Make);

impl PartialEq for MakeBeside {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for MakeBeside {}

impl Config {
    /// 1000 runs of the portfolio from seed 0 on one thread.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deadheat::Config::new().runs, 1000);
    /// ```
    pub fn new() -> Self {
        Config {
            name: "program".to_owned(),
            seed: 0,
            runs: 1000,
            first: 0,
            until_quiet: false,
            every_draw: false,
            jobs: 1,
            mix: Mix::default(),
            limits: Limits::default(),
            trace: false,
            check_determinism: false,
            check_starved: false,
            regressions: None,
            sealed: cfg!(feature = "sealed"),
            invariants: Vec::new(),
            multi_thread: false,
            beside: None,
        }
    }

    /// Names the program in reports.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = deadheat::check(&deadheat::Config::new().name("pool"), || async { panic!() });
    /// assert!(failure.unwrap_err().to_string().starts_with("FAILED  pool"));
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The seed of the first run.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = deadheat::Config::new().seed(7);
    /// assert_eq!(deadheat::run(&config, || async {}).unwrap().seed(), 7);
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many runs.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = deadheat::Config::new().runs(20);
    /// assert_eq!(deadheat::check(&config, || async {}).unwrap(), 20);
    /// ```
    pub fn runs(mut self, runs: u64) -> Self {
        self.runs = runs;
        self
    }

    /// The number of the first run to make, to go on where an exploration was cut short.
    ///
    /// # Examples
    ///
    /// ```
    /// let rest = deadheat::Config::new().runs(20).first(15); // runs 15 to 19
    /// assert_eq!(deadheat::check(&rest, || async {}).unwrap(), 5);
    /// ```
    pub fn first(mut self, first: u64) -> Self {
        self.first = first;
        self
    }

    /// Whether to stop once runs show nothing new: no new outcome, and no new order or tie of a timer and
    /// a turn, in at least 500 runs and in as many again as it took to see the last new thing. It says
    /// nothing about what is still to be seen; [`Exploration::coverage`](crate::search::Exploration::coverage)
    /// counts ties that could have been.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = deadheat::Config::new().runs(100_000).until_quiet(true);
    /// assert!(deadheat::check(&config, || async {}).unwrap() < 1000);
    /// ```
    pub fn until_quiet(mut self, until_quiet: bool) -> Self {
        self.until_quiet = until_quiet;
        self
    }

    /// Whether [`explore_exhaustive`](crate::explore_exhaustive) on an exact clock also takes every number that the program
    /// draws, as far as it draws one of at most 16; else those of the seed. What is drawn from more stays the seed's.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Watch, explore_exhaustive, random};
    ///
    /// let die = Main::new(|| async { random(6) });
    /// let config = Config::new().every_draw(true);
    /// let all = explore_exhaustive(&die, &config, Bounds::EXACT, &Watch::default());
    /// assert!(all.found.len() == 6 && all.complete);
    /// ```
    pub fn every_draw(mut self, every_draw: bool) -> Self {
        self.every_draw = every_draw;
        self
    }

    /// On how many threads; zero is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let program = || async { deadheat::random(6) };
    /// let explored = |jobs| {
    ///     let config = deadheat::Config::new().runs(100).jobs(jobs);
    ///     deadheat::explore_future(&config, &deadheat::Watch::default(), program).fingerprints
    /// };
    /// assert_eq!(explored(1), explored(4), "it changes nothing but the time it takes");
    /// ```
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Who takes the decisions, and how late things may be.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Mix, Sampler};
    ///
    /// let config = Config::new().mix(Mix::only(Sampler::Random, Bounds::EXACT));
    /// assert_eq!(config.mix, Mix::only(Sampler::Random, Bounds::EXACT));
    /// ```
    pub fn mix(mut self, mix: Mix) -> Self {
        self.mix = mix;
        self
    }

    /// Where a run ends even if the program does not.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Limits, run, yield_now};
    ///
    /// let limits = Limits { steps: 500, ..Limits::default() };
    /// let endless = run(&Config::new().limits(limits), || async { loop { yield_now().await } });
    /// assert!(endless.unwrap_err().to_string().contains("the limit on the steps of a run"));
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether clocks and chance of the whole process are the run's, on its thread: `std::time::Instant::now` and
    /// `SystemTime::now` show its time, `std::thread::sleep` and waits that have an end let it pass, and the keys of hash
    /// maps and `rand::random` follow from the seed. With the feature `sealed` they are, without they are not.
    ///
    /// It works on Linux with glibc, linked dynamically; elsewhere [`Run::leaks`](crate::Run::leaks) says that it does not. A
    /// run that begins after one that drew chance is made on a thread of its own, with a stack as large as that of the
    /// thread that asks for it.
    ///
    /// The time of day is midnight of 1 January 2026 (UTC) at the start of each run, so that a run is the same on every day:
    /// what was read of it outside of the run is ahead. `Instant` begins near to what it shows outside.
    ///
    /// A clock that is read more than 10,000 times at one moment goes on, by 1 µs for each read at first and never by more
    /// than 10 ms, nor beyond the next timer; [`Run::leaks`](crate::Run::leaks) says so. Chance that is made of
    /// addresses and thread numbers (`fastrand`, `ahash`) is not the run's.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use std::time::{Duration, Instant};
    ///
    /// # if cfg!(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64"))) {
    /// let hour = Duration::from_secs(3600);
    /// check(&Config::new().runs(20).sealed(true), move || async move {
    ///     let begun = Instant::now();
    ///     deadheat::sleep(hour).await;
    ///     std::thread::sleep(hour);
    ///     assert!(begun.elapsed() >= 2 * hour);
    /// })
    /// .unwrap();
    /// # }
    /// ```
    pub fn sealed(mut self, sealed: bool) -> Self {
        self.sealed = sealed;
        self
    }

    /// Whether single runs record a trace.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = deadheat::Config::new().trace(true);
    /// assert!(deadheat::run(&config, || async {}).unwrap().trace.is_some());
    /// ```
    pub fn trace(mut self, trace: bool) -> Self {
        self.trace = trace;
        self
    }

    /// Where [`check`](crate::check) keeps failing runs, and which it makes first.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Regressions, check};
    ///
    /// let folder = std::env::temp_dir().join("deadheat-config-regressions");
    /// # let folder = folder.with_extension(std::process::id().to_string());
    /// let kept = Regressions::at(folder.join("pool.txt"));
    /// check(&Config::new().regressions(kept.clone()), || async { panic!() }).unwrap_err();
    /// assert_eq!(kept.load()?.len(), 1);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn regressions(mut self, regressions: Regressions) -> Self {
        self.regressions = Some(regressions);
        self
    }

    /// What must hold in every run, beside what is built in: `make` makes an [`Invariant`] for each. A run in which
    /// it does not hold fails, and is shrunk, kept and reported as any other. Each event is told, so that runs take
    /// longer.
    ///
    /// # Examples
    ///
    /// No task may take three turns in one instant:
    ///
    /// ```
    /// use deadheat::invariant::{Event, Happened, Invariant};
    /// use deadheat::{Config, Instant, check, yield_now};
    /// use std::collections::BTreeMap;
    ///
    /// #[derive(Default)]
    /// struct FewTurns(BTreeMap<u32, (Instant, u32)>);
    ///
    /// impl Invariant for FewTurns {
    ///     fn name(&self) -> &'static str {
    ///         "few turns in an instant"
    ///     }
    ///     fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
    ///         let Happened::Turn(task) = event.what else {
    ///             return Ok(());
    ///         };
    ///         let (at, turns) = self.0.entry(task).or_insert((event.at, 0));
    ///         *turns = if *at == event.at { *turns + 1 } else { 1 };
    ///         *at = event.at;
    ///         if *turns < 3 { Ok(()) } else { Err(format!("task {task} takes turn {turns}")) }
    ///     }
    /// }
    ///
    /// let config = Config::new().invariant(FewTurns::default);
    /// let failure = check(&config, || async {
    ///     yield_now().await;
    ///     yield_now().await;
    /// });
    /// let report = failure.unwrap_err().to_string();
    /// assert!(report.contains("violated: few turns in an instant: task 0 takes turn 3"));
    /// ```
    pub fn invariant<I: Invariant + 'static>(
        mut self,
        make: impl Fn() -> I + Send + Sync + 'static,
    ) -> Self {
        self.invariants.push(Own::new(make));
        self
    }

    /// Whether runs stand for a runtime of several threads; default no. A run has one thread all the same, but one thing
    /// that several add is a decision then: when a deadline has won, other tasks may go on before the future that lost is
    /// dropped. What they hand over to it is dropped with it. So may they between two branches of a `select!`. (tokio's multi-thread runtimes, of which the drop-in's builder
    /// makes one, do this.)
    ///
    /// # Examples
    ///
    /// ```
    /// let config = deadheat::Config::new().multi_thread(true);
    /// deadheat::check(&config, || async { assert!(deadheat::program::is_multi_thread()) }).unwrap();
    /// ```
    pub fn multi_thread(mut self, multi_thread: bool) -> Self {
        self.multi_thread = multi_thread;
        self
    }

    /// The runtime that stands beside each run, from its start: see [`beside`](mod@crate::beside). For crates that use
    /// tokio themselves it is `deadheat_tokio::beside`.
    ///
    /// # Examples
    ///
    /// See [`Beside`](crate::beside::Beside).
    pub fn beside(mut self, make: Make) -> Self {
        self.beside = Some(MakeBeside(make));
        self
    }

    /// Whether a sleep that never ends fails a test that else passes; default no, then it is a note. Such a sleep is made
    /// anew in each round of a loop, and something that comes more often drops it each time. The rule, and where it is
    /// mistaken, are in [`testing`](crate::testing#sleeps-that-never-end).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check, sleep, spawn};
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new().runs(20).check_starved(true), || async {
    ///     let (news, mut blocks) = tokio::sync::mpsc::unbounded_channel();
    ///     spawn(async move {
    ///         for block in 0..40 {
    ///             sleep(Duration::from_millis(250)).await;
    ///             news.send(block).ok();
    ///         }
    ///     });
    ///     loop {
    ///         tokio::select! {
    ///             block = blocks.recv() => if block.is_none() { break },
    ///             () = sleep(Duration::from_secs(2)) => break, // begins anew with each block
    ///         }
    ///     }
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("never ended"));
    /// ```
    pub fn check_starved(mut self, check: bool) -> Self {
        self.check_starved = check;
        self
    }

    /// Whether every run is made again at once and compared with itself: in samples by the same scheduler, in
    /// enumerations and [`Single`](crate::search::Single) runs by its token.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// let lives_on = AtomicU64::new(0);
    /// let program = || deadheat::sleep(std::time::Duration::from_nanos(lives_on.fetch_add(1, Relaxed)));
    /// let failure = deadheat::check(&deadheat::Config::new().check_determinism(true), program);
    /// assert!(failure.unwrap_err().to_string().contains("this run does not repeat"));
    /// ```
    pub fn check_determinism(mut self, check: bool) -> Self {
        self.check_determinism = check;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Config::new()
    }
}
