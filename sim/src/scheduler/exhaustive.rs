//! Every sequence of decisions, each exactly once, depth first.
//!
//! The stack holds the choice taken and the number of options at each decision of the run before;
//! the next run repeats all but the last decision that has an option left, and takes that.
//!
//! Source: stateless model checking, Godefroid, "Model checking for programming languages using
//! VeriSoft", POPL 1997. Nothing is reduced: two orders of independent events are two runs.

use super::{Decision, Scheduler};

/// Takes every sequence of decisions exactly once.
#[derive(Debug, Clone, Default)]
pub struct Exhaustive {
    stack: Vec<Level>,
    depth: usize,
    started: bool,
    diverged: bool,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    choice: u64,
    options: u64,
}

impl Exhaustive {
    /// True if a decision had another number of options than when it was taken before: the program
    /// is not a function of its decisions, and nothing can be said about having seen every order.
    pub fn diverged(&self) -> bool {
        self.diverged
    }
}

impl Scheduler for Exhaustive {
    fn name(&self) -> &'static str {
        "exhaustive"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        self.depth = 0;
        if !std::mem::replace(&mut self.started, true) {
            return true;
        }
        while let Some(level) = self.stack.last_mut() {
            if level.choice + 1 < level.options {
                level.choice += 1;
                return true;
            }
            self.stack.pop();
        }
        false
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let depth = self.depth;
        self.depth += 1;
        match self.stack.get(depth) {
            Some(level) => {
                self.diverged |= level.options != decision.options;
                level.choice
            }
            None => {
                self.stack.push(Level {
                    choice: 0,
                    options: decision.options,
                });
                0
            }
        }
    }
}
