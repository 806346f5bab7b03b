//! Every order of what can happen next, each decision drawn evenly; seldom, time passes first.
//!
//! Naive random walk, as every simulator has it. What is added: whether time passes although
//! something could happen is drawn apart from the order, so that a long queue does not make
//! lateness rarer.

use crate::rng::{Purpose, Stream};

use super::{Decision, Scheduler};

/// One in this many decisions that could let time pass does.
const PASS_ONE_IN: u64 = 4;

/// Draws each decision evenly from a seed.
#[derive(Debug, Clone)]
pub struct Random {
    stream: Stream,
}

impl Default for Random {
    fn default() -> Self {
        Random {
            stream: Stream::new(0, Purpose::Schedule),
        }
    }
}

impl Scheduler for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let last = decision.options - 1;
        if !decision.can_pass() {
            return self.stream.below(decision.options);
        }
        if self.stream.below(PASS_ONE_IN) == 0 {
            last
        } else {
            self.stream.below(last)
        }
    }
}
