//! `deadheat explore`: each scenario many times.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::search::Exploration;
use deadheat::{Bounds, Config, Failure, Mix, Program, Run, Token, Watch};
use deadheat_scenarios::Outcome;
use indicatif::ProgressBar;

use crate::Status;
use crate::args::{Explore, Explorer};
use crate::explored::{self, Explored};
use crate::input::{self, Input};
use crate::interrupt::{self, Until};
use crate::output::Output;
use crate::run::replay_line;
use crate::session::Session;
use crate::watched;

/// Runs of a scenario unless told otherwise.
const EXECUTIONS: u64 = 1_000;
/// The same when every order is wanted.
const EXHAUSTIVE_EXECUTIONS: u64 = 1_000_000;

pub(crate) fn explore(args: &Explore, output: &mut Output) -> io::Result<Status> {
    let everything = args.inputs.is_empty();
    let inputs = if everything {
        input::everything()
    } else {
        args.inputs
            .iter()
            .map(|argument| input::open(argument))
            .collect()
    };
    interrupt::listen();
    let count = inputs.len();
    let bar =
        interrupt::bar(executions(args).map(|executions| executions.saturating_mul(count as u64)));
    let mut status = Status::Held;
    let mut all = Vec::new();
    let mut skipped = 0;
    for (index, input) in inputs.into_iter().enumerate() {
        match input {
            Err(error) => {
                bar.suspend(|| error.tell(output));
                status = Status::BadInput;
            }
            Ok(_) if interrupt::interrupted() => skipped += 1,
            Ok(input) => {
                bar.set_message(input.argument.clone());
                let share = args
                    .time
                    .map(|time| time / u32::try_from(count).unwrap_or(u32::MAX));
                let (name, argument) = (input.name().to_owned(), input.argument.clone());
                let one = || one(args, input, share, &bar, output);
                let explored = watched::watch(&name, &argument, output.command(), one);
                status = status.max(bar.suspend(|| unfinished(explored.as_ref(), output)));
                all.extend(explored);
                bar.set_position(
                    executions(args)
                        .unwrap_or(0)
                        .saturating_mul(index as u64 + 1),
                );
            }
        }
    }
    bar.finish_and_clear();
    if skipped > 0 {
        output.problem(&format!(
            "interrupted: of {count} scenarios {skipped} were not explored"
        ));
        status = status.max(Status::Failed);
    }
    let wanted = |explored: &Explored| explored.as_it_should_be(everything);
    if !all.iter().all(wanted) {
        status = status.max(Status::Failed);
    }
    if args.json {
        explored::as_json(&all, output)?
    } else {
        explored::as_text(&all, everything, args.until_quiet, output)?
    }
    Ok(status)
}

/// Says what could not be done, or kept, of an exploration; the status for that.
fn unfinished(explored: Result<&Explored, &String>, output: &mut Output) -> Status {
    let explored = match explored {
        Ok(explored) => explored,
        Err(problem) => {
            output.problem(problem);
            return Status::BadInput;
        }
    };
    if explored.is_unshown() {
        let name = &explored.input.argument;
        output.problem(&format!("{name}: no run was made, so nothing was shown"));
    }
    match &explored.unsaved {
        Some(problem) => {
            output.problem(problem);
            Status::BadInput
        }
        None => Status::Held,
    }
}

fn is_exhaustive(args: &Explore) -> bool {
    args.exhaustive || args.scheduler == Explorer::Exhaustive
}

/// How many runs of each scenario; none is as many as the time allows.
fn executions(args: &Explore) -> Option<u64> {
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

fn one(
    args: &Explore,
    input: Input,
    time: Option<Duration>,
    bar: &ProgressBar,
    output: &Output,
) -> Result<Explored, String> {
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
    let exploration = search(args, &input, &config, until, bar, session.as_ref());
    let config = match args.only {
        Some(_) => config,
        None => config.runs(before.saturating_add(exploration.runs)),
    };
    let mut failure = kept.or_else(|| reported(&input, &config, &exploration, session.as_ref()));
    if let Some(failure) = &mut failure {
        failure.replay = vec![replay_line(&input, &failure.run, output.command())];
    }
    Ok(Explored {
        input,
        exploration,
        before,
        failure,
        notes,
        unsaved: session.and_then(|session| session.problem()),
    })
}

/// How the runs are to be made, but for where they begin.
fn asked_for(args: &Explore, input: &Input) -> Config {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    Config::new()
        .name(input.name())
        .seed(args.seed)
        .runs(executions(args).unwrap_or(u64::MAX))
        .jobs(args.jobs.unwrap_or_else(cores))
        .mix(mix(args))
        .until_quiet(args.until_quiet)
        .check_determinism(args.check_determinism)
}

/// The report of what an exploration found, which a session keeps.
fn reported(
    input: &Input,
    config: &Config,
    exploration: &Exploration<Outcome>,
    session: Option<&Session>,
) -> Option<Failure> {
    let found = exploration.failure()?;
    let failure = deadheat::report::report(&input.program, config, found.first, &found.run);
    if let Some(session) = session {
        session.reported(&found.run, &failure, |token| {
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
            Some(divergence) => notes.push(format!(
                "{token} is kept and shows nothing any more: {divergence}"
            )),
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

fn search(
    args: &Explore,
    input: &Input,
    config: &Config,
    until: Until,
    bar: &ProgressBar,
    session: Option<&Session>,
) -> Exploration<Outcome> {
    let stop = || until.reached();
    let progress = || bar.inc(1);
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
