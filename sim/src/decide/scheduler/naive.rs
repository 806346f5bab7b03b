//! What other simulators do: a random order of what can happen at a moment, on a clock that is exact.
//!
//! Time passes when nothing else can happen, never before, and nothing goes wrong with clocks or links. A
//! latency is drawn evenly from its range when its timer is armed, so it meets a deadline by chance: about
//! never, in nanoseconds. It is here to be compared with.

use crate::base::rng::{Purpose, Stream};
use crate::decide::tape::DecisionKind;

use super::{Decision, Sampled, Scheduler};

/// Draws the order evenly, and each latency when it begins.
#[derive(Debug, Clone)]
pub struct Naive {
    stream: Stream,
}

impl Default for Naive {
    fn default() -> Self {
        Naive {
            stream: Stream::new(0, Purpose::Schedule),
        }
    }
}

impl Sampled for Naive {
    fn with(_: u32) -> Self {
        Naive::default()
    }
}

impl Scheduler for Naive {
    fn name(&self) -> &'static str {
        "naive"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        match decision.kind {
            DecisionKind::Fault => 0,
            _ => self.stream.below(decision.options - decision.late),
        }
    }

    fn settle(&mut self, _timer: u64, options: u64) -> Option<u64> {
        Some(self.stream.below(options))
    }
}
