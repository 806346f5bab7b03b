//! Calls cargo with the patch, and ends as it ends.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::arguments::Options;
use crate::child::{self, Ended};
use crate::drop_in::Patch;
use crate::error::Error;
use crate::interrupts::{Interrupts, Signal};
use crate::notes::Notes;
use crate::outside::Outside;
use crate::workplace::Workplace;

/// Calls cargo with the patch; ends as it ends.
pub(crate) fn cargo(
    options: &Options,
    place: &Workplace,
    patch: &Patch,
    beyond: &[String],
    interrupts: &Interrupts,
) -> Result<ExitCode, Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.args(words(options, place, patch));
    command.env("DEADHEAT_GRAPH", "1");
    command.env("DEADHEAT_BEYOND", beyond.join(", "));
    let outside = Outside::prepare(options, place)?;
    outside.tell(&mut command);
    let notes = Notes::prepare(place)?;
    notes.tell(&mut command);
    let mut child = child::start(&mut command)?;
    let ended = child::wait(&mut child, interrupts)?;
    if ended.signal.is_none() {
        notes.say();
        outside.say_what_met_none();
    }
    Ok(code(&ended))
}

/// The folder in which cargo builds, if it does and if we have a say in it: a tree is not built, and cargo takes no
/// folder for it.
pub(crate) fn built_in(options: &Options, place: &Workplace) -> Option<PathBuf> {
    let own = || place.build().to_path_buf();
    (options.cargo[0] != "tree").then(|| options.target.clone().unwrap_or_else(own))
}

/// The arguments of cargo.
fn words(options: &Options, place: &Workplace, patch: &Patch) -> Vec<OsString> {
    let mut words = options.cargo.clone();
    words.extend(options.settings.iter().cloned());
    words.extend(["--config".into(), patch.as_config().into()]);
    if let Some(folder) = built_in(options, place) {
        words.extend(["--target-dir".into(), folder.into()]);
    }
    if options.offline {
        words.push("--offline".into());
    }
    if let Some(manifest) = &options.manifest {
        words.extend(["--manifest-path".into(), manifest.into()]);
    }
    if let Some(path) = &options.lock_file {
        words.extend(["--lockfile-path".into(), path.into()]);
    }
    words.extend(options.features.iter().cloned());
    words.extend(options.rest.iter().cloned());
    words
}

/// The exit status: cargo's, or that of a signal.
fn code(ended: &Ended) -> ExitCode {
    let of_signal = || {
        ended
            .signal
            .or_else(|| killed_by(ended))
            .map(Signal::exit_status)
    };
    let code = ended.status.code().or_else(of_signal).unwrap_or(101);
    ExitCode::from(u8::try_from(code).unwrap_or(101))
}

#[cfg(unix)]
fn killed_by(ended: &Ended) -> Option<Signal> {
    std::os::unix::process::ExitStatusExt::signal(&ended.status).map(Signal)
}

#[cfg(not(unix))]
fn killed_by(_ended: &Ended) -> Option<Signal> {
    None
}
