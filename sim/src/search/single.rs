//! One run of a program: sampled, with a scheduler of one's own, replayed, shrunk.

use std::any::Any;

use crate::decide::scheduler::{Bounded, Fifo, Replay, Scheduler};
use crate::decide::tape::Tape;
use crate::decide::token::Token;
use crate::engine::execute::execute;
use crate::engine::program::Program;
use crate::invariant::checks::Check;
use crate::record::run::{Run, Setting, Verdict};
use crate::report::repeat;
use crate::report::shrink::{Attempt, shrink};
use crate::search::config::{Bounds, Config};
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

/// The dullest run that fails in the same way as a run that failed; with a trace. A run that does not repeat
/// comes back as it failed, and says so (see [`Run::nondeterminism`]).
pub fn shrunk<P: Program>(program: &P, config: &Config, run: &Run) -> Run {
    let mut traced = repeat::repeated(program, config, run.clone());
    if traced.nondeterminism.is_some() {
        return traced;
    }
    match dullest(program, config, run) {
        Ok(dullest) => dullest,
        Err(how) => {
            traced.nondeterminism = Some(how);
            traced
        }
    }
}

/// The dullest run that fails in the same way as a run that repeats; with a trace.
///
/// # Errors
///
/// In words, if it does not repeat after all.
pub(crate) fn dullest<P: Program>(program: &P, config: &Config, run: &Run) -> Result<Run, String> {
    struct Same<'a, P> {
        program: &'a P,
        config: &'a Config,
        signature: Signature,
    }
    impl<P: Program> Attempt for Same<'_, P> {
        fn attempt(&self, token: &Token) -> Option<Run> {
            let (run, _) = replayed(self.program, self.config, token, false);
            let same = !self.program.expects(run.verdict) && signature(&run) == self.signature;
            same.then_some(run)
        }

        fn search(&self, token: &Token, departures: usize, left: &mut u64) -> Option<Run> {
            let setting = Setting {
                seed: token.seed,
                bounds: token.bounds,
                limits: self.config.limits,
                trace: false,
                cover: false,
            };
            let mut bounded: Box<dyn Scheduler> = Box::new(Bounded::new(departures));
            while *left > 0 && bounded.begin(token.seed) {
                let (run, _, back) = execute(self.program, &setting, bounded);
                bounded = back;
                *left = left.saturating_sub(run.steps + 16);
                if !self.program.expects(run.verdict) && signature(&run) == self.signature {
                    return Some(run);
                }
            }
            None
        }
    }
    let signature = signature(run);
    let dullest = shrink(
        run.clone(),
        &Same {
            program,
            config,
            signature,
        },
        config.jobs,
    );
    let (traced, _) = replay(program, config, &dullest.token);
    match repeat::changed(program, &dullest, &traced) {
        None => Ok(traced),
        Some(how) => Err(how),
    }
}

/// More departures than this are not tried one by one.
const DECISIVE_MAX: usize = 32;

/// For each departure of a failing run, whether the run passes without it.
pub(crate) fn decisive<P: Program>(program: &P, config: &Config, run: &Run) -> Vec<bool> {
    let departures = run.token.tape.departures();
    if departures.len() > DECISIVE_MAX {
        return Vec::new();
    }
    let passes_without = |index: usize| {
        let mut rest = departures.to_vec();
        rest.remove(index);
        let tape = Tape::of(rest);
        let token = Token {
            tape,
            fingerprint: None,
            ..run.token.clone()
        };
        program.expects(replayed(program, config, &token, false).0.verdict)
    };
    (0..departures.len()).map(passes_without).collect()
}

/// In what way a run failed: enough that another bug is not taken for the same one.
pub(crate) type Signature = (Verdict, Vec<(Check, String)>, Option<String>);

pub(crate) fn signature(run: &Run) -> Signature {
    let mut violations: Vec<_> = run
        .violations
        .iter()
        .map(|violation| {
            let text = violation
                .text
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .collect();
            (violation.check, text)
        })
        .collect();
    violations.sort();
    violations.dedup();
    (
        run.verdict,
        violations,
        run.panic.as_ref().map(|panic| panic.place.clone()),
    )
}
