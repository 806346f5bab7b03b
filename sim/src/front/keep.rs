//! Failing runs that are kept: made first, and kept as soon as they are found.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::bounds::clamp;
use crate::base::time::told;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::whole::report_of;
use crate::search::config::Config;
use crate::search::regressions::{RegressionError, Regressions};
use crate::search::single::Single;

/// What to do about a line of kept runs that cannot be read.
const MEND: &str = "; correct or delete this line: nothing is made, and nothing is written, until the file can be read";

/// Keeps the first failing run as soon as it is found, and then what it was shrunk to in its place.
///
/// A run that does not repeat is not kept: made first the next time, it would pass and be taken for mended.
pub(super) struct Keeper<'a> {
    regressions: Option<&'a Regressions>,
    kept: Mutex<Option<(Token, Result<bool, RegressionError>)>>,
}

impl<'a> Keeper<'a> {
    pub(super) fn of(config: &'a Config) -> Self {
        Keeper {
            regressions: config.regressions.as_ref(),
            kept: Mutex::new(None),
        }
    }

    pub(super) fn found(&self, run: &Run) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if run.unmade.is_some() || run.nondeterminism.is_some() {
            return;
        }
        if let (None, Some(regressions)) = (&*kept, self.regressions) {
            let result = regressions.keep_new(&run.token, &run.reason());
            *kept = Some((run.token.clone(), result));
        }
    }

    /// Gives what is to be said about it.
    pub(super) fn reported(self, failure: &Failure) -> Option<String> {
        let regressions = self.regressions?;
        let kept = self
            .kept
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if !failure.repeats() {
            let not_kept = "it is not kept: made first the next time, it would most likely pass";
            let forgotten = match kept {
                Some((token, Ok(true))) => regressions.forget(&token),
                _ => Ok(()),
            };
            return Some(match forgotten {
                Ok(()) => not_kept.to_owned(),
                Err(error) => format!("{not_kept}; but its line is still there: {error}"),
            });
        }
        let run = &failure.run;
        let (token, kept) = kept?;
        let (by, why) = (&run.token, run.reason());
        let kept = kept.and_then(|_| {
            regressions.replace(&token, by, &why)?;
            // Somebody may have deleted its line meanwhile, or the file.
            regressions.keep(by, &why)
        });
        Some(match kept {
            Ok(()) => format!(
                "it is made first from now on: kept in {}",
                regressions.path().display()
            ),
            Err(error) if error.is_of_content() => {
                format!("it could not be kept: {error}; correct or delete this line")
            }
            Err(error) => format!("it could not be kept: {error}"),
        })
    }
}

/// What the runs came to that are kept, if none of them failed.
#[derive(Default)]
pub(super) struct Regressed {
    /// Whether one of them passed: it shows something.
    pub(super) shown: bool,
    /// Those that pass, and no longer fit the program: a line for each.
    pub(super) unfit: Vec<String>,
}

/// What is to be said of a kept run whose timers may be later than was asked for: it is its line that counts.
fn own_lateness(config: &Config, late: Duration) -> Option<String> {
    let is_asked_for = late.is_zero() || config.mix.is_late_by(late);
    let late = told(clamp(late));
    (!is_asked_for).then(|| {
        format!("its line says how late timers may be in it, {late}: what was asked for counts for the other runs only")
    })
}

/// Makes the runs that are kept; the first that fails is the failure.
pub(super) fn regress<P: Program>(
    program: &P,
    config: &Config,
    regressions: &Regressions,
) -> Result<Regressed, Box<Failure>> {
    let tokens = regressions.load().map_err(|error| {
        let mend = match error.is_of_content() {
            true => MEND,
            false => "",
        };
        Box::new(Failure::of_problem(&config.name, format!("{error}{mend}")))
    })?;
    let path = regressions.path().display();
    let mut shown = false;
    let mut unfit = Vec::new();
    for token in &tokens {
        let (run, _) = Single::runs_of(program, config).replay(token);
        if !program.expects(run.verdict) {
            let mut failure = report_of(program, config, run);
            unfit.push(format!("it failed before, and is kept in {path}"));
            unfit.extend(own_lateness(config, token.bounds.late));
            failure.notes.splice(0..0, unfit);
            return Err(Box::new(failure));
        }
        shown |= run.divergence.is_none();
        unfit.extend(run.divergence.map(|divergence| {
            format!("{token}: passes now; {divergence}; its line in {path} shows nothing any more and may be deleted")
        }));
    }
    Ok(Regressed { shown, unfit })
}
