//! The plain functions for a program that is one future: `run`, `check`, `replay`.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;
use crate::explore::{self, Watch};
use crate::failure::Failure;
use crate::program::{Main, Program, Unit};
use crate::regressions::Regressions;
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

/// Runs a future `config.runs` times, each time in another order and with another lateness. Runs that
/// failed before and are kept in `config.regressions` are made first.
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
    check_program(&Unit(Main::new(program)), config)
}

/// [`check`] for a program that is a plain function, such as the `main` of a program under test: it waits
/// by [`block_on`](crate::block_on). What it returns is not looked at; let it panic if it fails.
///
/// # Errors
///
/// As for [`check`].
///
/// # Examples
///
/// ```
/// use deadheat::{Config, block_on, check_blocking, sleep};
/// use std::time::Duration;
///
/// fn program() -> u8 {
///     block_on(async {
///         sleep(Duration::from_secs(1)).await;
///         42
///     })
/// }
/// check_blocking(&Config::new(), || assert_eq!(program(), 42)).unwrap();
/// ```
#[track_caller]
pub fn check_blocking<F, T>(config: &Config, program: F) -> Result<u64, Box<Failure>>
where
    F: Fn() -> T + Send + Sync + 'static,
    T: 'static,
{
    let program = Arc::new(program);
    check(config, move || {
        let program = Arc::clone(&program);
        async move { program() }
    })
}

/// [`run`] for a program that is a plain function; see [`check_blocking`].
///
/// # Errors
///
/// As for [`run`].
#[track_caller]
pub fn run_blocking<F, T>(config: &Config, program: F) -> Result<Run, Box<Failure>>
where
    F: Fn() -> T + Send + Sync + 'static,
    T: 'static,
{
    let program = Arc::new(program);
    run(config, move || {
        let program = Arc::clone(&program);
        async move { program() }
    })
}

/// [`check`] for a program that is more than one future: makes the runs that are kept in
/// `config.regressions`, then explores.
///
/// # Errors
///
/// As for [`check`].
pub fn check_program<P>(program: &P, config: &Config) -> Result<u64, Box<Failure>>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let mut notes = Vec::new();
    if let Some(regressions) = &config.regressions {
        notes = regress(program, config, regressions)?;
    }
    let kept = Mutex::new(None);
    let keep = |_, run: &Run| {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let (None, Some(regressions)) = (&*kept, &config.regressions) {
            *kept = Some((
                run.token.clone(),
                regressions.keep(&run.token, &run.reason()),
            ));
        }
    };
    let watch = Watch {
        first_failure: true,
        found: &keep,
        ..Watch::default()
    };
    let exploration = explore::explore(program, config, &watch);
    let Some(found) = exploration.failure() else {
        return Ok(exploration.runs);
    };
    let mut failure = report(program, config, found.first, &found.run);
    let kept = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let (Some((token, kept)), Some(regressions)) = (kept, &config.regressions) {
        let run = &failure.run;
        let kept = kept.and_then(|()| regressions.replace(&token, &run.token, &run.reason()));
        notes.extend(kept.err().map(|error| error.to_string()));
    }
    failure.notes = notes;
    Err(Box::new(failure))
}

/// Makes the runs that are kept; the first that fails is the failure. Gives what is to be said of those
/// that no longer fit the program.
fn regress<P: Program>(
    program: &P,
    config: &Config,
    regressions: &Regressions,
) -> Result<Vec<String>, Box<Failure>> {
    let tokens = regressions
        .load()
        .map_err(|error| Box::new(Failure::of_problem(&config.name, error.to_string())))?;
    let mut notes = Vec::new();
    for token in &tokens {
        if let Some(mut failure) = report_kept(program, config, token) {
            let path = regressions.path().display();
            failure.notes = vec![format!("it failed before, and is kept in {path}")];
            return Err(Box::new(failure));
        }
        let (run, _) = single::replay(program, config, token);
        notes.extend(
            run.divergence
                .map(|divergence| format!("{token}: {divergence}")),
        );
    }
    Ok(notes)
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

/// The report of a run that was kept because it failed, if it still fails.
pub fn report_kept<P: Program>(program: &P, config: &Config, token: &Token) -> Option<Failure> {
    let (run, _) = single::replay(program, config, token);
    if program.expects(run.verdict) {
        return None;
    }
    let mut failure = Failure::new(&*config.name, run);
    explain(program, config, &mut failure);
    Some(failure)
}

fn explain<P: Program>(program: &P, config: &Config, failure: &mut Failure) {
    failure.decisive = single::decisive(program, config, &failure.run);
    failure.slack = slack::slack(program, config, &failure.run);
    failure.fate = fate::fate(program, config, &failure.run);
    failure.nearest = nearest::nearest(program, config, &failure.run, &failure.decisive);
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
    explain(program, config, &mut failure);
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
