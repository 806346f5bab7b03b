//! Whether faults happen: drawn apart from the order of events.
//!
//! How often they happen is drawn once a run, from "never" to "half of the time". So a bug that needs a single fault
//! is met, and one that needs several in a row is met, too.
//!
//! What is rare (that a host crashes, which is asked after each of its turns) has a rate of its own: one in 2 to one in
//! 1024, or never. So a crash is as likely to come early as late, whatever the number of turns.
//!
//! Source: swarm testing, as for `decide/scheduler/patience.rs`.

use crate::base::rng::{Purpose, Stream, mix};
use crate::decide::tape::DecisionKind;

use super::Decision;

/// In 64ths: how often a thing goes wrong.
const RATES: [u64; 5] = [0, 1, 4, 16, 32];

/// How readily things go wrong in a run.
#[derive(Debug, Clone)]
pub(super) struct Mishaps {
    stream: Stream,
    rate: u64,
    seed: u64,
    rare: Option<Rare>,
}

/// How readily goes wrong what is rare, once that was asked.
#[derive(Debug, Clone)]
struct Rare {
    stream: Stream,
    /// Once in so many times; never, if it is zero.
    one_in: u64,
}

impl Rare {
    fn draw(seed: u64) -> Self {
        // A stream of its own: what is asked of other faults stays as it is.
        let mut stream = Stream::new(mix(seed), Purpose::Faults);
        let one_in = match stream.below(11) {
            0 => 0,
            power => 1 << power,
        };
        Rare { stream, one_in }
    }

    fn decide(&mut self, options: u64) -> u64 {
        match self.one_in > 0 && self.stream.below(self.one_in) == 0 {
            true => 1 + self.stream.below(options - 1),
            false => 0,
        }
    }
}

impl Mishaps {
    pub(super) fn draw(seed: u64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Faults);
        let rate = RATES[stream.below(RATES.len() as u64) as usize];
        let rare = None;
        Mishaps {
            stream,
            rate,
            seed,
            rare,
        }
    }

    /// The choice, if the decision is about a fault, or (drawn evenly) about what a program begins with.
    pub(super) fn decide(&mut self, decision: &Decision<'_>) -> Option<u64> {
        match decision.kind {
            DecisionKind::Fault if decision.is_rare() => {
                let rare = self.rare.get_or_insert_with(|| Rare::draw(self.seed));
                return Some(rare.decide(decision.options));
            }
            DecisionKind::Fault => {}
            DecisionKind::Pick => return Some(self.stream.below(decision.options)),
            _ => return None,
        }
        let wrong = self.stream.below(64) < self.rate;
        Some(match wrong {
            true => 1 + self.stream.below(decision.options - 1),
            false => 0,
        })
    }
}

impl Default for Mishaps {
    fn default() -> Self {
        Mishaps::draw(0)
    }
}
