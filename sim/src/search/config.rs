//! How runs are made: by whom, within which bounds and limits, from which seed, and how many.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::bounds::{Bounds, Limits};
use crate::decide::scheduler::{BOUND_MAX, Delay, Fifo, Naive, Pct, Pos, Random, Scheduler};
use crate::search::regressions::Regressions;

/// Who takes the decisions of sampled runs.
///
/// # Examples
///
/// ```
/// use deadheat::Sampler;
///
/// assert_eq!("pct:5".parse(), Ok(Sampler::Pct(5)));
/// assert!("pcf".parse::<Sampler>().unwrap_err().to_string().contains("no scheduler is named"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sampler {
    /// The dullest option, always: asyncio's order.
    Fifo,
    /// Each decision evenly.
    Random,
    /// What can happen has a random priority for as long as it can happen.
    Pos,
    /// Tasks and timers have a random priority through the run, which changes at one point less than this
    /// depth. It is from 1 to 64: less or more is taken as that.
    Pct(u32),
    /// At most so many departures, at random places. From 1 to 64: less or more is taken as that.
    Delay(u32),
    /// A random order on an exact clock, each latency drawn evenly when its timer is armed: what other
    /// simulators do, to compare with.
    Naive,
}

/// The number of change points, plus one, of plain `pct`: most bugs need no more.
const PCT_DEPTH: u32 = 3;
/// Which run of a mix is FIFO.
const FIFO_RUN: u64 = 4;
/// The most departures of plain `delay`.
const DELAYS: u32 = 3;

impl Sampler {
    /// Every sampler, each as its plain name makes it.
    pub const ALL: [Sampler; 6] = [
        Sampler::Fifo,
        Sampler::Random,
        Sampler::Pos,
        Sampler::Pct(PCT_DEPTH),
        Sampler::Delay(DELAYS),
        Sampler::Naive,
    ];

    /// Its name, as on the command line.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deadheat::Sampler::Pct(3).name(), "pct");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Sampler::Fifo => "fifo",
            Sampler::Random => "random",
            Sampler::Pos => "pos",
            Sampler::Pct(_) => "pct",
            Sampler::Delay(_) => "delay",
            Sampler::Naive => "naive",
        }
    }

    /// A scheduler of this kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Sampler, run_with};
    ///
    /// let program = Main::new(|| async { 42 });
    /// let (_, outcome) = run_with(&program, &Config::new(), Bounds::EXACT, Sampler::Pos.scheduler());
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn scheduler(self) -> Box<dyn Scheduler> {
        match self {
            Sampler::Fifo => Box::new(Fifo),
            Sampler::Random => Box::new(Random::default()),
            Sampler::Pos => Box::new(Pos::default()),
            Sampler::Pct(depth) => Box::new(Pct::new(depth)),
            Sampler::Delay(departures) => Box::new(Delay::new(departures)),
            Sampler::Naive => Box::new(Naive::default()),
        }
    }
}

