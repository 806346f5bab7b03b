//! Programs with the outcome that CPython 3.13 gave them, and ours to compare.

use std::io::Read;
use std::path::Path;

use deadheat::Config;
use deadheat::search::Single;
use deadheat_scenarios::{Outcome, ScenarioProgram, parse};
use flate2::read::GzDecoder;
use serde_json::{Map, Value};

/// A program and what CPython did with it.
#[derive(Debug)]
pub struct Case {
    /// For messages.
    pub name: String,
    /// The program.
    pub kdl: String,
    /// The outcome, as `--json` prints it.
    pub expected: Value,
}

/// The cases of a folder: the files that `expected.jsonl` names.
pub fn folder(folder: &Path) -> Vec<Case> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let expected = read("expected.jsonl");
    let cases = expected.lines().map(|line| {
        let expected: Value = serde_json::from_str(line).expect("a line of JSON");
        let name = expected["file"].as_str().expect("a file name").to_owned();
        Case {
            kdl: read(&name),
            name,
            expected,
        }
    });
    cases.collect()
}

/// The cases of a compressed file, one a line.
pub fn corpus(path: &Path) -> Vec<Case> {
    let file =
        std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("gzip");
    let cases = text.lines().enumerate().map(|(index, line)| {
        let expected: Value = serde_json::from_str(line).expect("a line of JSON");
        let kdl = expected["kdl"].as_str().expect("a program").to_owned();
        Case {
            name: format!("program {index}"),
            kdl,
            expected,
        }
    });
    cases.collect()
}

/// Parses a program; the tests hold only programs that parse.
pub fn program(name: &str, kdl: &str) -> ScenarioProgram {
    ScenarioProgram::new(parse(name, kdl).unwrap_or_else(|error| panic!("{error}\n{kdl}")))
}

/// What distinguishes our outcome under FIFO from CPython's, if anything does.
pub fn difference(case: &Case) -> Option<String> {
    let program = program(&case.name, &case.kdl);
    let (run, outcome) = Single::of(&program, &Config::new()).fifo();
    let ours = comparable(&run.verdict.to_string(), &outcome.expect("an outcome"));
    let violations: Vec<String> = run.violations.iter().map(ToString::to_string).collect();
    let theirs = expected(&case.expected);
    if ours == theirs && violations.is_empty() {
        return None;
    }
    let Case { name, kdl, .. } = case;
    Some(format!(
        "{name}\n{kdl}\nCPython: {theirs}\nours:    {ours}\nviolations: {violations:?}\n"
    ))
}

/// An outcome as JSON, with nothing in it that CPython has not.
pub fn comparable(verdict: &str, outcome: &Outcome) -> Value {
    let mut value = serde_json::to_value(outcome).expect("an outcome is JSON");
    value["verdict"] = verdict.into();
    value
}

/// The keys of an expected outcome that are compared.
pub fn expected(value: &Value) -> Value {
    let keys = ["verdict", "tasks", "scopes", "log"];
    let pairs = keys
        .into_iter()
        .map(|key| (key.to_owned(), value[key].clone()));
    Value::Object(pairs.collect::<Map<String, Value>>())
}
