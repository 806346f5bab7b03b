//! What came of one run of a scenario, in the form that `--json` prints.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use deadheat::Instant;
use deadheat::program::SimClock;
use deadheat_timeout::{Handle, TaskEnd};
use serde::Serialize;

use crate::ast::{ScopeState, When};
use crate::interpret::stage::Stage;

/// How the tasks and scopes of a run ended, and what was logged. Outcomes are compared as they were made.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// In the order of the file.
    pub tasks: Vec<TaskOutcome>,
    /// Those that were entered, sorted by name.
    pub scopes: Vec<ScopeOutcome>,
    /// In the order of happening.
    pub log: Vec<LogLine>,
    /// Equal for equal outcomes. It is looked at first: an exploration compares each outcome with many others, and nearly
    /// all of them differ.
    #[serde(skip)]
    digest: u64,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct TaskOutcome {
    /// Its name.
    pub name: String,
    /// `returned`, `cancelled`, `timeout`, `error:NAME` or `pending`.
    pub end: String,
    /// When; none if it is pending.
    pub at_ns: Option<i64>,
}

/// What became of a scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct ScopeOutcome {
    /// Its name.
    pub name: String,
    /// Its state, as CPython prints it.
    pub state: String,
    /// Whether its deadline was reached.
    pub expired: bool,
    /// Its deadline; none if it has none.
    pub when_ns: Option<i64>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct LogLine {
    /// When.
    pub at_ns: i64,
    /// Which task.
    pub task: String,
    /// What.
    pub text: String,
}

impl Outcome {
    pub(crate) fn of(stage: &Stage) -> Self {
        let names = &stage.scenario.tasks;
        let tasks = (0..names.len()).map(|index| task(stage, index)).collect();
        let mut scopes: Vec<_> = (stage.scenario.scopes.iter().enumerate())
            .filter_map(|(index, name)| {
                let handle = stage.scope(crate::ast::ScopeId(index))?;
                Some(ScopeOutcome::of(name, &handle))
            })
            .collect();
        scopes.sort();
        let log = stage.log.borrow();
        let log = log.iter().map(|line| LogLine {
            at_ns: line.at.as_nanos(),
            task: names[line.task].name.clone(),
            text: line.text.clone(),
        });
        Outcome::new(tasks, scopes, log.collect())
    }

    pub(crate) fn new(
        tasks: Vec<TaskOutcome>,
        scopes: Vec<ScopeOutcome>,
        log: Vec<LogLine>,
    ) -> Self {
        let lines = log.iter().map(Digest::of);
        let digest = Digest::of(&(&tasks, &scopes)).wrapping_add(lines.fold(0, u64::wrapping_add));
        Outcome {
            tasks,
            scopes,
            log,
            digest,
        }
    }

    /// The log without the order of the lines of different tasks, which does not count.
    fn log_by_task(&self) -> Vec<&LogLine> {
        let mut log: Vec<_> = self.log.iter().collect();
        log.sort_by(|a, b| a.task.cmp(&b.task));
        log
    }
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Outcome {}

impl PartialOrd for Outcome {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Outcome {
    fn cmp(&self, other: &Self) -> Ordering {
        let log = || match self.log == other.log {
            true => Ordering::Equal,
            false => self.log_by_task().cmp(&other.log_by_task()),
        };
        let digests = self.digest.cmp(&other.digest);
        let tasks = || self.tasks.cmp(&other.tasks);
        let scopes = || self.scopes.cmp(&other.scopes);
        digests.then_with(tasks).then_with(scopes).then_with(log)
    }
}

/// A quick hash of what is not chosen by anybody who would want two of them to be equal.
struct Digest(u64);

impl Digest {
    fn of(what: &impl Hash) -> u64 {
        let mut digest = Digest(0);
        what.hash(&mut digest);
        digest.finish()
    }

    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.add(word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        }
        let rest = words.remainder().iter();
        self.add(rest.fold(1, |all, byte| all << 8 | u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(byte.into());
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

fn task(stage: &Stage, index: usize) -> TaskOutcome {
    let handle = stage.task(crate::ast::TaskId(index));
    let end = match (handle.end(), handle.output()) {
        (None, _) => "pending".to_owned(),
        (Some(TaskEnd::Returned), _) => "returned".to_owned(),
        (Some(TaskEnd::Failed), Some(Err(raised))) => raised.to_string(),
        _ => "cancelled".to_owned(),
    };
    let at_ns = handle
        .is_ended()
        .then(|| stage.ended_at(index))
        .flatten()
        .map(Instant::as_nanos);
    TaskOutcome {
        name: stage.scenario.tasks[index].name.clone(),
        end,
        at_ns,
    }
}

impl ScopeOutcome {
    pub(crate) fn of(name: &str, handle: &Handle<SimClock>) -> Self {
        let state = handle.state();
        ScopeOutcome {
            name: name.to_owned(),
            state: state.to_string(),
            expired: state.is_expired(),
            when_ns: handle.when().map(Instant::as_nanos),
        }
    }

    /// What is not as it should be, in the words that follow "expected scope S".
    pub(crate) fn mismatches(
        &self,
        expired: Option<bool>,
        state: Option<ScopeState>,
        when: Option<When>,
    ) -> Vec<String> {
        let mut mismatches = Vec::new();
        if expired.is_some_and(|expired| expired != self.expired) {
            let text = match self.expired {
                true => "not to expire, it did",
                false => "to expire, it did not",
            };
            mismatches.push(text.to_owned());
        }
        if let Some(state) = state.filter(|state| state.to_string() != self.state) {
            let found = &self.state;
            mismatches.push(format!("to be in state {state}, it was in {found}"));
        }
        let wanted = when.map(|when| match when {
            When::None => None,
            When::At(nanos) => Some(instant(nanos).as_nanos()),
        });
        if let Some(wanted) = wanted.filter(|wanted| *wanted != self.when_ns) {
            mismatches.push(format!(
                "to have {}, it had {}",
                deadline(wanted),
                deadline(self.when_ns)
            ));
        }
        mismatches
    }
}

fn deadline(at: Option<i64>) -> String {
    at.map_or_else(
        || "no deadline".to_owned(),
        |nanos| format!("its deadline at {}", Instant::from_nanos(nanos)),
    )
}

/// A time of a scenario file as the simulator takes it.
pub(crate) fn instant(nanos: u64) -> Instant {
    Instant::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}
