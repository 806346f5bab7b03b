//! How runs are made: by whom, within which bounds and limits, from which seed, and how many.

use crate::base::bounds::Limits;
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
pub struct Config {
    /// A name for reports.
    pub name: String,
    /// The seed of run 0; run `n` has `seed + n`.
    pub seed: u64,
    /// How many runs an exploration makes.
    pub runs: u64,
    /// The number of the first of them: the ones before it were made already.
    pub first: u64,
    /// Whether to stop before that once runs show nothing new.
    pub until_quiet: bool,
    /// On how many threads.
    pub jobs: usize,
    /// Who takes the decisions.
    pub mix: Mix,
    /// Where a run ends even if the program does not.
    pub limits: Limits,
    /// Whether single runs record a trace.
    pub trace: bool,
    /// Whether every run is repeated and compared with itself.
    pub check_determinism: bool,
    /// Where failing runs are kept, to be made first the next time.
    pub regressions: Option<Regressions>,
    /// What must hold in every run, beside what is built in.
    pub(crate) invariants: Vec<Own>,
}

impl Config {
    /// 1000 runs of the portfolio from seed 0 on one thread.
    pub fn new() -> Self {
        Config {
            name: "program".to_owned(),
            seed: 0,
            runs: 1000,
            first: 0,
            until_quiet: false,
            jobs: 1,
            mix: Mix::default(),
            limits: Limits::default(),
            trace: false,
            check_determinism: false,
            regressions: None,
            invariants: Vec::new(),
        }
    }

    /// Names the program in reports.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The seed of run 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many runs.
    pub fn runs(mut self, runs: u64) -> Self {
        self.runs = runs;
        self
    }

    /// The number of the first run to make, to go on where an exploration was cut short.
    pub fn first(mut self, first: u64) -> Self {
        self.first = first;
        self
    }

    /// Whether to stop once runs show nothing new: no new outcome, and no new order or tie of a timer and
    /// a turn, in at least 500 runs and in as many again as it took to see the last new thing. It says
    /// nothing about what is still to be seen; [`Exploration::coverage`](crate::Exploration::coverage)
    /// counts ties that could have been.
    pub fn until_quiet(mut self, until_quiet: bool) -> Self {
        self.until_quiet = until_quiet;
        self
    }

    /// On how many threads; zero is one.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Who takes the decisions, and how late things may be.
    pub fn mix(mut self, mix: Mix) -> Self {
        self.mix = mix;
        self
    }

    /// Where a run ends even if the program does not.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether single runs record a trace.
    pub fn trace(mut self, trace: bool) -> Self {
        self.trace = trace;
        self
    }

    /// Where [`check`](crate::check) keeps failing runs, and which it makes first.
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

    /// Whether every run is repeated and compared with itself.
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
