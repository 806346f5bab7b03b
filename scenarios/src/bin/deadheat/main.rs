//! The `deadheat` command. The only place that reads arguments, the environment, the real clock, and
//! that prints.

mod args;
mod compare;
mod drawn;
mod explore;
mod explored;
mod identity;
mod input;
mod interrupt;
mod lines;
mod list;
mod output;
mod progress;
mod record;
mod replay;
mod run;
mod searched;
mod session;
mod table;
mod watched;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use output::Output;

/// How the command ends. (If a time is over and a run takes no step: `deadheat::witness::ENDED`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// All is as it should be.
    Held,
    /// Ctrl-C ended it, and nothing had failed by then.
    Interrupted,
    /// Something failed, or of something nothing was shown.
    Failed,
    /// Bad use or bad input, or something could not be written.
    BadInput,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Held => 0,
            Status::Failed => 1,
            Status::BadInput => 2,
            // As a shell tells it of a process that the signal ended.
            Status::Interrupted => 130,
        })
    }
}

fn main() -> ExitCode {
    let mut output = Output::of_process();
    let ended = match Args::try_parse() {
        Ok(args) => watched::during(&args.command, || obey(&args.command, &mut output)),
        Err(told) => output.usage(&told),
    };
    output.finish(ended).into()
}

fn obey(command: &Command, output: &mut Output) -> io::Result<Status> {
    match command {
        Command::List(list) => list::list(list, output),
        Command::Run(run) => run::run(run, output),
        Command::Explore(explore) => explore::explore(explore, output),
        Command::Replay(replay) => replay::replay(replay, output),
        Command::Compare(compare) => compare::compare(compare, output),
    }
}
