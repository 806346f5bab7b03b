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

use crate::rng::{Purpose, Stream};

use super::mishap::Mishaps;
use super::patience::Patience;
use super::{Choice, Decision, Scheduler};

/// After so many decisions the choice is even: a task that is waited for actively, and has a low priority,
/// would wait for long.
const STRICT: u64 = 2_000;

/// Takes the event with the highest priority, drawn when it first could happen.
#[derive(Debug, Clone)]
pub struct Pos {
    stream: Stream,
    patience: Patience,
    mishaps: Mishaps,
    priorities: Priorities,
    decisions: u64,
}

impl Default for Pos {
    fn default() -> Self {
        let stream = Stream::new(0, Purpose::Schedule);
        Pos {
            stream,
            patience: Patience::default(),
            mishaps: Mishaps::default(),
            priorities: Priorities::default(),
            decisions: 0,
        }
    }
}

impl Pos {
    /// For run `number` of an exploration, which has the manners of being late in turn.
    pub fn in_turn(mut self, number: u64) -> Self {
        self.patience = Patience::of_run(number);
        self
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
        self.decisions = 0;
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if let Some(choice) = self.mishaps.decide(decision) {
            return choice;
        }
        if let Some(late) = self.patience.decide(decision, &mut self.stream) {
            return late;
        }
        if self.patience.is_orderly(&mut self.stream) {
            self.priorities.forget(decision.option(0));
            return 0;
        }
        self.decisions += 1;
        if self.decisions > STRICT {
            return self.stream.below(decision.options - decision.late);
        }
        let Pos {
            stream, priorities, ..
        } = self;
        let highest = (0..decision.options - decision.late)
            .max_by_key(|index| priorities.of(decision.option(*index), || stream.next_u64()));
        let taken = highest.unwrap_or(0);
        // The next time it can happen it is another event.
        self.priorities.forget(decision.option(taken));
        taken
    }

    fn settle(&mut self, _timer: u64, options: u64) -> Option<u64> {
        self.patience.settle(options, &mut self.stream)
    }
}

/// Priorities of what can happen; small enough that a search is quicker than a map.
#[derive(Debug, Clone, Default)]
struct Priorities(Vec<(Choice, u64)>);

impl Priorities {
    fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, event: Choice, draw: impl FnOnce() -> u64) -> u64 {
        if let Some((_, priority)) = self.0.iter().find(|(of, _)| *of == event) {
            return *priority;
        }
        let priority = draw();
        self.0.push((event, priority));
        priority
    }

    fn forget(&mut self, event: Choice) {
        self.0.retain(|(of, _)| *of != event);
    }
}
