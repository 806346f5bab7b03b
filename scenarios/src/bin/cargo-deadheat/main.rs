//! The `cargo deadheat` command: cargo, with the whole graph of a workspace on the simulation.
//!
//! A package that is named `tokio` and is the drop-in takes the place of tokio in every dependency, for the time of one
//! command. Nothing of the workspace stays changed.

mod arguments;
mod child;
mod commands;
mod drop_in;
mod error;
mod graph;
mod init;
mod interrupts;
mod launch;
mod line_ends;
mod lockfile;
mod metadata;
mod notes;
mod outside;
mod saved;
mod workplace;

use std::process::ExitCode;

use arguments::{Command, Options};
use error::Error;
use graph::Graph;
use interrupts::Interrupts;
use saved::Saved;
use workplace::Workplace;

fn main() -> ExitCode {
    let told = arguments::read(std::env::args_os().skip(1)).and_then(|command| match command {
        Command::Help => {
            print(&commands::help());
            Ok(ExitCode::SUCCESS)
        }
        Command::Version => {
            print(concat!("cargo-deadheat ", env!("CARGO_PKG_VERSION"), "\n"));
            Ok(ExitCode::SUCCESS)
        }
        Command::Init(options) => init(&options, &interrupts()?),
        Command::Cargo(options) => cargo(&options, &interrupts()?),
    });
    told.unwrap_or_else(|error| match error {
        Error::Interrupted(signal) => {
            ExitCode::from(u8::try_from(signal.exit_status()).unwrap_or(101))
        }
        Error::Told(_) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    })
}

fn interrupts() -> Result<Interrupts, Error> {
    Interrupts::catch().map_err(|error| Error::new(format!("Ctrl-C cannot be caught: {error}")))
}

/// The workplace of the workspace, for this command alone, with the manifest and the lock file as they were before any
/// command of ours.
fn enter(options: &Options, interrupts: &Interrupts) -> Result<(Workplace, init::Manifest), Error> {
    let folders = metadata::folders(options, interrupts)?;
    let place = Workplace::enter(&folders, interrupts, || {
        say("waits for another cargo deadheat in this workspace")
    })?;
    let manifest = place.manifest();
    let left = saved::put_back_what_was_left(&place, &manifest, init::is_made)?;
    // Who takes the patch out of the manifest for a time takes it out of the lock file as well.
    let was_midway = left.as_ref().is_some_and(|left| left.is_put_back);
    let is_made = |was: &[u8], now: &[u8]| was_midway || lockfile::is_made(was, now);
    let of_lock_file = saved::put_back_what_was_left(&place, place.lock_file(), is_made)?;
    for left in left.iter().chain(&of_lock_file) {
        say(&left.told);
    }
    let manifest = init::Manifest::read(manifest)?;
    if !manifest.has_ours() && lockfile::has_patch(&place) {
        lockfile::take_patch_out(&place)?;
        tidy(options, interrupts)?;
        say("Cargo.lock had a patch of ours, and Cargo.toml has none: it is taken out");
    }
    Ok((place, manifest))
}

/// Lets cargo write the lock file as it would have written it; where it cannot, it does so when it is next called.
fn tidy(options: &Options, interrupts: &Interrupts) -> Result<(), Error> {
    match metadata::resolved(options, interrupts) {
        Err(Error::Told(_)) | Ok(_) => Ok(()),
        Err(interrupted) => Err(interrupted),
    }
}

/// Runs cargo with the drop-in in tokio's place.
fn cargo(options: &Options, interrupts: &Interrupts) -> Result<ExitCode, Error> {
    let (place, manifest) = enter(options, interrupts)?;
    manifest.refuse_ours()?;
    // First of all: to tell the graph, cargo may write the lock file.
    let _saved = Saved::of(&place, place.lock_file())?;
    let graph = Graph::of(options, interrupts)?;
    let patch = drop_in::write(&graph, &place)?;
    let built_in = launch::built_in(options, &place).map(|folder| place.shown(&folder));
    say(&graph.in_one_line(built_in.as_deref()));
    launch::cargo(options, &place, &patch, &graph.own_time, interrupts)
}

/// Writes the patch into the manifest of the workspace, or takes it out.
fn init(options: &Options, interrupts: &Interrupts) -> Result<ExitCode, Error> {
    let (place, manifest) = enter(options, interrupts)?;
    if options.removes {
        say(manifest.take_out()?);
        if lockfile::has_patch(&place) {
            lockfile::take_patch_out(&place)?;
            tidy(options, interrupts)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let patch = {
        // Without a patch that is there: what it points to may be another machine's.
        let _without = manifest.without_ours(&place)?;
        let _saved = Saved::of(&place, place.lock_file())?;
        if lockfile::has_patch(&place) {
            lockfile::take_patch_out(&place)?;
        }
        drop_in::write(&Graph::of(options, interrupts)?, &place)?
    };
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
