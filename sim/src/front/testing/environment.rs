//! The variables `DEADHEAT_…`: a pure function from what the environment holds to what is asked for.
//!
//! Every bad value and every unknown name is an error, in the order of the names: a search that silently
//! did something else than it was asked for would be believed.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use deadheat_words::patience::{self, Patience};
use deadheat_words::seed::{self, Seed};
use deadheat_words::{WordError, count, duration, near};

use crate::decide::token::Token;

use super::reader::Reader;
use super::runner::Runner;

use super::traced::Traced;
use super::values::{self, Schedule};

const PREFIX: &str = "DEADHEAT_";
const SWITCH: &str = "true, 1, false or 0";

/// Every variable there is.
const NAMES: [&str; 20] = [
    "DEADHEAT_SEED",
    "DEADHEAT_RUNS",
    "DEADHEAT_TIME",
    "DEADHEAT_JOBS",
    "DEADHEAT_SCHEDULER",
    "DEADHEAT_EXHAUSTIVE",
    "DEADHEAT_LATE",
    "DEADHEAT_REPLAY",
    "DEADHEAT_STRICT",
    "DEADHEAT_TRACE",
    "DEADHEAT_CHECK_DETERMINISM",
    "DEADHEAT_CHECK_STARVED",
    "DEADHEAT_WATCHDOG",
    "DEADHEAT_ANNOUNCE",
    "DEADHEAT_ONLY",
    "DEADHEAT_OUTSIDE",
    "DEADHEAT_OUTSIDE_MET",
    "DEADHEAT_GRAPH",
    "DEADHEAT_BEYOND",
    "DEADHEAT_NOTES",
];

/// Those that decide what run `n` is.
const OF_A_RUN: [&str; 3] = ["DEADHEAT_LATE", "DEADHEAT_SCHEDULER", "DEADHEAT_SEED"];

/// What the environment asks for; see [the module](super) for the variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    pub(super) seed: Option<Seed>,
    pub(super) runs: Option<u64>,
    pub(super) time: Option<Duration>,
    pub(super) jobs: Option<usize>,
    pub(super) schedule: Option<Schedule>,
    pub(super) exhaustive: Option<bool>,
    pub(super) late: Option<Duration>,
    pub(super) replay: Option<Token>,
    /// Whether what is replayed has to fit.
    pub(super) strict: Option<bool>,
    pub(super) trace: Option<Traced>,
    /// Where cargo builds, if it was told.
    pub(super) target: Option<PathBuf>,
    pub(super) check_determinism: Option<bool>,
    pub(super) check_starved: Option<bool>,
    pub(super) watchdog: Option<Patience>,
    pub(super) announce: Option<bool>,
    /// The number of the one run to make, from 1.
    pub(super) only: Option<u64>,
    /// What was set of that decides what run `n` is, as it was written: name and value.
    pub(super) of_a_run: Vec<(&'static str, String)>,
    pub(super) runner: Runner,
    pub(super) reader: Reader,
    /// Which packages of a whole graph are outside of the search.
    pub(super) beyond: Option<String>,
}

