//! The plain functions for a program that is one future: `run`, `check`, `replay`.

use std::future::Future;
use std::sync::Arc;

use crate::base::bounds::Bounds;
use crate::decide::token::{Token, TokenError};
use crate::engine::plain::as_async;
use crate::engine::program::{Main, Program, Unit};
use crate::front::keep::{Keeper, Regressed, regress};
use crate::record::leaks::{Leak, Places};
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::repeat;
use crate::report::whole::report;
use crate::search::config::Config;
use crate::search::exploration::Exploration;
use crate::search::explore::{self, Watch};
use crate::search::orders::Orders;
use crate::search::single::Single;
use crate::search::starved::{self, NeverEnds};
use crate::search::systematic::explore_exhaustive;
use crate::search::unused::Unused;

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
/// # Panics
///
/// Never: a panic of the program is told in the [`Failure`]. So is a call from inside another run or, with the feature
/// `tokio`, a tokio runtime.
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
    Places::begin();
    let program = Main::new(program);
    let (run, _) = Single::runs_of(&program, config).fifo();
    judge(&program, config, run)
}

/// Runs a future `config.runs` times, each time in another order and with another lateness. Runs that
/// failed before and are kept in `config.regressions` are made first. Gives how many runs were made next to those.
///
/// # Errors
///
/// The [`Failure`] of the first run that is not as it should be, shrunk to the fewest departures from
/// "FIFO and on time" that still show it. Also if no run was made, as with `runs(0)`: that would show nothing.
///
/// # Panics
///
/// If a thread cannot be started. A panic of the program is told in the [`Failure`]. So is a call from inside another run
/// or, where tokio stands beside the run, from inside a tokio runtime.
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
/// # Panics
///
/// If a thread cannot be started. A panic of the program is told in the [`Failure`]. So is a call from inside another run
/// or, where tokio stands beside the run, from inside a tokio runtime.
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
        async move { as_async(false, || program()) }
    })
}

/// [`run`] for a program that is a plain function; see [`check_blocking`].
///
/// # Errors
///
/// As for [`run`].
///
/// # Panics
///
/// Never: a panic of the program is told in the [`Failure`]. So is a call from inside another run or, with the feature
/// `tokio`, a tokio runtime.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, block_on, run_blocking, sleep};
/// use std::time::Duration;
///
/// let run = run_blocking(&Config::new(), || block_on(sleep(Duration::from_secs(3)))).unwrap();
/// assert_eq!(run.at.as_nanos(), 3_000_000_000);
/// ```
#[track_caller]
pub fn run_blocking<F, T>(config: &Config, program: F) -> Result<Run, Box<Failure>>
where
    F: Fn() -> T + Send + Sync + 'static,
    T: 'static,
{
    let program = Arc::new(program);
    run(config, move || {
        let program = Arc::clone(&program);
        async move { as_async(false, || program()) }
    })
}

/// [`check`] for a program that is more than one future: makes the runs that are kept in
/// `config.regressions`, then explores.
///
/// # Errors
///
/// As for [`check`].
///
/// # Panics
///
/// If a thread cannot be started. A panic of the program is told in the [`Failure`]. So is a call from inside another run
/// or, where tokio stands beside the run, from inside a tokio runtime.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, check_program, sleep};
/// use std::time::Duration;
///
/// let program = Main::new(|| sleep(Duration::from_secs(1)));
/// assert_eq!(check_program(&program, &Config::new().runs(20)).unwrap(), 20);
/// ```
pub fn check_program<P>(program: &P, config: &Config) -> Result<u64, Box<Failure>>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    checked(program, config, None, &|| false).map(|checked| checked.runs)
}

/// What is to be said of a program that did not fail.
#[derive(Debug)]
pub(crate) struct Checked {
    /// How many runs were made, next to those that were kept.
    pub(crate) runs: u64,
    /// See [`Exploration::fingerprints`](crate::search::Exploration::fingerprints).
    pub(crate) fingerprints: u64,
    /// See [`Exploration::alike`](crate::search::Exploration::alike).
    pub(crate) alike: bool,
    /// Which orders were seen.
    pub(crate) orders: Orders,
    /// What was stated to hold sometimes, and never did.
    pub(crate) never_reached: Vec<&'static str>,
    /// What the runs took from outside.
    pub(crate) leaks: Vec<Leak>,
    /// Of the runs that are kept, those that pass and no longer fit the program: a line for each.
    pub(crate) unfit: Vec<String>,
    /// What else is to be said.
    pub(crate) notes: Vec<String>,
}

