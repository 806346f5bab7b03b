//! Partial-order sampling: what can happen has a random priority of its own for as long as it can
//! happen, and the highest goes first.
//!
//! A naive walk draws anew at each decision, so that an event that must wait long for its turn seldom
//! does: the chance halves at each step. With a priority drawn once, an event is put off for long as
//! easily as for one step.
//!
//! Source: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. Differences: which
//! events race is not known here, so priorities are not drawn again for those that race with the one
//! taken; and how late events are is drawn apart.

use crate::base::rng::{Purpose, Stream};

use super::mishap::Mishaps;
use super::patience::Patience;
use super::priorities::{Priorities, Strict, Who};
use super::{Choice, Decision, Sampled, Scheduler};

/// Takes the event with the highest priority, drawn when it first could happen.
#[derive(Debug, Clone)]
pub struct Pos {
    stream: Stream,
    patience: Patience,
    mishaps: Mishaps,
    priorities: Priorities,
    strict: Strict,
}

impl Default for Pos {
    fn default() -> Self {
        let stream = Stream::new(0, Purpose::Schedule);
        Pos {
            stream,
            patience: Patience::default(),
            mishaps: Mishaps::default(),
            priorities: Priorities::default(),
            strict: Strict::default(),
        }
    }
}

impl Pos {
    /// For run `number` of an exploration, which has the manners of being late in turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Pos;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Pos::default().in_turn(3));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    #[must_use = "it gives the scheduler back"]
    pub fn in_turn(mut self, number: u64) -> Self {
        self.patience = Patience::of_run(number);
        self
    }

    /// For one of hundreds of runs that are made to learn about another one: where very many things can happen at
    /// once, the choice is even sooner.
    pub(crate) fn brief() -> Self {
        Pos {
            strict: Strict::brief(),
            ..Pos::default()
        }
    }
}

impl Sampled for Pos {
    fn with(_: u32) -> Self {
        Pos::default()
    }

    fn of_run(self, run: u64) -> Self {
        self.in_turn(run)
    }
}

impl Scheduler for Pos {
    fn name(&self) -> &'static str {
        "pos"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        self.patience.begin(seed);
        self.mishaps = Mishaps::draw(seed);
        self.priorities.clear();
        self.strict.begin();
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if let Some(choice) = self.mishaps.decide(decision) {
            return choice;
        }
        if let Some(late) = self.patience.decide(decision, &mut self.stream) {
            return late;
        }
        let Pos {
            stream, priorities, ..
        } = self;
        if self.patience.is_orderly(stream) {
            forget(priorities, decision.option(0));
            return 0;
        }
        let events = decision.options - decision.late;
        if self.strict.next(events).is_none() || self.patience.is_loose(stream) {
            return stream.below(events);
        }
        let priority = |index: &u64| match Who::of(decision.option(*index)) {
            Some(who) => priorities.of(who, || stream.next_u64()),
            None => 0,
        };
        let taken = (0..events).max_by_key(priority).unwrap_or(0);
        forget(priorities, decision.option(taken));
        taken
    }

    fn settle(&mut self, _timer: u64, options: u64) -> Option<u64> {
        self.patience.settle(options, &mut self.stream)
    }
}

/// The next time it can happen it is another event.
fn forget(priorities: &mut Priorities, taken: Choice) {
    if let Some(who) = Who::of(taken) {
        priorities.forget(who);
    }
}