impl Sampler {
    /// A scheduler of this kind for run `number` of an exploration.
    pub(crate) fn in_turn(self, number: u64) -> Box<dyn Scheduler> {
        match self {
            Sampler::Random => Box::new(Random::default().in_turn(number)),
            Sampler::Pos => Box::new(Pos::default().in_turn(number)),
            Sampler::Pct(depth) => Box::new(Pct::new(depth).in_turn(number)),
            Sampler::Fifo | Sampler::Delay(_) | Sampler::Naive => self.scheduler(),
        }
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No scheduler has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownScheduler(String);

impl fmt::Display for UnknownScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no scheduler is named {:?}; there are: ", self.0)?;
        let names: Vec<&str> = Sampler::ALL.iter().map(|sampler| sampler.name()).collect();
        write!(
            f,
            "{}, pct:DEPTH and delay:DEPARTURES with a number from 1 to {BOUND_MAX}",
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownScheduler {}

impl FromStr for Sampler {
    type Err = UnknownScheduler;

    fn from_str(name: &str) -> Result<Self, UnknownScheduler> {
        if let Some((family, number)) = name.split_once(':')
            && let Ok(number @ 1..=BOUND_MAX) = number.parse()
        {
            match family {
                "pct" => return Ok(Sampler::Pct(number)),
                "delay" => return Ok(Sampler::Delay(number)),
                _ => {}
            }
        }
        let found = Sampler::ALL
            .into_iter()
            .find(|sampler| sampler.name() == name);
        found.ok_or_else(|| UnknownScheduler(name.chars().take(40).collect()))
    }
}

/// Who takes the decisions of which run of an exploration.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Mix, Sampler};
/// use std::time::Duration;
///
/// let late = Bounds::late(Duration::from_millis(5));
/// // One run at random, then one as POS takes it, and so on in turn.
/// let mix = Mix::of([(Sampler::Random, late), (Sampler::Pos, Bounds::EXACT)]);
/// assert_eq!(mix.lane(1), (Sampler::Pos, Bounds::EXACT));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a mix does nothing until it is part of a configuration"]
pub struct Mix {
    lanes: Vec<(Sampler, Bounds)>,
}

impl Mix {
    /// The same for every run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Mix, Sampler};
    ///
    /// let mix = Mix::only(Sampler::Random, Bounds::EXACT);
    /// assert_eq!(mix.lane(0), mix.lane(7));
    /// ```
    pub fn only(sampler: Sampler, bounds: Bounds) -> Self {
        Mix {
            lanes: vec![(sampler, bounds)],
        }
    }

    /// In turn, these; FIFO and on time if there are none.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Mix, Sampler};
    ///
    /// assert_eq!(Mix::of([]), Mix::only(Sampler::Fifo, Bounds::EXACT));
    /// ```
    pub fn of(lanes: impl IntoIterator<Item = (Sampler, Bounds)>) -> Self {
        let mut lanes: Vec<_> = lanes.into_iter().collect();
        if lanes.is_empty() {
            lanes.push((Sampler::Fifo, Bounds::EXACT));
        }
        Mix { lanes }
    }

    /// In turn, the samplers that draw, with each of the bounds; the first of the bounds twice as often.
    ///
    /// No sampler is the best on every bug. The shares follow from how many runs each takes to find the
    /// bugs of the museum (`deadheat compare`).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Mix, check, sleep};
    /// use std::time::Duration;
    ///
    /// let late = Bounds::late(Duration::from_secs(1));
    /// let failure = check(&Config::new().mix(Mix::portfolio(&[Bounds::EXACT, late])), || async {
    ///     sleep(Duration::from_secs(2)).await;
    ///     assert!(deadheat::now().as_nanos() < 2_500_000_000, "half a second late");
    /// });
    /// assert!(failure.is_err());
    /// ```
    pub fn portfolio(bounds: &[Bounds]) -> Self {
        let samplers = [
            Sampler::Random,
            Sampler::Random,
            Sampler::Pos,
            Sampler::Random,
            Sampler::Pct(PCT_DEPTH),
            Sampler::Random,
            Sampler::Pos,
            Sampler::Random,
            Sampler::Pct(PCT_DEPTH),
            Sampler::Delay(DELAYS),
        ];
        let shares: Vec<&Bounds> = bounds.iter().take(1).chain(bounds).collect();
        // Each round of the samplers begins with the next bounds, so that every pair comes up.
        let count = if shares.is_empty() {
            0
        } else {
            samplers.len() * shares.len()
        };
        let lane = |number: usize| {
            let sampler = samplers[number % samplers.len()];
            (
                sampler,
                *shares[(number + number / samplers.len()) % shares.len()],
            )
        };
        Mix::of((0..count).map(lane))
    }

    /// What run `number` is made with. The first one is FIFO and as punctual as the mix allows, so
    /// that the plainest failure is found first.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Mix, Sampler};
    ///
    /// assert_eq!(Mix::default().lane(4).0, Sampler::Fifo);
    /// ```
    pub fn lane(&self, number: u64) -> (Sampler, Bounds) {
        let (sampler, bounds) = self.lanes[(number % self.lanes.len() as u64) as usize];
        if number == FIFO_RUN && self.lanes.len() > 1 {
            (Sampler::Fifo, bounds)
        } else {
            (sampler, bounds)
        }
    }
}

impl Default for Mix {
    /// The portfolio, on time and up to 1 ms late.
    fn default() -> Self {
        Mix::portfolio(&[Bounds::EXACT, Bounds::late(Duration::from_millis(1))])
    }
}

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
}

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
            jobs: 1,
            mix: Mix::default(),
            limits: Limits::default(),
            trace: false,
            check_determinism: false,
            regressions: None,
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

    /// The seed of run 0.
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
    /// nothing about what is still to be seen; [`Exploration::coverage`](crate::Exploration::coverage)
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
    /// assert_eq!(config.mix.lane(3).0, Sampler::Random);
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

    /// Whether every run is repeated and compared with itself.
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
