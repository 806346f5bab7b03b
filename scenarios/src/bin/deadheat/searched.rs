//! One scenario of `deadheat explore`: how its runs are to be made, and making them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::search::{self, Exploration};
use deadheat::{Bounds, Config, Failure, Mix, Program, Run, Token, Watch};
use deadheat_scenarios::Outcome;
use indicatif::ProgressBar;

use crate::args::{Explore, Explorer};
use crate::explored::Explored;
use crate::input::Input;
use crate::interrupt::{self, Until};
use crate::lines;
use crate::run::replay_line;
use crate::session::Session;

/// Runs of a scenario unless told otherwise.
const EXECUTIONS: u64 = 1_000;
/// The same when every order is wanted.
const EXHAUSTIVE_EXECUTIONS: u64 = 1_000_000;

/// A scenario whose runs are made, of which nothing is told yet.
pub(crate) struct Searched {
    input: Input,
    session: Option<Session>,
    /// How its runs were to be made.
    config: Config,
    exploration: Exploration<Outcome>,
    /// How many runs were made of it before.
    before: u64,
    /// The report of a run that was kept and still fails.
    kept: Option<Failure>,
    notes: Vec<String>,
}

/// Makes the runs of a scenario.
pub(crate) fn search(
    args: &Explore,
    input: Input,
    time: Option<Duration>,
    bar: &ProgressBar,
) -> Result<Searched, String> {
    let session = args.save.as_deref();
    let session = session.map(|folder| Session::open(folder, &input, arguments(args)));
    let mut session = session.transpose()?;
    let config = alone(args, asked_for(args, &input))?;
    let mut notes = Vec::new();
    let mut before = 0;
    let mut kept = None;
    if let Some(session) = &mut session {
        let failing;
        (kept, failing) = made_first(&input, &config, session, &mut notes);
        session.tried(failing);
        before = session.first();
        let anew = session.anew().map(|why| format!("begins anew: {why}"));
        notes.splice(0..0, anew);
    }
    let config = match args.only {
        Some(_) => config,
        None => config.first(before),
    };
    let until = Until::after(time);
    let exploration = explored(args, &input, &config, until, bar, session.as_ref());
    Ok(Searched {
        input,
        session,
        config,
        exploration,
        before,
        kept,
        notes,
    })
}

impl Searched {
    /// What is to be told of it: the report, and the outcomes if they are asked for.
    pub(crate) fn told(self, args: &Explore, command: &str) -> Result<Explored, String> {
        let Searched {
            input,
            session,
            config,
            mut exploration,
            before,
            kept,
            mut notes,
        } = self;
        let lines = match args.json {
            true => lines::of(&input, &config, &exploration.found)?,
            false => Vec::new(),
        };
        let outcomes = std::mem::take(&mut exploration.found).len();
        let config = match args.only {
            Some(_) => config,
            None => config.runs(before.saturating_add(exploration.runs)),
        };
        let failure = || reported(&input, &config, &exploration, session.as_ref());
        let mut failure = kept.or_else(failure);
        if let Some(failure) = &mut failure {
            failure.replay = vec![replay_line(&input, &failure.run, command)];
        }
        if failure.is_none() {
            notes.extend(search::notes(
                &input.program,
                &config,
                &exploration,
                &interrupt::interrupted,
            ));
        }
        Ok(Explored {
            input,
            exploration,
            outcomes,
            lines,
            before,
            failure,
            notes,
            unsaved: session.and_then(|session| session.problem()),
        })
    }
}

fn is_exhaustive(args: &Explore) -> bool {
    args.exhaustive || args.scheduler == Explorer::Exhaustive
}

/// How many runs of each scenario; none is as many as the time allows.
pub(crate) fn executions(args: &Explore) -> Option<u64> {
    match (args.executions, args.time) {
        _ if args.only.is_some() => Some(1),
        (Some(executions), _) => Some(executions),
        (None, Some(_)) => None,
        (None, None) if args.until_quiet => None,
        (None, None) if is_exhaustive(args) => Some(EXHAUSTIVE_EXECUTIONS),
        (None, None) => Some(EXECUTIONS),
    }
}

fn mix(args: &Explore) -> Mix {
    let bounds = match args.late {
        Some(late) => vec![Bounds::late(late)],
        None => vec![Bounds::EXACT, Bounds::late(Bounds::USUAL_LATE)],
    };
    match args.scheduler {
        Explorer::Only(sampler) => Mix::of(bounds.into_iter().map(|bounds| (sampler, bounds))),
        Explorer::Solved => Mix::portfolio(&bounds).solving(2),
        _ => Mix::portfolio(&bounds),
    }
}

