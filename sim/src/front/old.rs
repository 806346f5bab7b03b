//! Functions that lived at the root before there was [`Single`]: programs that use them still build. They go with
//! the first release.

use crate::base::bounds::Bounds;
use crate::decide::scheduler::Scheduler;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::search::config::Config;
use crate::search::single::Single;

/// [`Single::fifo`].
pub fn run_fifo<P: Program>(program: &P, config: &Config) -> (Run, Option<P::Outcome>)
where
    P::Outcome: Send,
{
    Single::of(program, config).fifo()
}

/// [`Single::scheduled`].
pub fn run_with<P: Program>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    scheduler: Box<dyn Scheduler>,
) -> (Run, Option<P::Outcome>)
where
    P::Outcome: Send,
{
    Single::of(program, config).scheduled(bounds, scheduler)
}

/// [`Single::replay`].
pub fn replay_program<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
) -> (Run, Option<P::Outcome>)
where
    P::Outcome: Send,
{
    Single::of(program, config).replay(token)
}
