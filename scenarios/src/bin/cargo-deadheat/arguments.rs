//! The arguments: a few of our own, the rest is cargo's and is passed on.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::error::Error;

pub(crate) const HELP: &str = "\
Runs cargo with the whole graph of a workspace on the deadheat simulation

Usage: cargo deadheat COMMAND [ARGS…]

  cargo deadheat test [ARGS…]         cargo test: every #[tokio::test] and #[deadheat::test] of the workspace is simulated
  cargo deadheat nextest run [ARGS…]  the same by cargo-nextest
  cargo deadheat build|check|clippy|run|bench|tree [ARGS…]
  cargo deadheat init                 writes the same as a [patch] into the manifest of the workspace
  cargo deadheat init --remove        takes it out again

ARGS are cargo's (-p, --test, --features, --locked, --offline, …), and these:

  --only-deadheat   #[tokio::test]s stay tokio's: only what #[deadheat::test] marks is simulated
  --outside NAME    a #[tokio::test] whose name contains NAME stays tokio's; may be given more than once

Every dependency takes its time, tasks and select! from the run. Manifests are not changed, Cargo.lock is put back
at the end (after a kill: at the next start), and what is built is in target/deadheat.
";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Version,
    Init(Options),
    Cargo(Options),
}

/// The arguments, read as far as they concern us.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Cargo's command and its arguments, without ours and without `--locked`.
    pub(crate) cargo: Vec<OsString>,
    /// What is after `--`, with it.
    pub(crate) rest: Vec<OsString>,
    pub(crate) only_deadheat: bool,
    /// Parts of names of tests that stay outside.
    pub(crate) outside: Vec<String>,
    pub(crate) manifest: Option<PathBuf>,
    /// `--locked` or `--frozen` was given: the lock file as it is must do.
    pub(crate) locked: bool,
    pub(crate) offline: bool,
    /// A target folder of the user's own.
    pub(crate) has_target: bool,
    /// The arguments that say which features there are.
    pub(crate) features: Vec<OsString>,
    /// For `init`: take the patch out.
    pub(crate) removes: bool,
}

const COMMANDS: [&str; 10] = [
    "test", "t", "nextest", "build", "check", "clippy", "run", "bench", "tree", "doc",
];

/// Reads what cargo calls us with: `deadheat` first, or not if we are called by our own name.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Command, Error> {
    let mut arguments = arguments.peekable();
    if arguments.peek().is_some_and(|first| first == "deadheat") {
        arguments.next();
    }
    let Some(first) = arguments.next() else {
        return Ok(Command::Help);
    };
    match first.to_str() {
        Some("-h" | "--help" | "help") => return Ok(Command::Help),
        Some("-V" | "--version") => return Ok(Command::Version),
        Some("init") => return options(arguments, first).and_then(init),
        Some(known) if COMMANDS.contains(&known) => {}
        _ => return Err(unknown(&first)),
    }
    options(arguments, first).map(Command::Cargo)
}

fn unknown(word: &OsStr) -> Error {
    let word = word.to_string_lossy();
    let near = deadheat_words::near::of_ours(&word, &COMMANDS);
    let hint = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    Error::new(format!(
        "unknown command `{word}`{hint}\nThere are test, nextest, build, check, clippy, run, bench, tree, doc and init; see cargo deadheat --help"
    ))
}

fn init(options: Options) -> Result<Command, Error> {
    match options.cargo.get(1) {
        None => Ok(Command::Init(options)),
        Some(other) => Err(Error::new(format!(
            "init takes no `{}`: only --remove, --manifest-path and --offline",
            other.to_string_lossy()
        ))),
    }
}

fn options(
    mut arguments: impl Iterator<Item = OsString>,
    command: OsString,
) -> Result<Options, Error> {
    let is_init = command == "init";
    let mut options = Options {
        cargo: vec![command],
        ..Options::default()
    };
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, mut value) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_str(), None),
        };
        let mut value_of = |name: &str| {
            let value = value.take().or_else(|| arguments.next());
            value.ok_or_else(|| Error::new(format!("{name} needs a value")))
        };
        match name {
            "--" => {
                options.rest.push(argument);
                options.rest.extend(arguments);
                break;
            }
            "--only-deadheat" => options.only_deadheat = true,
            "--outside" => {
                let part = value_of(name)?;
                options.outside.push(part.to_string_lossy().into_owned());
            }
            "--remove" if is_init => options.removes = true,
            "--locked" => options.locked = true,
            "--frozen" => (options.locked, options.offline) = (true, true),
            "--offline" => options.offline = true,
            "--manifest-path" => options.manifest = Some(PathBuf::from(value_of(name)?)),
            "--features" | "-F" => {
                let named = value_of(name)?;
                options.features.extend(["--features".into(), named]);
            }
            "--all-features" | "--no-default-features" => options.features.push(argument),
            _ => {
                options.has_target |= name == "--target-dir";
                options.cargo.push(argument);
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        super::read(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    fn options(line: &str) -> Options {
        match read(line) {
            Ok(Command::Cargo(options) | Command::Init(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn what_is_cargos_is_passed_on() {
        let read = options("deadheat test -p pool --test timing waits -- --nocapture --locked");
        assert_eq!(
            read.cargo,
            ["test", "-p", "pool", "--test", "timing", "waits"]
        );
        assert_eq!(read.rest, ["--", "--nocapture", "--locked"]);
        assert!(!read.locked && !read.only_deadheat && !read.has_target);
        assert_eq!(options("nextest run").cargo, ["nextest", "run"]);
    }

    #[test]
    fn what_is_ours_is_taken_out() {
        let read = options(
            "deadheat test --only-deadheat --outside socket --outside=disk --frozen --features a,b --all-features \
             --manifest-path=x/Cargo.toml --target-dir there",
        );
        assert_eq!(read.cargo, ["test", "--target-dir", "there"]);
        assert_eq!(read.outside, ["socket", "disk"]);
        assert_eq!(read.features, ["--features", "a,b", "--all-features"]);
        assert_eq!(read.manifest, Some(PathBuf::from("x/Cargo.toml")));
        assert!(read.only_deadheat && read.locked && read.offline && read.has_target);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = read("deadheat tets").unwrap_err();
        assert!(error.contains("did you mean `test`?"), "{error}");
        let error = read("deadheat test --outside").unwrap_err();
        assert!(error.contains("--outside needs a value"), "{error}");
        let error = read("deadheat init pool").unwrap_err();
        assert!(error.contains("init takes no `pool`"), "{error}");
        assert!(matches!(read("deadheat"), Ok(Command::Help)));
        assert!(options("init --remove").removes);
    }
}
