//! The arguments: a few of our own, the rest is cargo's and is passed on.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use deadheat_words::near;

use crate::commands::{self, Known};
use crate::error::Error;

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
    pub(crate) target: Option<PathBuf>,
    /// A lock file that is not beside the manifest of the workspace, with an option of cargo's that is not stable.
    pub(crate) lock_file: Option<PathBuf>,
    /// The arguments that say which features there are.
    pub(crate) features: Vec<OsString>,
    /// The platforms that are built for, if not this one.
    pub(crate) targets: Vec<OsString>,
    /// The arguments that change what cargo is: `--config` and `-Z`.
    pub(crate) settings: Vec<OsString>,
    /// For `init`: take the patch out.
    pub(crate) removes: bool,
    pub(crate) asks_for_help: bool,
}

/// Reads what cargo calls us with: `deadheat` first, or not if we are called by our own name.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Command, Error> {
    let mut arguments = arguments.peekable();
    if arguments.peek().is_some_and(|first| first == "deadheat") {
        arguments.next();
    }
    let Some(first) = arguments.next() else {
        return Ok(Command::Help);
    };
    let word = first.to_string_lossy().into_owned();
    let known = commands::find(&word);
    match &*word {
        "-h" | "--help" | "help" => return Ok(Command::Help),
        "-V" | "--version" => return Ok(Command::Version),
        "init" => {}
        _ if known.is_some() => {}
        _ => return Err(unknown(&word)),
    }
    let options = options(arguments, first)?;
    match known {
        _ if options.asks_for_help => Ok(Command::Help),
        None => init(options),
        Some(known) => cargo(options, known),
    }
}

fn unknown(word: &str) -> Error {
    let names = commands::names();
    let near = near::of_ours(word, &names);
    let hint = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    Error::new(format!(
        "unknown command `{word}`{hint}\nThere are: {}; see cargo deadheat --help",
        names.join(", ")
    ))
}

fn cargo(options: Options, known: &Known) -> Result<Command, Error> {
    let what = match options.only_deadheat {
        _ if known.runs_tests => return Ok(Command::Cargo(options)),
        true => "--only-deadheat",
        false if options.outside.is_empty() => return Ok(Command::Cargo(options)),
        false => "--outside",
    };
    Err(Error::new(format!(
        "{what} says what becomes of tests, and {} runs none: it is for {}",
        known.name,
        commands::that_run_tests()
    )))
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

/// The arguments that are still to be read, one taken apart.
struct Left<'a, I> {
    name: &'a str,
    value: Option<OsString>,
    rest: &'a mut I,
}

impl<I: Iterator<Item = OsString>> Left<'_, I> {
    /// The value of an option: with it, or the next argument.
    fn value(&mut self) -> Result<OsString, Error> {
        let value = self.value.take().or_else(|| self.rest.next());
        value.ok_or_else(|| Error::new(format!("{} needs a value", self.name)))
    }
}

fn options(
    mut arguments: impl Iterator<Item = OsString>,
    command: OsString,
) -> Result<Options, Error> {
    let mut options = Options {
        cargo: vec![command],
        ..Options::default()
    };
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            options.rest.push(argument);
            options.rest.extend(arguments);
            break;
        }
        let text = argument.to_string_lossy().into_owned();
        let (name, value) = apart(&text, &mut options.cargo);
        let left = Left {
            name,
            value: value.map(OsString::from),
            rest: &mut arguments,
        };
        options.take(left, argument)?;
    }
    Ok(options)
}

/// An argument as a name and the value that is in it. Short options may stand together, and the value of one is behind
/// it: `-vFtokio/full`; those before it that take none are cargo's.
fn apart<'a>(text: &'a str, cargo: &mut Vec<OsString>) -> (&'a str, Option<&'a str>) {
    if text.starts_with("--") {
        let pair = text.split_once('=');
        return pair.map_or((text, None), |(name, value)| (name, Some(value)));
    }
    let Some(letters) = text.strip_prefix('-') else {
        return (text, None);
    };
    let before = letters.len() - letters.trim_start_matches(['v', 'q', 'r']).len();
    let behind = &letters[before..];
    let name = match behind.chars().next() {
        Some('F') => "-F",
        Some('Z') => "-Z",
        Some('h') => "-h",
        _ => return (text, None),
    };
    if before > 0 {
        cargo.push(format!("-{}", &letters[..before]).into());
    }
    let value = behind[1..].strip_prefix('=').unwrap_or(&behind[1..]);
    (name, (!value.is_empty()).then_some(value))
}

