//! What `explore --save` keeps in a folder, so that it can be interrupted at any moment and go on.
//!
//! For each scenario two files: the failing runs, kept as they are found, and how many runs were made with
//! which arguments. Both are written whole or not at all.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use deadheat::{Regressions, Run, write_whole};

/// More failing runs of one scenario are not kept: they are mostly the same bug.
const KEPT_MAX: usize = 4;
/// How often the number of runs is written at most.
const WRITTEN_EVERY: Duration = Duration::from_millis(500);

/// The session of one scenario.
pub(crate) struct Session {
    progress: std::path::PathBuf,
    regressions: Regressions,
    arguments: String,
    /// The number of the first run that was not made before.
    pub(crate) first: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: usize,
    written: Option<Instant>,
    problem: Option<String>,
}

impl Session {
    /// The session of a scenario in a folder; `arguments` are all that a run depends on.
    pub(crate) fn open(folder: &Path, name: &str, arguments: String) -> Result<Self, String> {
        let plain = |c: char| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        };
        let name: String = name.chars().map(plain).collect();
        let progress = folder.join(format!("{name}.progress"));
        let first = made(&progress, &arguments)?;
        Ok(Session {
            progress,
            regressions: Regressions::at(folder.join(format!("{name}.regressions"))),
            arguments,
            first,
            state: Mutex::default(),
        })
    }

    pub(crate) fn regressions(&self) -> &Regressions {
        &self.regressions
    }

    /// Keeps a failing run.
    pub(crate) fn found(&self, run: &Run) {
        // Two threads write one after the other.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.kept >= KEPT_MAX {
            return;
        }
        state.kept += 1;
        if let Err(error) = self.regressions.keep(&run.token, reason(run)) {
            state.problem.get_or_insert(error.to_string());
        }
    }

    /// A failing run was shrunk: that one is kept in its place.
    pub(crate) fn shrunk(&self, run: &Run, shrunk: &Run) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let why = reason(shrunk);
        if let Err(error) = self.regressions.replace(&run.token, &shrunk.token, why) {
            state.problem.get_or_insert(error.to_string());
        }
    }

    /// Every run below `made` has been made.
    pub(crate) fn done(&self, made: u64, now: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let early = |written: Instant| written.elapsed() < WRITTEN_EVERY;
        if !now && state.written.is_some_and(early) {
            return;
        }
        state.written = Some(Instant::now());
        let text = format!("deadheat session 1\n{}\nruns {made}\n", self.arguments);
        if let Err(error) = write_whole(&self.progress, &text) {
            let path = self.progress.display();
            state
                .problem
                .get_or_insert(format!("cannot write {path}: {error}"));
        }
    }

    /// Why something could not be kept.
    pub(crate) fn problem(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.problem.clone()
    }
}

fn reason(run: &Run) -> &str {
    let violation = run.violations.first();
    violation.map_or("", |violation| &violation.text)
}

/// How many runs were made.
fn made(path: &Path, arguments: &str) -> Result<u64, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        ["deadheat session 1", of, runs] => {
            let runs = runs
                .strip_prefix("runs ")
                .and_then(|runs| runs.parse().ok());
            match runs {
                Some(runs) if *of == arguments => Ok(runs),
                Some(_) => Err(format!(
                    "{} was begun with other arguments ({of}, now {arguments}): use another folder, or delete it",
                    path.display()
                )),
                None => Err(format!(
                    "{} is no session: its third line tells no number of runs",
                    path.display()
                )),
            }
        }
        _ => Err(format!(
            "{} is no session of this version of deadheat: delete it, or use another folder",
            path.display()
        )),
    }
}
