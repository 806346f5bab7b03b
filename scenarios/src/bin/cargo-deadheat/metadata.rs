//! What cargo tells of the workspace, with all the arguments that count for that.

use std::ffi::OsString;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::arguments::Options;
use crate::child;
use crate::error::Error;
use crate::interrupts::Interrupts;
use crate::workplace::Folders;

/// Where the workspace is and where it builds. Nothing is resolved for that, so nothing is asked of the network or of
/// the lock file.
pub(crate) fn folders(options: &Options, interrupts: &Interrupts) -> Result<Folders, Error> {
    let told = ask(options, vec!["--no-deps".into()], interrupts)?;
    Ok(Folders {
        workspace: told.workspace_root.into(),
        target: told.target_directory.into(),
        lock_file: options.lock_file.clone(),
    })
}

/// The graph as the lock file has it. Cargo writes that if it has to, as it does before any build.
pub(crate) fn resolved(options: &Options, interrupts: &Interrupts) -> Result<Metadata, Error> {
    let mut more: Vec<OsString> = Vec::new();
    if options.locked {
        more.push("--locked".into());
    }
    if options.offline {
        more.push("--offline".into());
    }
    // Else cargo wants the packages of every platform there is, also where it is offline.
    for platform in platforms(options, interrupts)? {
        more.extend(["--filter-platform".into(), platform]);
    }
    if let Some(path) = &options.lock_file {
        more.extend(["--lockfile-path".into(), path.into()]);
    }
    more.extend(options.features.iter().cloned());
    ask(options, more, interrupts)
}

fn ask(options: &Options, more: Vec<OsString>, interrupts: &Interrupts) -> Result<Metadata, Error> {
    let mut command = MetadataCommand::new();
    if let Some(manifest) = &options.manifest {
        command.manifest_path(manifest);
    }
    let mut command = command.cargo_command();
    command.args(more).args(&options.settings);
    let told = child::output(&mut command, interrupts)?;
    if !told.status.success() {
        return Err(Error::new(format!(
            "cargo cannot tell the graph of the workspace:\n{}",
            String::from_utf8_lossy(&told.stderr).trim_end()
        )));
    }
    let told = String::from_utf8_lossy(&told.stdout);
    let graph = told.lines().find(|line| line.starts_with('{'));
    MetadataCommand::parse(graph.unwrap_or_default()).map_err(|error| {
        Error::new(format!(
            "cargo cannot tell the graph of the workspace: {error}"
        ))
    })
}

/// The platforms that cargo builds for: the ones it is told, and the one that build scripts and macros run on.
fn platforms(options: &Options, interrupts: &Interrupts) -> Result<Vec<OsString>, Error> {
    let mut platforms = vec![host(interrupts)?.into()];
    platforms.extend(options.targets.iter().cloned());
    if options.targets.is_empty() {
        platforms.extend(std::env::var_os("CARGO_BUILD_TARGET"));
    }
    Ok(platforms)
}

fn host(interrupts: &Interrupts) -> Result<String, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = child::output(Command::new(&rustc).arg("-vV"), interrupts)?;
    let told = String::from_utf8_lossy(&told.stdout);
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Error::new(format!("{} -vV does not say its host", rustc.display())))
}
