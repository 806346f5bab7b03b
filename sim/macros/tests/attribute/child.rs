//! Runs one test of this binary in a process of its own, in an environment without variables of ours.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const ASKED_FOR: &str = "FIXTURE";
const KEEPING: &str = "FIXTURE_KEEPS";

/// Whether a fixture is to fail.
pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(ASKED_FOR).is_some()
}

/// The file to keep runs in, and a number that no other process has.
pub(crate) fn keeping() -> Option<(PathBuf, u64)> {
    let (path, from) = std::env::var(KEEPING)
        .ok()?
        .rsplit_once('|')
        .map(|(path, from)| (PathBuf::from(path), from.parse().expect("a number")))?;
    Some((path, from))
}

fn command(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_read = [
            "DEADHEAT_",
            "NEXTEST",
            "GITHUB_",
            "NO_COLOR",
            "FORCE_COLOR",
            "CLICOLOR",
        ];
        if is_read.iter().any(|begin| text.starts_with(begin)) || text == "RUST_BACKTRACE" {
            command.env_remove(name);
        }
    }
    command.env(ASKED_FOR, "1").envs(variables.iter().copied());
    command
}

/// What a test printed.
pub(crate) struct Ended {
    pub(crate) passed: bool,
    /// None if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
}

impl Ended {
    /// The token of the line to paste.
    pub(crate) fn token(&self) -> String {
        let quoted = self.text.split("DEADHEAT_REPLAY='").nth(1);
        let token = quoted.and_then(|rest| rest.split('\'').next());
        token
            .unwrap_or_else(|| panic!("no line to paste: {}", self.text))
            .to_owned()
    }

    /// What stands behind a word, up to the next blank or comma.
    pub(crate) fn behind(&self, word: &str) -> &str {
        let rest = self.text.split(word).nth(1);
        let value = rest.and_then(|rest| rest.trim_start().split([' ', ',', '\n']).next());
        value.unwrap_or_else(|| panic!("no {word:?} in {}", self.text))
    }

    #[track_caller]
    pub(crate) fn says(&self, part: &str) {
        assert!(
            self.text.contains(part),
            "expected {part:?} in: {}",
            self.text
        );
    }
}

/// Runs a test of `fixtures`.
pub(crate) fn run(test: &str, variables: &[(&str, &str)]) -> Ended {
    run_in("fixtures", test, variables)
}

/// Runs a test of a module.
pub(crate) fn run_in(module: &str, test: &str, variables: &[(&str, &str)]) -> Ended {
    let output = command(&format!("{module}::{test}"), variables)
        .output()
        .expect("a process");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
    let text = text.concat();
    assert!(text.contains("running 1 test"), "no such test: {text}");
    Ended {
        passed: output.status.success(),
        status: output.status.code(),
        text,
    }
}

/// Runs a test of a module until its standard error has a text, and a line more; then its process is ended.
pub(crate) fn until(module: &str, test: &str, variables: &[(&str, &str)], text: &str) -> Ended {
    let mut command = command(&format!("{module}::{test}"), variables);
    let process = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = process.spawn().expect("a process");
    let errors = BufReader::new(process.stderr.take().expect("a pipe"));
    let mut read = String::new();
    for line in errors.lines() {
        let enough = read.contains(text);
        read.push_str(&line.expect("text"));
        read.push('\n');
        if enough {
            break;
        }
    }
    process.kill().expect("it is there");
    let status = process.wait().expect("it has ended");
    Ended {
        passed: status.success(),
        status: status.code(),
        text: read,
    }
}

/// Begins to keep runs in a file, in a process of its own.
pub(crate) fn keep(path: &str, from: u64) -> Child {
    let mut command = command(
        "fixtures::keeps_many",
        &[(KEEPING, &format!("{path}|{from}"))],
    );
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

/// Runs a test of `fixtures` that tells each run, and interrupts it as Ctrl-C does once it has told one.
#[cfg(target_os = "linux")]
pub(crate) fn interrupted(test: &str, variables: &[(&str, &str)]) -> Ended {
    use std::io::Read;

    let variables = [variables, &[("DEADHEAT_ANNOUNCE", "1")]].concat();
    let mut command = command(&format!("fixtures::{test}"), &variables);
    let process = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = process.spawn().expect("a process");
    let mut errors = BufReader::new(process.stderr.take().expect("a pipe"));
    let mut text = String::new();
    errors.read_line(&mut text).expect("text");
    let id = process.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.expect("kill").success());
    errors.read_to_string(&mut text).expect("text");
    let status = process.wait().expect("it has ended");
    Ended {
        passed: status.success(),
        status: status.code(),
        text,
    }
}
