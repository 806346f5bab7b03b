//! The plain functions for a program that is one future: `run`, `check`, `replay`.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::decide::token::{Token, TokenError};
use crate::engine::plain::as_async;
use crate::engine::program::{Main, Program, Unit};
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::{dullest, fate, nearest, repeat, slack};
use crate::search::config::Config;
use crate::search::explore::{self, Watch};
use crate::search::regressions::{RegressionError, Regressions};
use crate::search::single;

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
    let program = Main::new(program);
    let (run, _) = single::run_fifo(&program, config);
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
/// or, with the feature `tokio`, a tokio runtime.
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
/// or, with the feature `tokio`, a tokio runtime.
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
/// or, with the feature `tokio`, a tokio runtime.
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
    checked(program, config, &|| false).map(|checked| checked.runs)
}

/// What to do about a line of kept runs that cannot be read.
const MEND: &str = "; correct or delete this line: nothing is made, and nothing is written, until the file can be read";

/// What is to be said of a program that did not fail.
#[derive(Debug)]
pub(crate) struct Checked {
    /// How many runs were made, next to those that were kept.
    pub(crate) runs: u64,
    /// See [`Exploration::fingerprints`](crate::Exploration::fingerprints).
    pub(crate) fingerprints: u64,
    /// What was stated to hold sometimes, and never did.
    pub(crate) never_reached: Vec<&'static str>,
    /// What is to be said of runs that are kept.
    pub(crate) notes: Vec<String>,
}

/// [`check_program`], until it is told to stop.
pub(crate) fn checked<P>(
    program: &P,
    config: &Config,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Checked, Box<Failure>>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let Regressed { shown, mut notes } = match &config.regressions {
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
    let exploration = explore::explore(program, config, &watch);
    if exploration.runs == 0 && !shown {
        return Err(nothing_checked(config, notes));
    }
    let Some(found) = exploration.failure() else {
        return Ok(Checked {
            runs: exploration.runs,
            fingerprints: exploration.fingerprints,
            never_reached: exploration.never_reached(),
            notes,
        });
    };
    // Without a limit on runs it is of those that were made.
    let made = match config.runs {
        u64::MAX => config.first.saturating_add(exploration.runs),
        runs => runs,
    };
    let of_made = config.clone().runs(made);
    let mut failure = report(program, &of_made, found.first, &found.run);
    notes.extend(keeper.reported(&failure));
    failure.notes = notes;
    Err(Box::new(failure))
}

/// That no run was made: what would hold of all of none is believed to hold.
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

/// Keeps the first failing run as soon as it is found, and then what it was shrunk to in its place.
///
/// A run that does not repeat is not kept: made first the next time, it would pass and be taken for mended.
struct Keeper<'a> {
    regressions: Option<&'a Regressions>,
    kept: Mutex<Option<(Token, Result<bool, RegressionError>)>>,
}

impl<'a> Keeper<'a> {
    fn of(config: &'a Config) -> Self {
        Keeper {
            regressions: config.regressions.as_ref(),
            kept: Mutex::new(None),
        }
    }

    fn found(&self, run: &Run) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let (None, None, Some(regressions)) = (&*kept, &run.nondeterminism, self.regressions) {
            let result = regressions.keep_new(&run.token, &run.reason());
            *kept = Some((run.token.clone(), result));
        }
    }

    /// Gives what is to be said about it.
    fn reported(self, failure: &Failure) -> Option<String> {
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
struct Regressed {
    /// Whether one of them passed: it shows something.
    shown: bool,
    /// What is to be said of those that no longer fit the program.
    notes: Vec<String>,
}

/// Makes the runs that are kept; the first that fails is the failure.
fn regress<P: Program>(
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
    let mut notes = Vec::new();
    for token in &tokens {
        let (run, _) = single::replay(program, config, token);
        if !program.expects(run.verdict) {
            let mut failure = report_of(program, config, run);
            notes.push(format!("it failed before, and is kept in {path}"));
            failure.notes = notes;
            return Err(Box::new(failure));
        }
        shown |= run.divergence.is_none();
        notes.extend(run.divergence.map(|divergence| {
            format!("{token}: {divergence}; its line in {path} shows nothing any more and may be deleted")
        }));
    }
    Ok(Regressed { shown, notes })
}

/// Makes the run of a token again, with a trace.
///
/// # Errors
///
/// [`ReplayError::Token`] if it is no token; [`ReplayError::Failure`] if the run fails, as it did
/// when the token was made.
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
    let program = Main::new(program);
    let (run, _) = single::replay(&program, config, &token);
    judge(&program, config, run).map_err(ReplayError::Failure)
}