/// [`check_program`], until it is told to stop. With `every`, every order is made within these bounds, and none is drawn.
pub(crate) fn checked<P>(
    program: &P,
    config: &Config,
    every: Option<Bounds>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Checked, Box<Failure>>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    Places::begin();
    let Regressed { shown, unfit } = match &config.regressions {
        Some(regressions) => regress(program, config, regressions)?,
        None => Regressed::default(),
    };
    let keeper = Keeper::of(config);
    let watch = Watch {
        first_failure: true,
        found: &|_, run: &Run| keeper.found(run),
        stop,
        ..Watch::default()
    };
    let exploration = match every {
        Some(bounds) => explore_exhaustive(program, config, bounds, &watch),
        None => explore::explore(program, config, &watch),
    };
    if exploration.runs == 0 && !shown {
        return Err(nothing_checked(config, unfit));
    }
    let Some(failing) = exploration.failure() else {
        return held(program, config, exploration, unfit, stop);
    };
    // Without a limit on runs it is of those that were made.
    let made = match (config.runs, every) {
        (u64::MAX, _) => config.first.saturating_add(exploration.runs),
        (_, Some(_)) => exploration.runs,
        (runs, None) => runs,
    };
    let of_made = config.clone().runs(made);
    let mut run = failing.run.clone();
    // Of those that are enumerated none follows from its number.
    let is_drawn = every.is_none();
    if is_drawn && run.nondeterminism.is_none() && failing.number > config.first {
        run.nondeterminism = repeat::outlived(program, config, config.first);
    }
    let mut failure = report(program, &of_made, failing.number, &run);
    failure.notes.splice(0..0, unfit);
    // The run may have failed before it came to use one; a host that is not there it would never have used.
    let misspelt = exploration
        .unused_links
        .iter()
        .filter(|link| link.is_of_nobody());
    failure.notes.extend(misspelt.map(Unused::to_string));
    failure.notes.extend(keeper.reported(&failure));
    Err(Box::new(failure))
}

/// No run failed: what is to be said all the same.
fn held<P: Program>(
    program: &P,
    config: &Config,
    exploration: Exploration<P::Outcome>,
    unfit: Vec<String>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Checked, Box<Failure>> {
    let starved = match exploration.starved {
        true => starved::look(program, config, exploration.runs, stop),
        false => Vec::new(),
    };
    if config.check_starved && !starved.is_empty() {
        return Err(starved_sleeps(config, &starved, unfit));
    }
    let mut notes: Vec<String> = starved.iter().map(NeverEnds::to_string).collect();
    notes.extend(exploration.unused_links.iter().map(Unused::to_string));
    Ok(Checked {
        runs: exploration.runs,
        fingerprints: exploration.fingerprints,
        alike: exploration.alike,
        orders: exploration.orders,
        never_reached: exploration.never_reached(),
        leaks: exploration.leaks,
        unfit,
        notes,
    })
}

/// The failure that a sleep never ended, where no run failed.
fn starved_sleeps(config: &Config, starved: &[NeverEnds], notes: Vec<String>) -> Box<Failure> {
    let mut problem = "no run failed, but this was to be checked (check_starved)".to_owned();
    for sleep in starved {
        problem.push_str(&format!("\n{sleep}"));
    }
    for note in notes {
        problem.push_str(&format!("\nnote: {note}"));
    }
    Box::new(Failure::of_problem(&config.name, problem))
}

/// The failure that no run was made: a check that made none would pass, and would be believed.
fn nothing_checked(config: &Config, notes: Vec<String>) -> Box<Failure> {
    let (first, runs) = (config.first, config.runs);
    let why = match (first, runs) {
        (0, 0) => "runs(0) makes no run".to_owned(),
        _ if first >= runs => format!("first({first}) leaves none of runs({runs})"),
        _ => "no run was made".to_owned(),
    };
    let mut problem = format!("{why}: nothing was checked");
    for note in notes {
        problem.push_str(&format!("\nnote: {note}"));
    }
    Box::new(Failure::of_problem(&config.name, problem))
}

/// Makes the run of a token again, with a trace.
///
/// # Errors
///
/// [`ReplayError::Token`] if it is no token; [`ReplayError::Failure`] if the run fails, as it did
/// when the token was made.
///
/// A run that passes is no error, also where the program has changed so much that the token says nothing of it:
/// [`Run::divergence`] is the first decision of the token that was not there to be taken, if there is one.
///
/// # Panics
///
/// As [`run`].
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, random, replay};
///
/// let die = || async { assert!(random(6) != 3, "a four") };
/// let token = check(&Config::new(), die).unwrap_err().run.token.to_string();
/// let again = replay(&Config::new(), &token, die).unwrap_err();
/// assert!(again.to_string().contains("a four"));
/// assert!(replay(&Config::new(), &token, || async { random(6) }).is_ok(), "it is mended");
/// ```
#[track_caller]
pub fn replay<F, Fut>(config: &Config, token: &str, program: F) -> Result<Run, ReplayError>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let token: Token = token.parse().map_err(ReplayError::Token)?;
    Places::begin();
    let program = Main::new(program);
    let (run, _) = Single::runs_of(&program, config).replay(&token);
    judge(&program, config, run).map_err(ReplayError::Failure)
}

fn judge<P: Program>(program: &P, config: &Config, run: Run) -> Result<Run, Box<Failure>> {
    if program.expects(run.verdict) {
        return Ok(run);
    }
    let run = repeat::repeated(program, config, run);
    Err(Box::new(Failure::new(&*config.name, run)))
}

/// Why a replay did not end well.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Failure, ReplayError, replay};
/// use deadheat::decide::TokenError;
/// use std::error::Error;
///
/// let error = replay(&Config::new(), "dh9:7", || async {}).unwrap_err();
/// assert!(error.source().unwrap().is::<TokenError>());
///
/// let error = replay(&Config::new(), "dh1:7", || async { panic!("no work") }).unwrap_err();
/// assert!(error.source().unwrap().is::<Failure>());
/// ```
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

impl std::error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            ReplayError::Token(error) => error,
            ReplayError::Failure(failure) => &**failure,
        })
    }
}