/// Everything that the numbered runs of a scenario depend on beside it, for a session. None if they are taken
/// in an order of the search's own, which begins at its beginning each time.
fn arguments(args: &Explore) -> Option<String> {
    let late = args
        .late
        .map_or_else(|| "mixed".to_owned(), |late| format!("{late:?}"));
    let scheduler = match args.scheduler {
        _ if is_exhaustive(args) => return None,
        Explorer::Bounded(_) => return None,
        Explorer::Only(sampler) => sampler.to_string(),
        Explorer::Solved => "solved".to_owned(),
        _ => "portfolio".to_owned(),
    };
    let repeated = if args.check_determinism {
        " repeated"
    } else {
        ""
    };
    let seed = args.seed;
    Some(format!(
        "scheduler {scheduler} late {late} seed {seed}{repeated}"
    ))
}

/// As many threads as there are cores.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How the runs are to be made, but for where they begin.
fn asked_for(args: &Explore, input: &Input) -> Config {
    Config::new()
        .name(input.name())
        .seed(args.seed)
        .runs(executions(args).unwrap_or(u64::MAX))
        .jobs(args.jobs.unwrap_or_else(cores))
        .mix(mix(args))
        .until_quiet(args.until_quiet)
        .every_draw(args.draws)
        .check_determinism(args.check_determinism)
}

/// The report of what an exploration found, which a session keeps.
fn reported(
    input: &Input,
    config: &Config,
    exploration: &Exploration<Outcome>,
    session: Option<&Session>,
) -> Option<Failure> {
    let failing = exploration.failure()?;
    let failure = deadheat::report::report(&input.program, config, failing.number, &failing.run);
    if let Some(session) = session {
        session.reported(&failing.run, &failure, |token| {
            let (run, _) = deadheat::search::Single::of(&input.program, config).replay(token);
            !input.program.expects(run.verdict)
        });
    }
    Some(failure)
}

/// One run alone, if it is asked for.
fn alone(args: &Explore, config: Config) -> Result<Config, String> {
    match (args.only, args.scheduler) {
        (None, _) => Ok(config),
        (Some(_), Explorer::Exhaustive | Explorer::Bounded(_)) => Err(
            "--only is for runs that are drawn: an enumerated one follows from those before it"
                .to_owned(),
        ),
        (Some(number), _) => Ok(config.first(number - 1).runs(number)),
    }
}

/// Makes the runs that are kept; the report of the first that still fails, and how many do. Of the others is told
/// what they show.
fn made_first(
    input: &Input,
    config: &Config,
    session: &Session,
    notes: &mut Vec<String>,
) -> (Option<Failure>, usize) {
    let mut failing = Vec::new();
    let mut passing = 0;
    for token in &session.kept {
        let (run, _) = deadheat::search::Single::of(&input.program, config).replay(token);
        match run.divergence {
            _ if !input.program.expects(run.verdict) => failing.push(token),
            Some(divergence) => notes.push(format!("{token} is kept and passes now; {divergence}")),
            None => passing += 1,
        }
    }
    if passing > 0 {
        notes.push(format!(
            "of the failing runs that are kept {passing} passed now"
        ));
    }
    let report = |token: &&Token| deadheat::report::report_kept(&input.program, config, token);
    match failing.first().and_then(report) {
        Some(failure) => (Some(failure), failing.len()),
        // It does not repeat.
        None => (None, 0),
    }
}

fn explored(
    args: &Explore,
    input: &Input,
    config: &Config,
    until: Until,
    bar: &ProgressBar,
    session: Option<&Session>,
) -> Exploration<Outcome> {
    let stop = || until.reached();
    let is_shown = !bar.is_hidden();
    let progress = || {
        if is_shown {
            bar.inc(1);
        }
    };
    let found = |_, run: &Run| session.into_iter().for_each(|session| session.found(run));
    let last = AtomicU64::new(config.first);
    let done = |made| {
        last.store(made, Ordering::Relaxed);
        session
            .into_iter()
            .for_each(|session| session.done(made, false));
    };
    let watch = Watch {
        stop: &stop,
        progress: &progress,
        found: &found,
        done: &done,
        ..Watch::default()
    };
    let program = &input.program;
    let bounds = Bounds::late(args.late.unwrap_or_default());
    let exploration = match args.scheduler {
        _ if is_exhaustive(args) => deadheat::explore_exhaustive(program, config, bounds, &watch),
        Explorer::Bounded(departures) => {
            deadheat::search::explore_bounded(program, config, bounds, departures, &watch)
        }
        _ => deadheat::explore(program, config, &watch),
    };
    let made = last.into_inner();
    session
        .into_iter()
        .for_each(|session| session.done(made, true));
    exploration
}
