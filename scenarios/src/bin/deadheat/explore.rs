//! `deadheat explore`: each scenario many times.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::{Bounds, Config, Exploration, Failure, Mix, Run, Watch};
use deadheat_scenarios::Outcome;
use indicatif::ProgressBar;
use serde::Serialize;

use crate::Status;
use crate::args::{Explore, Explorer};
use crate::guard;
use crate::input::{self, Input};
use crate::output::Output;
use crate::record::Record;
use crate::run::replay_line;
use crate::session::Session;
use crate::table::Table;
use crate::watch::{self, Until};

/// Runs of a scenario unless told otherwise.
const EXECUTIONS: u64 = 1_000;
/// The same when every order is wanted.
const EXHAUSTIVE_EXECUTIONS: u64 = 1_000_000;
/// How late things may be in half of the runs unless told otherwise.
const LATE: Duration = Duration::from_millis(1);

/// A scenario and what was found of it.
struct Explored {
    input: Input,
    exploration: Exploration<Outcome>,
    failure: Option<Failure>,
    /// Why something could not be saved that was to be.
    unsaved: Option<String>,
}

impl Explored {
    /// The bugs of the catalogue and the museum are to be found, everything else is to hold.
    fn as_it_should_be(&self, everything: bool) -> bool {
        self.failure.is_some() == (self.input.bug.is_some() && everything)
    }

    fn verdict(&self) -> String {
        match (self.input.bug, self.failure.is_some()) {
            (Some(bug), true) => format!("{bug} found"),
            (Some(bug), false) => format!("{bug} NOT found"),
            (None, true) => "FAILED".to_owned(),
            (None, false) if self.exploration.complete => "holds in every order".to_owned(),
            (None, false) => "holds".to_owned(),
        }
    }
}

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
    watch::listen();
    let count = inputs.len();
    let bar =
        watch::bar(executions(args).map(|executions| executions.saturating_mul(count as u64)));
    let mut status = Status::Held;
    let mut all = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        match input {
            Err(error) => {
                bar.suspend(|| error.tell(output));
                status = Status::BadInput;
            }
            Ok(_) if watch::interrupted() => {}
            Ok(input) => {
                bar.set_message(input.argument.clone());
                let share = args
                    .time
                    .map(|time| time / u32::try_from(count).unwrap_or(u32::MAX));
                let (name, argument) = (input.name().to_owned(), input.argument.clone());
                let one = || one(args, input, Until::after(share), &bar, output);
                match guard::watch(&name, &argument, output.command(), one) {
                    Ok(explored) => {
                        if let Some(problem) = &explored.unsaved {
                            bar.suspend(|| output.problem(problem));
                            status = Status::BadInput;
                        }
                        all.push(explored);
                    }
                    Err(problem) => {
                        bar.suspend(|| output.problem(&problem));
                        status = Status::BadInput;
                    }
                }
                bar.set_position(
                    executions(args)
                        .unwrap_or(0)
                        .saturating_mul(index as u64 + 1),
                );
            }
        }
    }
    bar.finish_and_clear();
    if all
        .iter()
        .any(|explored| !explored.as_it_should_be(everything))
    {
        status = status.max(Status::Failed);
    }
    if args.json {
        as_json(&all, output)?
    } else {
        as_text(&all, everything, args.until_quiet, output)?
    }
    Ok(status)
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
        None => vec![Bounds::EXACT, Bounds::late(LATE)],
    };
    match args.scheduler {
        Explorer::Only(sampler) => Mix::of(bounds.into_iter().map(|bounds| (sampler, bounds))),
        _ => Mix::portfolio(&bounds),
    }
}

/// Everything that the runs of a scenario depend on beside it, for a session.
fn arguments(args: &Explore) -> String {
    let late = args
        .late
        .map_or_else(|| "mixed".to_owned(), |late| format!("{late:?}"));
    let (scheduler, seed) = (args.scheduler, args.seed);
    format!("scheduler {scheduler:?} late {late} seed {seed}")
}

fn one(
    args: &Explore,
    input: Input,
    until: Until,
    bar: &ProgressBar,
    output: &Output,
) -> Result<Explored, String> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let session = args.save.as_deref();
    let session = session.map(|folder| Session::open(folder, &input.argument, arguments(args)));
    let session = session.transpose()?;
    let config = Config::new()
        .name(input.name())
        .seed(args.seed)
        .runs(executions(args).unwrap_or(u64::MAX))
        .first(session.as_ref().map_or(0, |session| session.first))
        .jobs(args.jobs.unwrap_or_else(cores))
        .mix(mix(args))
        .until_quiet(args.until_quiet)
        .check_determinism(args.check_determinism);
    let config = alone(args, config)?;
    let kept = match &session {
        Some(session) => kept(&input, &config, session)?,
        None => None,
    };
    let exploration = search(args, &input, &config, until, bar, session.as_ref());
    let mut failure = kept.or_else(|| {
        let found = exploration.failure()?;
        let config = config.clone().runs(config.first + exploration.runs);
        let failure = deadheat::report(&input.program, &config, found.first, &found.run);
        if let Some(session) = &session {
            session.shrunk(&found.run, &failure.run);
        }
        Some(failure)
    });
    if let Some(failure) = &mut failure {
        failure.replay = vec![replay_line(&input, &failure.run, output.command())];
    }
    Ok(Explored {
        input,
        exploration,
        failure,
        unsaved: session.and_then(|session| session.problem()),
    })
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

