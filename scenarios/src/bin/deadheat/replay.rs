//! `deadheat replay`: the run of a token, with its trace.

use std::io;

use deadheat::search::Single;
use deadheat::{Config, Program, Token};

use crate::Status;
use crate::args::{Replay, TraceForm};
use crate::drawn::drawn;
use crate::input;
use crate::output::Output;
use crate::run::failure;
use crate::watched;

pub(crate) fn replay(args: &Replay, output: &mut Output) -> io::Result<Status> {
    let input = match input::open(&args.input) {
        Ok(input) => input,
        Err(error) => {
            error.tell(output);
            return Ok(Status::BadInput);
        }
    };
    let token: Token = match args.token.parse() {
        Ok(token) => token,
        Err(error) => {
            output.problem(&format!("{error}"));
            return Ok(Status::BadInput);
        }
    };
    let config = Config::new().name(input.name());
    let (run, _) = watched::watch(input.name(), &args.input, output.command(), || {
        Single::of(&input.program, &config).replay(&token)
    });
    let held = input.program.expects(run.verdict);
    let fits = run.divergence.is_none() || !args.strict;
    let status = if held && fits {
        Status::Held
    } else {
        Status::Failed
    };
    let trace = run.trace.clone().unwrap_or_default();
    let note = run.divergence.map(|divergence| match held {
        true => format!("passes now; {divergence}"),
        false => divergence.to_string(),
    });
    let note = note.or_else(|| run.stale.then(stale));
    if let (Some(note), false) = (&note, args.trace == TraceForm::Text) {
        output.note(note);
    }
    match args.trace {
        form @ (TraceForm::Json | TraceForm::Perfetto | TraceForm::Html) => {
            output.text(drawn(&input, &config, &run, form, output.command()))?;
        }
        TraceForm::Text => {
            output.text(&trace)?;
            output.line("")?;
            if held {
                output.line(format_args!(
                    "{}: {} at {}",
                    input.name(),
                    run.verdict,
                    run.at
                ))?;
                if let Some(note) = note {
                    output.line(format_args!("note: {note}"))?;
                }
            } else {
                let failure = failure(&input, run, output.command());
                output.report(&failure)?;
            }
        }
    }
    Ok(status)
}

fn stale() -> String {
    "what happened is not what the token says: the scenario has changed since".to_owned()
}
