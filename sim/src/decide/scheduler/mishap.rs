//! Whether faults happen: drawn apart from the order of events.
//!
//! How often they happen is drawn once a run, from "never" to "half of the time". So a bug that needs a single fault
//! is met, and one that needs several in a row is met, too.
//!
//! Source: swarm testing, as for `decide/scheduler/patience.rs`.

use crate::base::rng::{Purpose, Stream};
use crate::decide::tape::DecisionKind;

use super::Decision;

/// In 64ths: how often a thing goes wrong.
const RATES: [u64; 5] = [0, 1, 4, 16, 32];

/// How readily things go wrong in a run.
#[derive(Debug, Clone)]
pub(super) struct Mishaps {
    stream: Stream,
    rate: u64,
}

impl Mishaps {
    pub(super) fn draw(seed: u64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Faults);
        let rate = RATES[stream.below(RATES.len() as u64) as usize];
        Mishaps { stream, rate }
    }

    /// The choice, if the decision is about a fault, or (drawn evenly) about what a program begins with.
    pub(super) fn decide(&mut self, decision: &Decision<'_>) -> Option<u64> {
        match decision.kind {
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
