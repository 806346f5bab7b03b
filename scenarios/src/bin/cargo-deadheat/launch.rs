//! Calls cargo, and waits for it: an interruption ends it, and what comes after it is still done.

use std::env;
use std::ffi::OsString;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::arguments::Options;
use crate::drop_in::Patch;
use crate::error::Error;
use crate::guard::Workplace;

/// How long cargo has to end by itself after an interruption, which a terminal gives it too.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// From now on Ctrl-C, a hang-up and a request to end do not end the process, but are told here.
pub(crate) fn on_interrupt() -> Result<Receiver<()>, Error> {
    let (tell, told) = channel();
    ctrlc::set_handler(move || {
        let _ = tell.send(());
    })
    .map_err(|error| Error::new(format!("Ctrl-C cannot be caught: {error}")))?;
    Ok(told)
}

/// Calls cargo with the patch; ends as it ends.
pub(crate) fn cargo(
    options: &Options,
    place: &Workplace,
    patch: &Patch,
    beyond: &[String],
    interrupted: &Receiver<()>,
) -> Result<ExitCode, Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.args(words(options, place, patch));
    command.env("DEADHEAT_GRAPH", "1");
    command.env("DEADHEAT_BEYOND", beyond.join(", "));
    if options.only_deadheat {
        command.env("DEADHEAT_OUTSIDE", "*");
    } else if !options.outside.is_empty() {
        command.env("DEADHEAT_OUTSIDE", options.outside.join(","));
    }
    let child = command.spawn().map_err(|error| {
        Error::new(format!(
            "{} cannot be called: {error}",
            cargo.to_string_lossy()
        ))
    })?;
    Ok(code(wait(child, interrupted)?))
}

/// The arguments of cargo.
fn words(options: &Options, place: &Workplace, patch: &Patch) -> Vec<OsString> {
    let mut words = options.cargo.clone();
    words.extend(["--config".into(), patch.as_config().into()]);
    // A tree is not built, and cargo takes no folder for it.
    if !options.has_target && words[0] != "tree" {
        words.extend(["--target-dir".into(), place.target().into_os_string()]);
    }
    if options.offline {
        words.push("--offline".into());
    }
    if let Some(manifest) = &options.manifest {
        words.extend(["--manifest-path".into(), manifest.into()]);
    }
    words.extend(options.features.iter().cloned());
    words.extend(options.rest.iter().cloned());
    words
}

fn wait(mut child: Child, interrupted: &Receiver<()>) -> Result<Option<ExitStatus>, Error> {
    let lost = |error| Error::new(format!("cargo cannot be waited for: {error}"));
    let mut left = None;
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            return Ok(left.is_none().then_some(status));
        }
        match interrupted.recv_timeout(LOOK) {
            Ok(()) => left = left.or(Some(PATIENCE)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                left = left.map(|left: Duration| left.saturating_sub(LOOK));
            }
        }
        if left == Some(Duration::ZERO) {
            child.kill().map_err(lost)?;
        }
    }
}

/// The exit status: cargo's, or that of an interruption.
fn code(status: Option<ExitStatus>) -> ExitCode {
    let code = status.map_or(Some(130), |status| status.code());
    // Ended by a signal that we did not see.
    let code = code.unwrap_or(101);
    ExitCode::from(u8::try_from(code).unwrap_or(101))
}
