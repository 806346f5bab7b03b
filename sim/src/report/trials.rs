//! Runs that are made to learn something about a failing one, within a budget of steps.

use crate::base::bounds::Bounds;
use crate::decide::scheduler::Scheduler;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::search::config::Config;
use crate::search::maker::Maker;

/// A program, and how many steps may still be taken to learn about it.
pub(crate) struct Trials<'a, P: Program> {
    program: &'a P,
    maker: Maker<'a, P>,
    left: u64,
}

/// More steps would have been needed than may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent;

/// Why there is no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRun {
    /// The budget is spent.
    Spent,
    /// The scheduler has no more.
    NoMore,
}

impl<'a, P: Program> Trials<'a, P> {
    pub(crate) fn new(program: &'a P, config: &'a Config, steps: u64) -> Self {
        Trials {
            program,
            maker: Maker::new(program, config),
            left: steps,
        }
    }

    /// The next run that a scheduler has, with the scheduler.
    pub(crate) fn run(
        &mut self,
        seed: u64,
        bounds: Bounds,
        scheduler: Box<dyn Scheduler>,
    ) -> Result<(Run, Box<dyn Scheduler>), NoRun> {
        if self.left == 0 {
            return Err(NoRun::Spent);
        }
        let made = self.maker.make(seed, bounds, scheduler);
        let made = made.ok_or(NoRun::NoMore)?;
        self.spend(&made.run);
        Ok((made.run, made.scheduler))
    }

    /// The run of a token, unless the budget is spent.
    pub(crate) fn replay(&mut self, token: &Token) -> Result<Run, Spent> {
        if self.left == 0 {
            return Err(Spent);
        }
        let (run, _) = self.maker.replay(token);
        self.spend(&run);
        Ok(run)
    }

    fn spend(&mut self, run: &Run) {
        // A run costs something even if it takes no steps.
        self.left = self.left.saturating_sub(run.steps + 16);
    }

    pub(crate) fn fails(&self, run: &Run) -> bool {
        !self.program.expects(run.verdict)
    }
}
