//! The samplers by name: who takes the decisions of runs that are drawn.

use std::fmt;
use std::str::FromStr;

use crate::decide::scheduler::{BOUND_MAX, Delay, Fifo, Naive, Pct, Pos, Random, Scheduler};

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

/// The number of change points, plus one, of plain `pct`: most bugs need no more.
pub(super) const PCT_DEPTH: u32 = 3;
/// The most departures of plain `delay`.
pub(super) const DELAYS: u32 = 3;

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
