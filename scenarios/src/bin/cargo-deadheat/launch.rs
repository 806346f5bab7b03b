//! Calls cargo with the patch, and tells afterwards what came of the arguments that are ours.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::arguments::Options;
use crate::child::{self, Ended};
use crate::drop_in::Patch;
use crate::error::Error;
use crate::interrupts::{Interrupts, Signal};
use crate::say;
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
    let mut child = child::start(&mut command)?;
    let ended = child::wait(&mut child, interrupts)?;
    if ended.signal.is_none() {
        outside.that_met_none().for_each(|name| {
            say(&format!(
                "--outside {name} left no #[tokio::test] to tokio: none of those that were run and are simulated has \
                 this in its name"
            ));
        });
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

/// Which tests stay outside, and where a test that does so leaves a file by the number of the name that says it.
struct Outside<'a> {
    options: &'a Options,
    met: PathBuf,
}

impl<'a> Outside<'a> {
    fn prepare(options: &'a Options, place: &Workplace) -> Result<Self, Error> {
        let met = place.file("outside");
        let _ = fs::remove_dir_all(&met);
        fs::create_dir_all(&met).map_err(Error::on(&met))?;
        Ok(Outside { options, met })
    }

    fn tell(&self, command: &mut Command) {
        if self.options.only_deadheat {
            command.env("DEADHEAT_OUTSIDE", "*");
        } else if !self.options.outside.is_empty() {
            command.env("DEADHEAT_OUTSIDE", self.options.outside.join(","));
            command.env("DEADHEAT_OUTSIDE_MET", &self.met);
        }
    }

    /// The names that no test has met.
    fn that_met_none(&self) -> impl Iterator<Item = &String> {
        let says = !self.options.only_deadheat;
        let names = self.options.outside.iter().enumerate();
        let names = names.filter(move |(at, _)| says && !self.met.join(at.to_string()).exists());
        names.map(|(_, name)| name)
    }
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