impl Variables {
    /// Reads the variables of an environment; others than ours are left alone.
    ///
    /// # Errors
    ///
    /// For each variable of ours that is unknown or has a value that cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::Variables;
    ///
    /// let bad = Variables::read([("DEADHEAT_SEEDS".into(), "7".into())]).unwrap_err();
    /// assert!(bad.to_string().contains("did you mean DEADHEAT_SEED?"));
    /// ```
    pub fn read(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Variables, EnvironmentError> {
        let mut read = Variables::default();
        let mut problems = Vec::new();
        let mut ours: Vec<_> = variables
            .into_iter()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
            .collect();
        ours.sort();
        for (name, value) in ours {
            if name == "NEXTEST" {
                read.runner.nextest = value == "1";
            }
            if name == "CARGO_TARGET_DIR" && !value.is_empty() {
                read.target = Some(PathBuf::from(&value));
            }
            // What is no UTF-8 is no value of ours either.
            let value = value.to_string_lossy();
            if !name.starts_with(PREFIX) {
                read.reader.take(&name, &value);
                continue;
            }
            match read.take(&name, &value) {
                Err(problem) => problems.push(problem.told(&name, &value)),
                Ok(()) => {
                    let name = OF_A_RUN.into_iter().find(|known| *known == name);
                    let pair = name.map(|name| (name, value.into_owned()));
                    read.of_a_run.extend(pair);
                }
            }
        }
        if problems.is_empty() {
            Ok(read)
        } else {
            Err(EnvironmentError { problems })
        }
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        let expected = |what: &str| Problem::Value(format!("expected {what}"));
        match name {
            "DEADHEAT_SEED" => {
                self.seed = Some(seed::parse(value)?);
            }
            "DEADHEAT_RUNS" => self.runs = Some(count::parse(value, u64::MAX)?),
            "DEADHEAT_TIME" => self.time = Some(duration::more_than_none(value)?),
            "DEADHEAT_JOBS" => self.jobs = Some(count::parse(value, count::JOBS_MAX)? as usize),
            "DEADHEAT_SCHEDULER" => {
                self.schedule = Some(values::schedule(value).map_err(Problem::Value)?);
            }
            "DEADHEAT_LATE" => self.late = Some(duration::setting(value)?),
            "DEADHEAT_EXHAUSTIVE" => {
                self.exhaustive = Some(switch(value).ok_or_else(|| expected(SWITCH))?);
            }
            "DEADHEAT_REPLAY" => self.replay = Some(token(value)?),
            "DEADHEAT_STRICT" => {
                self.strict = Some(switch(value).ok_or_else(|| expected(SWITCH))?);
            }
            "DEADHEAT_TRACE" => {
                self.trace = Some(Traced::read(value).ok_or_else(|| {
                    expected("html, json, perfetto or text for a picture in target/deadheat, true or 1 for the trace above the report, or false or 0 for none")
                })?);
            }
            "DEADHEAT_CHECK_DETERMINISM" => {
                self.check_determinism = Some(switch(value).ok_or_else(|| expected(SWITCH))?);
            }
            "DEADHEAT_CHECK_STARVED" => {
                self.check_starved = Some(switch(value).ok_or_else(|| expected(SWITCH))?);
            }
            "DEADHEAT_WATCHDOG" => {
                let patience = patience::parse(value).map_err(|_| {
                    let time = duration::expected("1ms or 2.5s");
                    expected(&format!("off, or more than no time as {time}"))
                })?;
                self.watchdog = Some(patience);
            }
            "DEADHEAT_ANNOUNCE" => {
                self.announce = Some(switch(value).ok_or_else(|| expected(SWITCH))?);
            }
            // Read where a `#[tokio::test]` is expanded, since it says whether there is a test of ours at all.
            "DEADHEAT_OUTSIDE" => {}
            "DEADHEAT_OUTSIDE_MET" => {}
            "DEADHEAT_NOTES" => self.reader.notes = Some(PathBuf::from(value)),
            "DEADHEAT_BEYOND" => {
                self.beyond = Some(value.to_owned()).filter(|names| !names.is_empty())
            }
            "DEADHEAT_GRAPH" => {
                self.runner.graph = switch(value).ok_or_else(|| expected(SWITCH))?;
            }
            "DEADHEAT_ONLY" => self.only = Some(count::parse(value, u64::MAX)?),
            _ => return Err(Problem::Unknown),
        }
        Ok(())
    }
}

fn token(value: &str) -> Result<Token, Problem> {
    value
        .parse()
        .map_err(|error: crate::decide::token::TokenError| {
            Problem::Value(format!(
                "{error}; expected what a report ends with, such as dh1:0.n1=1/2"
            ))
        })
}

fn switch(value: &str) -> Option<bool> {
    match value {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

enum Problem {
    Unknown,
    Value(String),
}

impl From<WordError> for Problem {
    fn from(error: WordError) -> Self {
        Problem::Value(format!("expected {}", error.expected()))
    }
}

impl Problem {
    fn told(&self, name: &str, value: &str) -> String {
        match self {
            Problem::Value(problem) => format!("{name}={value:?}: {problem}"),
            Problem::Unknown => {
                let letters = |name: &str| name.trim_start_matches(PREFIX).to_owned();
                let known = NAMES.map(letters);
                let known = known.each_ref().map(String::as_str);
                let hint = match near::of_ours(&letters(name), &known) {
                    Some(near) => format!("did you mean {PREFIX}{near}?"),
                    None => format!("there are {}", NAMES.join(", ")),
                };
                format!("{name}: deadheat knows no such variable; {hint}")
            }
        }
    }
}

/// What is wrong with the settings of a test; its `Display` has a line for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentError {
    problems: Vec<String>,
}

impl EnvironmentError {
    pub(super) fn of_argument(problem: String) -> Self {
        EnvironmentError {
            problems: vec![problem],
        }
    }
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deadheat cannot run as it is asked to:")?;
        let lines = self.problems.iter();
        lines
            .into_iter()
            .try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for EnvironmentError {}

#[cfg(test)]
mod tests {
    use super::super::traced::Form;
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Variables, String> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Variables::read(pairs).map_err(|error| error.to_string())
    }

    #[test]
    fn every_variable_is_read() {
        let read = read(&[
            ("DEADHEAT_SEED", "0x10"),
            ("DEADHEAT_RUNS", "20"),
            ("DEADHEAT_TIME", "1.5s"),
            ("DEADHEAT_JOBS", "3"),
            ("DEADHEAT_SCHEDULER", "portfolio"),
            ("DEADHEAT_LATE", "0"),
            ("DEADHEAT_REPLAY", "dh1:5"),
            ("DEADHEAT_STRICT", "1"),
            ("DEADHEAT_TRACE", "text"),
            ("DEADHEAT_CHECK_DETERMINISM", "0"),
            ("DEADHEAT_CHECK_STARVED", "true"),
            ("DEADHEAT_WATCHDOG", "2s"),
            ("DEADHEAT_ANNOUNCE", "1"),
            ("DEADHEAT_ONLY", "18"),
            ("DEADHEAT_GRAPH", "true"),
            ("DEADHEAT_BEYOND", "async-io"),
            ("NEXTEST", "1"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_WORKSPACE", "/there"),
            ("RUST_TEST_NOCAPTURE", "1"),
            ("CARGO_TARGET_DIR", "/built"),
        ]);
        let expected = Variables {
            seed: Some(Seed::Fixed(16)),
            runs: Some(20),
            time: Some(Duration::from_millis(1_500)),
            jobs: Some(3),
            schedule: Some(Schedule::Portfolio),
            exhaustive: None,
            late: Some(Duration::ZERO),
            replay: Some("dh1:5".parse().unwrap()),
            strict: Some(true),
            trace: Some(Traced::Drawn(Form::Text)),
            target: Some("/built".into()),
            check_determinism: Some(false),
            check_starved: Some(true),
            watchdog: Some(Patience::For(Duration::from_secs(2))),
            announce: Some(true),
            only: Some(18),
            of_a_run: vec![
                ("DEADHEAT_LATE", "0".to_owned()),
                ("DEADHEAT_SCHEDULER", "portfolio".to_owned()),
                ("DEADHEAT_SEED", "0x10".to_owned()),
            ],
            runner: Runner {
                nextest: true,
                graph: true,
            },
            reader: Reader {
                is_github: true,
                repository: Some("/there".into()),
                is_uncaptured: true,
                ..Reader::default()
            },
            beyond: Some("async-io".to_owned()),
        };
        assert_eq!(read.unwrap(), expected);
    }

    #[test]
    fn what_is_none_of_ours_is_left_alone_and_what_is_new_is_read() {
        let read = read(&[
            ("DEADHEAT_EXHAUSTIVE", "1"),
            ("DEADHEAT_NOTES", "/left/notes"),
            ("HOME", "is none of ours"),
        ]);
        let read = read.unwrap();
        assert_eq!(read.exhaustive, Some(true));
        assert_eq!(read.reader.notes, Some("/left/notes".into()));
    }

    #[test]
    fn a_watchdog_may_be_off() {
        let off = super::Variables::read([("DEADHEAT_WATCHDOG".into(), "off".into())]);
        assert_eq!(off.unwrap().watchdog, Some(Patience::Forever));
    }

    #[test]
    fn every_bad_value_is_told_with_its_variable_and_what_is_accepted() {
        let bad = [
            ("DEADHEAT_SEED", "many", "0x and hexadecimal"),
            ("DEADHEAT_RUNS", "0", "from 1 to 18446744073709551615"),
            ("DEADHEAT_RUNS", "1e3", "a whole number"),
            ("DEADHEAT_TIME", "5", "a number and a unit"),
            ("DEADHEAT_TIME", "0s", "more than no time"),
            ("DEADHEAT_JOBS", "1025", "from 1 to 1024"),
            ("DEADHEAT_SCHEDULER", "pct:0", "a number from 1 to 64"),
            ("DEADHEAT_LATE", "-1ms", "a number and a unit"),
            ("DEADHEAT_REPLAY", "dh1:0.n1", "at byte 6"),
            ("DEADHEAT_STRICT", "yes", "true, 1, false or 0"),
            ("DEADHEAT_TRACE", "svg", "html, json, perfetto or text"),
            ("DEADHEAT_CHECK_DETERMINISM", "", "true, 1, false or 0"),
            ("DEADHEAT_WATCHDOG", "0s", "off, or more than no time"),
            ("DEADHEAT_WATCHDOG", "on", "off, or more than no time"),
            ("DEADHEAT_EXHAUSTIVE", "yes", "true, 1, false or 0"),
            ("DEADHEAT_ANNOUNCE", "yes", "true, 1, false or 0"),
            ("DEADHEAT_ONLY", "0", "a whole number from 1"),
        ];
        for (name, value, accepted) in bad {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.contains(&format!("{name}={value:?}: ")), "{error}");
            assert!(error.contains(accepted), "{error}");
        }
    }

    #[test]
    fn an_unknown_variable_is_an_error_that_names_the_nearest() {
        let error = read(&[("DEADHEAT_SHEDULER", "pct")]).unwrap_err();
        assert!(
            error.contains("did you mean DEADHEAT_SCHEDULER?"),
            "{error}"
        );
        let error = read(&[("DEADHEAT_ZEBRA", "1")]).unwrap_err();
        assert!(error.contains("there are DEADHEAT_SEED, "), "{error}");
    }

    #[test]
    fn all_problems_are_told_in_the_order_of_their_names() {
        let error = read(&[("DEADHEAT_TIME", "x"), ("DEADHEAT_JOBS", "x")]).unwrap_err();
        let jobs = error.find("DEADHEAT_JOBS").unwrap();
        assert!(jobs < error.find("DEADHEAT_TIME").unwrap(), "{error}");
    }
}
