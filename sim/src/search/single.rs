//! One run of a program: sampled, with a scheduler of one's own, replayed.

use std::any::Any;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Fifo, Replay, Scheduler};
use crate::decide::token::Token;
use crate::engine::execute::execute;
use crate::engine::program::Program;
use crate::record::run::{Run, Setting};
use crate::search::config::Config;
use crate::search::determinism;
use crate::witness::{self, Again};

/// Makes run `number` of an exploration.
pub(crate) fn sampled<P: Program>(
    program: &P,
    config: &Config,
    number: u64,
) -> (Run, Option<P::Outcome>) {
    let (sampler, bounds) = config.mix.lane(number);
    let seed = config.seed.wrapping_add(number);
    let make = |trace| {
        let setting = Setting {
            seed,
            bounds,
            limits: config.limits,
            trace,
            cover: config.until_quiet,
        };
        witness::next_is(|| Again::Number(number));
        let mut scheduler = sampler.in_turn(number);
        scheduler.begin(seed);
        execute(program, &setting, scheduler)
    };
    let (mut run, outcome, _) = make(false);
    if config.check_determinism && make(false).0.fingerprint != run.fingerprint {
        let again = || make(true).0.trace.unwrap_or_default();
        let difference = determinism::first_difference(again);
        run.nondeterminism = Some(format!(
            "made again at once, it did not do the same\nfirst difference: {difference}"
        ));
        run.settle();
    }
    (run, outcome)
}

/// Makes one run with a scheduler of one's own.
pub fn run_with<P: Program>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    mut scheduler: Box<dyn Scheduler>,
) -> (Run, Option<P::Outcome>) {
    scheduler.begin(config.seed);
    let setting = Setting {
        seed: config.seed,
        bounds,
        limits: config.limits,
        trace: config.trace,
        cover: false,
    };
    let (run, outcome, _) = execute(program, &setting, scheduler);
    (run, outcome)
}

/// Makes one run with a scheduler that is already prepared for it (see [`Scheduler::begin`]), and gives
/// the scheduler back: for one that goes from run to run.
pub fn run_and_return<P: Program>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    scheduler: Box<dyn Scheduler>,
) -> (Run, Option<P::Outcome>, Box<dyn Scheduler>) {
    let setting = Setting {
        seed: config.seed,
        bounds,
        limits: config.limits,
        trace: config.trace,
        cover: false,
    };
    execute(program, &setting, scheduler)
}

/// Makes one run, FIFO and on time.
pub fn run_fifo<P: Program>(program: &P, config: &Config) -> (Run, Option<P::Outcome>) {
    run_with(program, config, Bounds::EXACT, Box::new(Fifo))
}

/// Makes the run of a token again, with a trace. Where the program no longer fits the token, the run
/// says so.
pub fn replay<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
) -> (Run, Option<P::Outcome>) {
    replayed(program, config, token, true)
}

pub(crate) fn replayed<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
    trace: bool,
) -> (Run, Option<P::Outcome>) {
    witness::next_is(|| Again::Token(token.clone()));
    let mut scheduler: Box<dyn Scheduler> = Box::new(Replay::new(&token.tape));
    scheduler.begin(token.seed);
    let setting = Setting {
        seed: token.seed,
        bounds: token.bounds,
        limits: config.limits,
        trace,
        cover: false,
    };
    let (mut run, outcome, scheduler) = execute(program, &setting, scheduler);
    let any: Box<dyn Any> = scheduler;
    run.divergence = any
        .downcast::<Replay>()
        .ok()
        .and_then(|replay| replay.divergence());
    run.stale = token
        .fingerprint
        .is_some_and(|fingerprint| fingerprint != run.fingerprint);
    (run, outcome)
}