impl Options {
    fn take(
        &mut self,
        mut left: Left<'_, impl Iterator<Item = OsString>>,
        whole: OsString,
    ) -> Result<(), Error> {
        let is_init = self.cargo[0] == "init";
        match left.name {
            "-h" | "--help" => self.asks_for_help = true,
            "--only-deadheat" => self.only_deadheat = true,
            "--outside" => self.outside.extend(parts(&left.value()?)?),
            "--remove" if is_init => self.removes = true,
            "--locked" => self.locked = true,
            "--frozen" => (self.locked, self.offline) = (true, true),
            "--offline" => self.offline = true,
            "--manifest-path" => self.manifest = Some(left.value()?.into()),
            "--lockfile-path" => {
                let path = PathBuf::from(left.value()?);
                let path = std::path::absolute(&path).map_err(Error::on(&path))?;
                self.lock_file = Some(path);
            }
            "--features" | "-F" => {
                self.features.push("--features".into());
                self.features.push(left.value()?);
            }
            "--all-features" | "--no-default-features" => self.features.push(whole),
            "--config" | "-Z" => {
                self.settings.push(left.name.into());
                self.settings.push(left.value()?);
            }
            "--target" if !is_init => {
                let target = left.value()?;
                self.cargo.extend(["--target".into(), target.clone()]);
                self.targets.push(target);
            }
            "--target-dir" if !is_init => self.target = Some(left.value()?.into()),
            name => match near::of_ours(name, &OURS) {
                Some(near) => return Err(misspelt(name, near)),
                None => self.cargo.push(whole),
            },
        }
        Ok(())
    }
}

/// The options that are ours, and none of cargo's.
const OURS: [&str; 2] = ["--outside", "--only-deadheat"];

fn misspelt(name: &str, near: &str) -> Error {
    Error::new(format!("there is no {name}: did you mean `{near}`?"))
}

/// The names of `--outside`. No name of a test has a comma in it.
fn parts(value: &OsStr) -> Result<Vec<String>, Error> {
    let value = value.to_string_lossy();
    let parts: Vec<String> = value
        .split(',')
        .map(|part| part.trim().to_owned())
        .collect();
    match parts.iter().any(String::is_empty) {
        true => Err(Error::new(
            "--outside needs a part of the name of a test, or several with commas between them",
        )),
        false => Ok(parts),
    }
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
        assert!(!read.locked && !read.only_deadheat && read.target.is_none());
        assert_eq!(options("nextest run").cargo, ["nextest", "run"]);
    }

    #[test]
    fn what_is_ours_is_taken_out() {
        let read = options(
            "deadheat test --only-deadheat --outside socket --outside=disk --frozen --features a,b --all-features \
             --manifest-path=x/Cargo.toml --target-dir there",
        );
        assert_eq!(read.cargo, ["test"]);
        assert_eq!(read.outside, ["socket", "disk"]);
        assert_eq!(read.features, ["--features", "a,b", "--all-features"]);
        assert_eq!(read.manifest, Some(PathBuf::from("x/Cargo.toml")));
        assert!(read.only_deadheat && read.locked && read.offline);
        assert_eq!(read.target, Some(PathBuf::from("there")));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = read("deadheat tets").unwrap_err();
        assert!(error.contains("did you mean `test`?"), "{error}");
        let error = read("deadheat test --outside").unwrap_err();
        assert!(error.contains("--outside needs a value"), "{error}");
        for (misspelt, near) in [
            ("--outsid", "--outside"),
            ("--only-deadhaet", "--only-deadheat"),
        ] {
            let error = read(&format!("deadheat test {misspelt} socket")).unwrap_err();
            assert!(
                error.contains(&format!("did you mean `{near}`?")),
                "{error}"
            );
        }
        let error = read("deadheat init pool").unwrap_err();
        assert!(error.contains("init takes no `pool`"), "{error}");
        let error = read("deadheat test --outside socket,,disk").unwrap_err();
        assert!(error.contains("a part of the name of a test"), "{error}");
        let error = read("deadheat check --outside socket").unwrap_err();
        assert!(error.contains("check runs none"), "{error}");
        assert!(error.contains("for test and nextest"), "{error}");
        assert!(options("init --remove").removes);
    }

    #[test]
    fn what_changes_the_graph_is_seen_however_it_is_written() {
        for line in [
            "-Ftokio/full",
            "-F=tokio/full",
            "-F tokio/full",
            "--features=tokio/full",
        ] {
            let read = options(&format!("test {line} -p pool"));
            assert_eq!(read.features, ["--features", "tokio/full"], "{line}");
            assert_eq!(read.cargo, ["test", "-p", "pool"], "{line}");
        }
        let read = options("test -vqFfull -Zunstable-options --config net.offline=true -j4 -pFull");
        assert_eq!(read.features, ["--features", "full"]);
        assert_eq!(read.cargo, ["test", "-vq", "-j4", "-pFull"]);
        let settings = ["-Z", "unstable-options", "--config", "net.offline=true"];
        assert_eq!(read.settings, settings);
        let read = options("build --target=wasm32-wasip1 --target x86_64-unknown-linux-musl");
        assert_eq!(read.targets, ["wasm32-wasip1", "x86_64-unknown-linux-musl"]);
        assert_eq!(read.cargo.len(), 5);
        let read = options("test --lockfile-path there/Cargo.lock");
        assert!(read.lock_file.is_some_and(|path| path.is_absolute()));
    }

    #[test]
    fn every_command_is_taken_and_helped() {
        let help = commands::help();
        for name in commands::names() {
            assert!(read(name).is_ok(), "{name}");
            assert!(help.contains(name), "{name}");
            for asks in ["-h", "--help", "-vh"] {
                let read = read(&format!("{name} {asks}"));
                assert!(matches!(read, Ok(Command::Help)), "{name} {asks}");
            }
        }
        for line in ["", "deadheat", "deadheat help", "--help"] {
            assert!(matches!(read(line), Ok(Command::Help)), "{line}");
        }
        assert!(options("test -- --help").rest.len() == 2);
    }
}
