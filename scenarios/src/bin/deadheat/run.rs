//! `deadheat run`: each scenario once.

use std::io;

use deadheat::search::Single;
use deadheat::{Bounds, Config, Failure, Program, Run as OneRun};
use deadheat_scenarios::Outcome;
use rayon::prelude::*;

use crate::Status;
use crate::args::Run;
use crate::input::{self, Input, InputError};
use crate::output::{self, Output};
use crate::record::Record;
use crate::watched;

/// Files are read and run this many at a time, so that memory does not grow with their number.
const CHUNK: usize = 256;

struct Played {
    input: Input,
    run: OneRun,
    outcome: Option<Outcome>,
}

pub(crate) fn run(args: &Run, output: &mut Output) -> io::Result<Status> {
    let mut status = Status::Held;
    let command = output.command().to_owned();
    for chunk in args.inputs.chunks(CHUNK) {
        let played: Vec<_> = chunk
            .par_iter()
            .map(|argument| play(args, argument, &command))
            .collect();
        for (argument, played) in chunk.iter().zip(played) {
            status = status.max(show(args, argument, &played, output)?);
        }
    }
    Ok(status)
}

fn play(args: &Run, argument: &str, command: &str) -> Result<Played, InputError> {
    let input = input::open(argument)?;
    let config = Config::new()
        .name(input.name())
        .seed(args.seed)
        .trace(args.trace);
    let bounds = Bounds::late(args.late);
    let scheduler = args.scheduler.scheduler();
    let (run, outcome) = watched::watch(input.name(), argument, command, || {
        Single::of(&input.program, &config).scheduled(bounds, scheduler)
    });
    Ok(Played {
        input,
        run,
        outcome,
    })
}

fn show(
    args: &Run,
    argument: &str,
    played: &Result<Played, InputError>,
    output: &mut Output,
) -> io::Result<Status> {
    let Played {
        input,
        run,
        outcome,
    } = match played {
        Ok(played) => played,
        Err(error) => {
            if args.json {
                let error = error.to_string();
                output.json(&serde_json::json!({ "file": argument, "error": error }))?;
            }
            error.tell(output);
            return Ok(Status::BadInput);
        }
    };
    let held = input.program.expects(run.verdict);
    if !held {
        let failure = failure(input, run.clone(), output.command());
        output.annotate(input.name(), input.file(), &failure);
    }
    if args.json {
        output.json(&Record::of(input.name(), run, outcome.as_ref()))?;
    } else {
        text(input, run, outcome.as_ref(), held, output)?;
    }
    Ok(if held { Status::Held } else { Status::Failed })
}

fn text(
    input: &Input,
    run: &OneRun,
    outcome: Option<&Outcome>,
    held: bool,
    output: &mut Output,
) -> io::Result<()> {
    let name = input.name();
    output.line(format_args!(
        "{name}: {} at {}, {} steps",
        run.verdict, run.at, run.steps
    ))?;
    if let Some(outcome) = outcome {
        for task in &outcome.tasks {
            let at = task
                .at_ns
                .map_or_else(String::new, |nanos| format!(" at {}", time(nanos)));
            output.line(format_args!("  task  {}  {}{at}", task.name, task.end))?;
        }
        for scope in &outcome.scopes {
            let when = scope.when_ns.map_or_else(|| "none".to_owned(), time);
            output.line(format_args!(
                "  scope {}  {}, deadline {when}",
                scope.name, scope.state
            ))?;
        }
        for line in &outcome.log {
            output.line(format_args!(
                "  log   {}  {}: {}",
                time(line.at_ns),
                line.task,
                line.text
            ))?;
        }
    }
    if let Some(trace) = &run.trace {
        output.text(trace)?;
    }
    if !held {
        output.line("")?;
        let failure = failure(input, run.clone(), output.command());
        output.report(&failure)?;
    }
    Ok(())
}

fn time(nanos: i64) -> String {
    deadheat::Instant::from_nanos(nanos).to_string()
}

/// The report of a failing run, with the line that reproduces it from a shell.
pub(crate) fn failure(input: &Input, run: OneRun, command: &str) -> Failure {
    let line = replay_line(input, &run, command);
    let mut failure = Failure::new(input.name(), run);
    failure.replay = vec![line];
    failure
}

/// The line that reproduces a run from a shell.
pub(crate) fn replay_line(input: &Input, run: &OneRun, command: &str) -> String {
    format!(
        "{command} replay {} '{}'",
        output::argument(&input.argument),
        run.token
    )
}
