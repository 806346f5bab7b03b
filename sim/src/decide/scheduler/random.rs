//! Every order of what can happen next, each decision drawn evenly.
//!
//! Naive random walk, as every simulator has it; how late events are is drawn apart from it.

use crate::base::rng::{Purpose, Stream};

use super::mishap::Mishaps;
use super::patience::Patience;
use super::{Decision, Sampled, Scheduler};

/// Draws each decision evenly from a seed.
#[derive(Debug, Clone)]
pub struct Random {
    stream: Stream,
    patience: Patience,
    mishaps: Mishaps,
}

impl Default for Random {
    fn default() -> Self {
        let stream = Stream::new(0, Purpose::Schedule);
        Random {
            stream,
            patience: Patience::default(),
            mishaps: Mishaps::default(),
        }
    }
}

impl Random {
    /// For run `number` of an exploration, which has the manners of being late in turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Random;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Random::default().in_turn(7));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    #[must_use = "it gives the scheduler back"]
    pub fn in_turn(mut self, number: u64) -> Self {
        self.patience = Patience::of_run(number);
        self
    }
}

impl Sampled for Random {
    fn with(_: u32) -> Self {
        Random::default()
    }

    fn of_run(self, run: u64) -> Self {
        self.in_turn(run)
    }
}

impl Scheduler for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        self.patience.begin(seed);
        self.mishaps = Mishaps::draw(seed);
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if let Some(choice) = self.mishaps.decide(decision) {
            return choice;
        }
        match self.patience.decide(decision, &mut self.stream) {
            Some(late) => late,
            None if self.patience.is_orderly(&mut self.stream) => 0,
            None => self.stream.below(decision.options - decision.late),
        }
    }

    fn settle(&mut self, _timer: u64, options: u64) -> Option<u64> {
        self.patience.settle(options, &mut self.stream)
    }
}