/// The first of the runs that are kept that still fails.
fn kept(input: &Input, config: &Config, session: &Session) -> Result<Option<Failure>, String> {
    let tokens = session.regressions().load();
    for token in tokens.map_err(|error| error.to_string())? {
        if let Some(failure) = deadheat::report_kept(&input.program, config, &token) {
            return Ok(Some(failure));
        }
    }
    Ok(None)
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
            deadheat::explore_bounded(program, config, bounds, departures, &watch)
        }
        _ => deadheat::explore(program, config, &watch),
    };
    let made = last.into_inner();
    session
        .into_iter()
        .for_each(|session| session.done(made, true));
    exploration
}

fn as_json(all: &[Explored], output: &mut Output) -> io::Result<()> {
    for Explored {
        input, exploration, ..
    } in all
    {
        for found in &exploration.found {
            output.json(&Line {
                scenario: input.name(),
                outcome: Record::of(input.name(), &found.run, found.outcome.as_ref()),
                count: found.count,
                replay: found.run.token.to_string(),
            })?;
        }
    }
    output.json(&Last {
        summary: Summary {
            runs: all.iter().map(|explored| explored.exploration.runs).sum(),
            failed: all
                .iter()
                .filter(|explored| explored.failure.is_some())
                .count(),
            interrupted: watch::interrupted(),
            scenarios: all.iter().map(ScenarioSummary::of).collect(),
        },
    })
}

/// One distinct outcome.
#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    outcome: Record<'a>,
    count: u64,
    replay: String,
}

#[derive(Serialize)]
struct Last<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    runs: u64,
    failed: usize,
    interrupted: bool,
    scenarios: Vec<ScenarioSummary<'a>>,
}

#[derive(Serialize)]
struct ScenarioSummary<'a> {
    scenario: &'a str,
    input: &'a str,
    runs: u64,
    outcomes: usize,
    complete: bool,
    unlisted: u64,
    verdict: String,
    first_failing_run: Option<u64>,
    replay: Option<String>,
}

impl<'a> ScenarioSummary<'a> {
    fn of(explored: &'a Explored) -> Self {
        let Explored {
            input,
            exploration,
            failure,
            ..
        } = explored;
        let number = failure.as_ref().and_then(|failure| failure.number);
        ScenarioSummary {
            scenario: input.name(),
            input: &input.argument,
            runs: exploration.runs,
            outcomes: exploration.found.len(),
            complete: exploration.complete,
            unlisted: exploration.unlisted,
            verdict: explored.verdict(),
            first_failing_run: number.map(|(number, _)| number),
            replay: failure
                .as_ref()
                .map(|failure| failure.run.token.to_string()),
        }
    }
}

/// What a search that went on until it was quiet has and has not seen.
fn quiet(explored: &Explored) -> String {
    let exploration = &explored.exploration;
    let covered = exploration.coverage;
    format!(
        "{}: nothing new since run {}; of {} pairs of a timer and a turn {} met, and {} were seen both ways round and never met",
        explored.input.argument,
        exploration.last_new,
        covered.pairs,
        covered.tied,
        covered.never_tied
    )
}

fn as_text(
    all: &[Explored],
    everything: bool,
    until_quiet: bool,
    output: &mut Output,
) -> io::Result<()> {
    for explored in all {
        let wanted = explored.as_it_should_be(everything);
        if let (Some(failure), false) = (&explored.failure, wanted) {
            output.line(failure)?;
        }
    }
    let mut table = Table::new(&[
        "scenario",
        "runs",
        "outcomes",
        "verdict",
        "first",
        "reproduce with",
    ]);
    for explored in all {
        let failure = explored.failure.as_ref();
        table.row([
            explored.input.argument.clone(),
            explored.exploration.runs.to_string(),
            explored.exploration.found.len().to_string(),
            explored.verdict(),
            first_seen(failure),
            failure.map_or_else(String::new, |failure| failure.replay.join(" ")),
        ]);
    }
    output.text(table)?;
    for explored in all.iter().filter(|_| until_quiet) {
        output.line(quiet(explored))?;
    }
    if watch::interrupted() {
        output.line("interrupted: this is what was found so far")?;
    }
    Ok(())
}

/// In which run a failure was seen first; one that was kept is from an earlier exploration.
fn first_seen(failure: Option<&Failure>) -> String {
    match failure.map(|failure| failure.number) {
        Some(Some((number, _))) => format!("run {}", number + 1),
        Some(None) => "kept".to_owned(),
        None => String::new(),
    }
}
