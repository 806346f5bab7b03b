//! The `deadheat` command. The only place that reads arguments, the environment, the real clock, and
//! that prints.

mod args;
mod compare;
mod explore;
mod guard;
mod input;
mod list;
mod output;
mod record;
mod replay;
mod run;
mod session;
mod table;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use output::Output;

/// How the command ends. (If a time is over and a run takes no step: `deadheat::witness::ENDED`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// All held.
    Held,
    /// Something failed.
    Failed,
    /// Bad use or bad input.
    BadInput,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Held => 0,
            Status::Failed => 1,
            Status::BadInput => 2,
        })
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::of_process();
    let status = guard::during(&args.command, || match &args.command {
        Command::List(list) => list::list(list, &mut output),
        Command::Run(run) => run::run(run, &mut output),
        Command::Explore(explore) => explore::explore(explore, &mut output),
        Command::Replay(replay) => replay::replay(replay, &mut output),
        Command::Compare(compare) => compare::compare(compare, &mut output),
    });
    match status {
        Ok(status) => status.into(),
        // Whoever read our output has gone: there is nobody left to tell.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Status::Held.into(),
        Err(error) => {
            output.problem(&format!("cannot write the output: {error}"));
            Status::BadInput.into()
        }
    }
}
