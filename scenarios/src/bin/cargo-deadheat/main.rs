//! The `cargo deadheat` command: cargo, with the whole graph of a workspace on the simulation.
//!
//! A package that is named `tokio` and is the drop-in takes the place of tokio in every dependency, for the time of one
//! command. Nothing of the workspace stays changed.

mod arguments;
mod drop_in;
mod error;
mod graph;
mod guard;
mod init;
mod launch;
mod lockfile;

use std::process::ExitCode;

use arguments::{Command, Options};
use error::Error;
use graph::Graph;
use guard::Workplace;

fn main() -> ExitCode {
    let told = arguments::read(std::env::args_os().skip(1)).and_then(|command| match command {
        Command::Help => {
            print(arguments::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Command::Version => {
            print(concat!("cargo-deadheat ", env!("CARGO_PKG_VERSION"), "\n"));
            Ok(ExitCode::SUCCESS)
        }
        Command::Init(options) => init(&options),
        Command::Cargo(options) => cargo(&options),
    });
    told.unwrap_or_else(|error| {
        say(&format!("error: {error}"));
        ExitCode::from(2)
    })
}

/// The workplace of the workspace, for this command alone, with the lock file as it was before any command of ours.
fn enter(options: &Options) -> Result<Workplace, Error> {
    let folders = graph::folders(options)?;
    let place = Workplace::enter(&folders, || {
        say("waits for another cargo deadheat in this workspace")
    })?;
    if let Some(told) = lockfile::put_back_what_was_left(&place)? {
        say(&told);
    }
    Ok(place)
}

/// Runs cargo with the drop-in in tokio's place.
fn cargo(options: &Options) -> Result<ExitCode, Error> {
    let interrupted = launch::on_interrupt()?;
    let place = enter(options)?;
    let graph = Graph::of(options)?;
    let patch = drop_in::write(&graph, &place)?;
    let _saved = lockfile::Saved::of(&place)?;
    say(&graph.in_one_line(&place));
    launch::cargo(options, &place, &patch, &graph.own_time, &interrupted)
}

/// Writes the patch into the manifest of the workspace, or takes it out.
fn init(options: &Options) -> Result<ExitCode, Error> {
    let place = enter(options)?;
    let manifest = init::Manifest::read(&place)?;
    if options.removes {
        say(manifest.take_out()?);
        return Ok(ExitCode::SUCCESS);
    }
    // Without a patch that is there: what it points to may be another machine's.
    let patch = manifest.without_ours(|| drop_in::write(&Graph::of(options)?, &place))?;
    say(&manifest.put_in(&place, &patch)?);
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "what was asked for")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "the command's own lines, beside cargo's"
)]
fn say(text: &str) {
    eprintln!("cargo deadheat: {text}");
}
