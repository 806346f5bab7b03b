//! How much lateness a program bears: the smallest bound under which some run fails.
//!
//! That a bound is safe cannot be known by trying; so what is given are the least bound that was seen to
//! break it, and the number of runs that found nothing just below.

use std::fmt;
use std::time::Duration;

use crate::base::bounds::Bounds;
use crate::base::rng::mix;
use crate::base::time::told;
use crate::decide::scheduler::{Bounded, Pos, Scheduler, Seeded};
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::report::trials::{NoRun, Spent, Trials};
use crate::search::config::Config;

/// Steps that the search may take.
const STEPS: u64 = 400_000;
/// Runs with few departures, and sampled runs, that are made under one bound.
const RUNS: u64 = 150;
/// Halvings of the bound.
const HALVINGS: usize = 30;

/// The smallest lateness that was seen to break a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slack {
    /// Timers that are this late break it.
    pub breaks_at: Duration,
    /// So many runs in which they were less late, all passed.
    pub passed_below: u64,
}

impl fmt::Display for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Slack {
            breaks_at,
            passed_below,
        } = self;
        let breaks_at = told(i64::try_from(breaks_at.as_nanos()).unwrap_or(i64::MAX));
        write!(f, "breaks when timers are {breaks_at} late; ")?;
        match passed_below {
            0 => f.write_str("less was not searched"),
            runs => write!(f, "below that, {runs} runs were searched and passed"),
        }
    }
}

/// The slack of a program that fails when timers are late, in `run` for one. None if it fails without.
pub(crate) fn slack<P: Program>(
    program: &P,
    config: &Config,
    run: &Run,
) -> Result<Option<Slack>, Spent> {
    if run.token.bounds.late.is_zero() {
        return Ok(None);
    }
    let mut search = Search {
        trials: Trials::new(program, config, STEPS),
        run,
        passed: 0,
    };
    let mut breaks_at = run.token.bounds.late;
    let mut safe = Duration::ZERO;
    let mut passed_below = 0;
    let tick = Duration::from_nanos(1);
    // First just below: mostly the shrinker has found the least already.
    let mut next = breaks_at - tick;
    for _ in 0..HALVINGS {
        if next <= safe && next != Duration::ZERO {
            break;
        }
        search.passed = 0;
        match search.fails_under(next)? {
            true => breaks_at = next,
            false => (safe, passed_below) = (next, search.passed),
        }
        if breaks_at.is_zero() {
            return Ok(None);
        }
        if breaks_at - safe <= tick {
            break;
        }
        next = safe + (breaks_at - safe) / 2;
    }
    Ok(Some(Slack {
        breaks_at,
        passed_below,
    }))
}

struct Search<'a, P: Program> {
    trials: Trials<'a, P>,
    run: &'a Run,
    passed: u64,
}

impl<P: Program> Search<'_, P> {
    /// Whether a run under this bound fails, unless the budget was spent before one did.
    fn fails_under(&mut self, late: Duration) -> Result<bool, Spent> {
        let bounds = Bounds {
            late,
            ..self.run.token.bounds
        };
        let seed = self.run.token.seed;
        let departures = self.run.token.tape.len().max(1);
        let mut few: Box<dyn Scheduler> = Box::new(Bounded::new(departures));
        for _ in 0..RUNS {
            let (run, back) = match self.trials.run(seed, bounds, few) {
                Ok(made) => made,
                Err(NoRun::NoMore) => break,
                Err(NoRun::Spent) => return Err(Spent),
            };
            few = back;
            if self.judge(&run) {
                return Ok(true);
            }
        }
        for number in 0..RUNS {
            let sampled = Box::new(Seeded {
                seed: seed ^ mix(number),
                inner: Pos::brief(),
            });
            let (run, _) = self.trials.run(seed, bounds, sampled).map_err(|_| Spent)?;
            if self.judge(&run) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn judge(&mut self, run: &Run) -> bool {
        let fails = self.trials.fails(run);
        self.passed += u64::from(!fails);
        fails
    }
}
