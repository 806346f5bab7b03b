//! The samplers by name: who takes the decisions of runs that are drawn.

use std::fmt;
use std::str::FromStr;

use deadheat_words::WordError;
use deadheat_words::scheduler::{self, Asked};

use crate::decide::scheduler::{Delay, Fifo, Naive, Pct, Pos, Random, Scheduler};

/// Who takes the decisions of sampled runs.
///
/// # Examples
///
/// ```
/// use deadheat::Sampler;
///
/// assert_eq!("pct:5".parse(), Ok(Sampler::Pct(5)));
/// assert!("pcf".parse::<Sampler>().unwrap_err().to_string().contains("fifo, random, pos"));
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

/// The number of change points, plus one, of plain `pct`.
pub(super) const PCT_DEPTH: u32 = plain_number(scheduler::PCT);
/// The most departures of plain `delay`.
pub(super) const DELAYS: u32 = plain_number(scheduler::DELAY);

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
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deadheat::Sampler::Pct(3).name(), "pct");
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Sampler};
    /// use deadheat::search::run_with;
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
