//! How runs are made: by whom, within which bounds and limits, from which seed, and how many.

use std::fmt;
use std::str::FromStr;

use deadheat_words::WordError;
use deadheat_words::scheduler::{self, Asked};

use crate::base::bounds::{Bounds, Limits};
use crate::decide::scheduler::{Delay, Fifo, Naive, Pct, Pos, Random, Scheduler};
use crate::search::regressions::Regressions;

/// Who takes the decisions of sampled runs.
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

/// The number of change points, plus one, of plain `pct`.
const PCT_DEPTH: u32 = plain_number(scheduler::PCT);
/// The most departures of plain `delay`.
const DELAYS: u32 = plain_number(scheduler::DELAY);
/// Which run of a mix is FIFO.
const FIFO_RUN: u64 = 4;

const fn plain_number(of: scheduler::Scheduler) -> u32 {
    match of.number {
        Some(number) => number.plain,
        None => panic!("it takes no number"),
    }
}

impl Sampler {
    /// Every sampler, each as its plain name makes it.
    pub const ALL: [Sampler; scheduler::OF_A_RUN.len()] = [
        Sampler::Fifo,
        Sampler::Random,
        Sampler::Pos,
        Sampler::Pct(PCT_DEPTH),
        Sampler::Delay(DELAYS),
        Sampler::Naive,
    ];

    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Sampler::Fifo => scheduler::FIFO.name,
            Sampler::Random => scheduler::RANDOM.name,
            Sampler::Pos => scheduler::POS.name,
            Sampler::Pct(_) => scheduler::PCT.name,
            Sampler::Delay(_) => scheduler::DELAY.name,
            Sampler::Naive => scheduler::NAIVE.name,
        }
    }

    /// A scheduler of this kind.
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
    /// The sampler that is asked for, if it is one and not a search.
    pub(crate) fn asked(asked: Asked) -> Option<Sampler> {
        let plain = Sampler::ALL
            .into_iter()
            .find(|sampler| sampler.name() == asked.name)?;
        Some(match (plain, asked.number) {
            (Sampler::Pct(_), Some(depth)) => Sampler::Pct(depth),
            (Sampler::Delay(_), Some(departures)) => Sampler::Delay(departures),
            (plain, _) => plain,
        })
    }

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
pub struct UnknownScheduler(WordError);

impl fmt::Display for UnknownScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for UnknownScheduler {}

impl FromStr for Sampler {
    type Err = UnknownScheduler;

    fn from_str(name: &str) -> Result<Self, UnknownScheduler> {
        let known = &scheduler::OF_A_RUN;
        let asked = scheduler::parse(name, known).map_err(UnknownScheduler)?;
        Sampler::asked(asked).ok_or_else(|| UnknownScheduler(scheduler::unknown(name, known)))
    }
}

/// Who takes the decisions of which run of an exploration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mix {
    lanes: Vec<(Sampler, Bounds)>,
}

impl Mix {
    /// The same for every run.
    pub fn only(sampler: Sampler, bounds: Bounds) -> Self {
        Mix {
            lanes: vec![(sampler, bounds)],
        }
    }

    /// In turn, these; FIFO and on time if there are none.
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
    /// The portfolio, on time and up to [`Bounds::USUAL_LATE`] late.
    fn default() -> Self {
        Mix::portfolio(&[Bounds::EXACT, Bounds::late(Bounds::USUAL_LATE)])
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