/// The report of a run that was kept because it failed, if it still fails.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore, report_kept};
///
/// let die = Main::new(|| async { assert!(deadheat::random(6) != 3, "a four") });
/// let exploration = explore(&die, &Config::new(), &Watch::default());
/// let found = exploration.failure().unwrap();
/// let report = report_kept(&die, &Config::new(), &found.run.token).unwrap();
/// assert!(report.to_string().contains("a four"));
/// ```
#[must_use = "a report that nobody reads tells nothing"]
pub fn report_kept<P: Program>(program: &P, config: &Config, token: &Token) -> Option<Failure> {
    let (run, _) = single::replay(program, config, token);
    if program.expects(run.verdict) {
        return None;
    }
    Some(report_of(program, config, run))
}

/// The report of a run that failed, as it is: nothing is shrunk.
pub(crate) fn report_of<P: Program>(program: &P, config: &Config, run: Run) -> Failure {
    let mut failure = Failure::new(&*config.name, repeat::repeated(program, config, run));
    if let Some(how) = explain(program, config, &mut failure) {
        failure.run.nondeterminism = Some(how);
        failure = Failure::new(&*config.name, failure.run);
    }
    failure
}

/// Puts into a report what other runs tell about its run. If that does not repeat any more, nothing counts, and
/// why is given.
fn explain<P: Program>(program: &P, config: &Config, failure: &mut Failure) -> Option<String> {
    if !failure.repeats() {
        return None;
    }
    failure.decisive = dullest::decisive(program, config, &failure.run);
    failure.slack = slack::slack(program, config, &failure.run);
    failure.fate = fate::fate(program, config, &failure.run);
    failure.nearest = nearest::nearest(program, config, &failure.run, &failure.decisive);
    repeat::no_more(program, config, &failure.run)
}

/// The report of a failing run that an exploration found: shrunk, traced, reproducible. Of a run that does not
/// repeat it is the report as it failed (see [`Failure::repeats`]).
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore, report};
///
/// let die = Main::new(|| async { assert!(deadheat::random(6) != 3, "a four") });
/// let exploration = explore(&die, &Config::new(), &Watch::default());
/// let found = exploration.failure().unwrap();
/// let report = report(&die, &Config::new(), found.first, &found.run);
/// assert!(report.to_string().contains("a four"));
/// ```
#[must_use = "a report that nobody reads tells nothing"]
pub fn report<P: Program>(program: &P, config: &Config, number: u64, run: &Run) -> Failure {
    let traced = repeat::repeated(program, config, run.clone());
    let mut failure = match traced.nondeterminism {
        Some(_) => Failure::new(&*config.name, traced),
        None => shrunk_report(program, config, run, traced),
    };
    failure.number = Some((number, config.runs));
    failure.scheduler = run.scheduler;
    failure
}

/// The report of what a run that repeats was shrunk to; of the run itself if it does not repeat after all.
fn shrunk_report<P: Program>(program: &P, config: &Config, run: &Run, mut traced: Run) -> Failure {
    let how = match dullest::dullest(program, config, run) {
        Ok(dullest) => {
            let mut failure = Failure::new(&*config.name, dullest);
            failure.departures_before = Some(run.token.tape.len());
            match explain(program, config, &mut failure) {
                None => return failure,
                Some(how) => how,
            }
        }
        Err(how) => how,
    };
    traced.nondeterminism = Some(how);
    Failure::new(&*config.name, traced)
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
/// use deadheat::{Config, Failure, ReplayError, TokenError, replay};
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
