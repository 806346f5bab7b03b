//! The dullest run that fails in the same way as a run that failed, and which of its departures are decisive.

use crate::decide::scheduler::{Bounded, Scheduler};
use crate::decide::tape::Tape;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::{Keeps, Run};
use crate::report::repeat;
use crate::report::shrink::{Attempt, shrink_within};
use crate::report::signature::{Signature, signature};
use crate::report::trials::Trials;
use crate::search::config::Config;
use crate::search::maker::Maker;
use crate::search::single::Single;

/// The dullest run that fails in the same way as a run that failed; with a trace. A run that does not repeat
/// comes back as it failed, and says so (see [`Run::nondeterminism`]).
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, Sampler, sleep, spawn};
/// use deadheat::report::shrunk;
/// use deadheat::search::Single;
/// use std::time::Duration;
///
/// let program = Main::new(|| async {
///     let work = spawn(sleep(Duration::from_secs(1)..=Duration::from_secs(9)));
///     sleep(Duration::from_secs(5)).await;
///     assert!(work.is_finished(), "it takes too long");
/// });
/// let random = Sampler::Random.scheduler();
/// let (run, _) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, random);
/// let dullest = shrunk(&program, &Config::new(), &run);
/// assert!(dullest.token.tape.len() <= run.token.tape.len());
/// ```
#[must_use = "the run that was shrunk is what comes back"]
pub fn shrunk<P: Program>(program: &P, config: &Config, run: &Run) -> Run {
    let mut traced = repeat::repeated(program, config, run.clone());
    if traced.nondeterminism.is_some() {
        return traced;
    }
    match dullest(program, config, run) {
        Ok((dullest, _)) => dullest,
        Err(how) => {
            traced.nondeterminism = Some(how);
            traced
        }
    }
}

/// The dullest run that fails in the same way as a run that repeats; with a trace. And whether it may not be the dullest,
/// since shrinking was cut short.
///
/// # Errors
///
/// In words, if it does not repeat after all.
pub(crate) fn dullest<P: Program>(
    program: &P,
    config: &Config,
    run: &Run,
) -> Result<(Run, bool), String> {
    struct Same<'a, P> {
        program: &'a P,
        config: &'a Config,
        signature: Signature,
    }
    impl<P: Program> Attempt for Same<'_, P> {
        fn attempt(&self, token: &Token) -> Option<Run> {
            let (run, _) = Maker::new(self.program, self.config)
                .keeping(Keeps::Nothing)
                .replay(token);
            let same = !self.program.expects(run.verdict) && signature(&run) == self.signature;
            same.then_some(run)
        }

        fn search(&self, token: &Token, departures: usize, left: &mut u64) -> Option<Run> {
            let maker = Maker::new(self.program, self.config);
            let mut bounded: Box<dyn Scheduler> = Box::new(Bounded::new(departures));
            while *left > 0 {
                let made = maker.make(token.seed, token.bounds, bounded)?;
                bounded = made.scheduler;
                *left = left.saturating_sub(made.run.steps + 16);
                let fails = !self.program.expects(made.run.verdict);
                if fails && signature(&made.run) == self.signature {
                    return Some(made.run);
                }
            }
            None
        }
    }
    let signature = signature(run);
    let (dullest, is_cut) = shrink_within(
        run.clone(),
        &Same {
            program,
            config,
            signature,
        },
        config.jobs,
    );
    let (traced, _) = Single::runs_of(program, config).replay(&dullest.token);
    match repeat::changed(program, &dullest, &traced) {
        None => Ok((traced, is_cut)),
        Some(how) => Err(how),
    }
}

/// More departures than this are not tried one by one.
const DECISIVE_MAX: usize = 32;
/// So many steps the runs without one of them may take, all in all.
const DECISIVE_STEPS: u64 = 4_000_000;

/// For each departure of a failing run, whether the run passes without it; and whether some were not tried, as that would
/// have taken too many steps. Those count as not decisive.
pub(crate) fn decisive<P: Program>(program: &P, config: &Config, run: &Run) -> (Vec<bool>, bool) {
    let departures = run.token.tape.departures();
    if departures.len() > DECISIVE_MAX {
        return (Vec::new(), true);
    }
    let mut trials = Trials::new(program, config, DECISIVE_STEPS);
    let mut is_cut = false;
    let mut passes_without = |index: usize| {
        let mut rest = departures.to_vec();
        rest.remove(index);
        let tape = Tape::of(rest);
        let token = Token {
            tape,
            fingerprint: None,
            ..run.token.clone()
        };
        let without = trials.replay(&token);
        is_cut |= without.is_err();
        without.is_ok_and(|without| !trials.fails(&without))
    };
    let decisive = (0..departures.len()).map(&mut passes_without).collect();
    (decisive, is_cut)
}
