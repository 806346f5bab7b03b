//! Runs that are made to learn something about a failing one, within a budget of steps.

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Replay, Scheduler};
use crate::decide::token::Token;
use crate::engine::execute::execute;
use crate::engine::program::Program;
use crate::record::run::{Run, Setting};
use crate::search::config::Config;
use crate::witness::{self, Again};

/// A program, and how many steps may still be taken to learn about it.
pub(crate) struct Trials<'a, P> {
    program: &'a P,
    config: &'a Config,
    left: u64,
}

impl<'a, P: Program> Trials<'a, P> {
    pub(crate) fn new(program: &'a P, config: &'a Config, steps: u64) -> Self {
        Trials {
            program,
            config,
            left: steps,
        }
    }

    /// A run with a scheduler that is ready for it; none if the budget is spent.
    pub(crate) fn run(
        &mut self,
        seed: u64,
        bounds: Bounds,
        scheduler: Box<dyn Scheduler>,
    ) -> Option<(Run, Box<dyn Scheduler>)> {
        if self.left == 0 {
            return None;
        }
        let setting = Setting {
            seed,
            bounds,
            limits: self.config.limits,
            trace: false,
            cover: false,
        };
        let (run, _, scheduler) = execute(self.program, &setting, scheduler);
        // A run costs something even if it takes no steps.
        self.left = self.left.saturating_sub(run.steps + 16);
        Some((run, scheduler))
    }

    /// The run of a token.
    pub(crate) fn replay(&mut self, token: &Token) -> Option<Run> {
        let mut replay: Box<dyn Scheduler> = Box::new(Replay::new(&token.tape));
        replay.begin(token.seed);
        witness::next_is(|| Again::Token(token.clone()));
        self.run(token.seed, token.bounds, replay)
            .map(|(run, _)| run)
    }

    pub(crate) fn fails(&self, run: &Run) -> bool {
        !self.program.expects(run.verdict)
    }
}
