//! The plain functions for a program that is one future: `run`, `check`, `replay`.

use std::future::Future;

use crate::config::Config;
use crate::explore::{self, Watch};
use crate::failure::Failure;
use crate::program::{Main, Program, Unit};
use crate::run::Run;
use crate::token::{Token, TokenError};
use crate::{fate, nearest, single, slack};

/// Runs a future once, FIFO and on time.
///
/// The run is over when the future ends; tasks that it spawned and that are still pending are
/// dropped, as a runtime's are.
///
/// # Errors
///
/// The [`Failure`] whose `Display` is the report, if the run is stuck, at a limit, or a check does
/// not hold, or a task panicked.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, now, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new(), || async {
///     sleep(Duration::from_secs(3600)).await;
///     assert_eq!(now().as_nanos(), 3_600_000_000_000);
/// });
/// assert!(run.is_ok());
/// ```
#[track_caller]
pub fn run<F, Fut>(config: &Config, program: F) -> Result<Run, Box<Failure>>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let program = Main::new(program);
    let (run, _) = single::run_fifo(&program, config);
    judge(&program, config, run)
}

/// Runs a future `config.runs` times, each time in another order and with another lateness.
///
/// # Errors
///
/// The [`Failure`] of the first run that is not as it should be, shrunk to the fewest departures from
/// "FIFO and on time" that still show it.
///
/// # Examples
///
/// A race between two tasks that plain FIFO never shows:
///
/// ```
/// use deadheat::{Config, check, sleep, spawn};
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use std::time::Duration;
///
/// let failure = check(&Config::new(), || async {
///     let stored = Rc::new(Cell::new(false));
///     let seen = stored.clone();
///     let writer = spawn(async move {
///         sleep(Duration::from_secs(1)).await;
///         stored.set(true);
///     });
///     let reader = spawn(async move {
///         sleep(Duration::from_secs(1)).await;
///         assert!(seen.get(), "read before it was written");
///     });
///     writer.await.unwrap();
///     reader.await.unwrap();
/// })
/// .unwrap_err();
/// assert!(failure.to_string().contains("read before it was written"));
/// assert_eq!(failure.run.token.tape.len(), 1);
/// ```
#[track_caller]
pub fn check<F, Fut>(config: &Config, program: F) -> Result<u64, Box<Failure>>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let program = Unit(Main::new(program));
    let watch = Watch {
        first_failure: true,
        ..Watch::default()
    };
    let exploration = explore::explore(&program, config, &watch);
    match exploration.failure() {
        None => Ok(exploration.runs),
        Some(found) => Err(Box::new(report(&program, config, found.first, &found.run))),
    }
}

/// Makes the run of a token again, with a trace.
///
/// # Errors
///
/// [`ReplayError::Token`] if it is no token; [`ReplayError::Failure`] if the run fails, as it did
/// when the token was made.
#[track_caller]
pub fn replay<F, Fut>(config: &Config, token: &str, program: F) -> Result<Run, ReplayError>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let token: Token = token.parse().map_err(ReplayError::Token)?;
    let program = Main::new(program);
    let (run, _) = single::replay(&program, config, &token);
    judge(&program, config, run).map_err(ReplayError::Failure)
}

/// The report of a failing run that an exploration found: shrunk, traced, reproducible.
pub fn report<P: Program>(program: &P, config: &Config, number: u64, run: &Run) -> Failure {
    let shrunk = single::shrunk(program, config, run);
    let before = run.token.tape.len();
    let mut failure = Failure::new(&*config.name, shrunk);
    failure.run.nondeterminism.clone_from(&run.nondeterminism);
    failure.number = Some((number, config.runs));
    failure.scheduler = run.scheduler;
    failure.departures_before = Some(before);
    failure.decisive = single::decisive(program, config, &failure.run);
    failure.slack = slack::slack(program, config, &failure.run);
    failure.fate = fate::fate(program, config, &failure.run);
    failure.nearest = nearest::nearest(program, config, &failure.run, &failure.decisive);
    failure
}

fn judge<P: Program>(program: &P, config: &Config, run: Run) -> Result<Run, Box<Failure>> {
    if program.expects(run.verdict) {
        return Ok(run);
    }
    let stale = (run.divergence, run.stale);
    let scheduler = run.scheduler;
    let mut run = if run.trace.is_some() {
        run
    } else {
        single::replay(program, config, &run.token).0
    };
    (run.divergence, run.stale) = stale;
    let mut failure = Failure::new(&*config.name, run);
    failure.scheduler = scheduler;
    Err(Box::new(failure))
}

/// Why a replay did not end well.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplayError {
    /// The token could not be read.
    Token(TokenError),
    /// The run fails.
    Failure(Box<Failure>),
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReplayError::Token(error) => error.fmt(f),
            ReplayError::Failure(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}
