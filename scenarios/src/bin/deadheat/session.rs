//! What `explore --save` keeps in a folder, so that it can be interrupted at any moment and go on.
//!
//! For each scenario two files: the failing runs, kept as they are found, and how many runs were made of what.
//!
//! 1. Both are written whole or not at all.
//! 2. A failing run counts as made once it is kept, or enough others are, or it was said that it cannot be. Where
//!    what was kept is gone, or fails no more, nothing counts.
//! 3. Failing runs outlive a change of the scenario: they are tried on what it is now. How far it was does not.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use deadheat::{Failure, Regressions, Run, Token};

use crate::identity;
use crate::input::Input;
use crate::progress::{Found, Progress, Subject};

/// More failing runs of one scenario are not kept, by however many sessions: they are mostly the same bug. Those
/// that are kept and fail no more are not counted, since another bug may be next.
const KEPT_MAX: usize = 4;
/// How often the number of runs is written at most.
const WRITTEN_EVERY: Duration = Duration::from_millis(500);

/// The session of one scenario.
pub(crate) struct Session {
    path: PathBuf,
    regressions: Regressions,
    /// The failing runs that are kept.
    pub(crate) kept: Vec<Token>,
    /// Whether it can go on where it was; a search that is not by numbers begins anew each time.
    counts: bool,
    state: Mutex<State>,
}

struct State {
    progress: Progress,
    /// How many are kept that fail.
    kept: usize,
    /// Those that this session has kept.
    found: Vec<Token>,
    written: Option<Instant>,
    anew: Option<String>,
    problem: Option<String>,
}

impl Session {
    /// The session of a scenario in a folder. `arguments` are all that the numbered runs depend on beside it;
    /// none if they have no numbers.
    ///
    /// # Errors
    ///
    /// If what is there cannot be read, or not be put aside.
    pub(crate) fn open(
        folder: &Path,
        input: &Input,
        arguments: Option<String>,
    ) -> Result<Self, String> {
        let name = identity::file_name(&input.argument);
        let path = folder.join(format!("{name}.progress"));
        let counts = arguments.is_some();
        let subject = Subject {
            build: identity::build(),
            content: identity::content(&input.program),
            arguments: arguments.unwrap_or_default(),
        };
        let unread = |error| format!("cannot read {}: {error}", path.display());
        let found = match counts {
            true => Progress::read(&path, &subject).map_err(unread)?,
            false => Found::Nothing,
        };
        let regressions = Regressions::at(folder.join(format!("{name}.regressions")));
        let (kept, aside) = load(&regressions)?;
        let mut session = Session {
            path,
            regressions,
            kept,
            counts,
            state: Mutex::new(State {
                progress: Progress::of(subject),
                kept: 0,
                found: Vec::new(),
                written: None,
                anew: None,
                problem: None,
            }),
        };
        match (found, aside) {
            (_, Some(aside)) => session.begin_anew(aside),
            (Found::Unfit(why), None) => session.begin_anew(why),
            (Found::Fits(progress), None) => session.state().progress = progress,
            (Found::Nothing, None) => {}
        }
        Ok(session)
    }

    fn state(&mut self) -> &mut State {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing that was made counts any more.
    fn begin_anew(&mut self, why: String) {
        let state = self.state();
        state.anew = Some(why);
        (state.progress.runs, state.progress.failed) = (0, false);
    }

    /// The kept runs were made again, and so many of them fail. If one of the runs that count had failed, and none
    /// of those does, there is nothing to show for it.
    pub(crate) fn tried(&mut self, failing: usize) {
        let state = self.state();
        state.kept = failing;
        if !state.progress.failed || failing > 0 {
            return;
        }
        let why = match self.kept.is_empty() {
            true => "a run had failed, and is kept no more",
            false => "a run had failed, and none of those that are kept fails now",
        };
        self.begin_anew(why.to_owned());
    }

    /// The number of the first run that was not made before.
    pub(crate) fn first(&mut self) -> u64 {
        self.state().progress.runs
    }

    /// Why it began anew, if it did.
    pub(crate) fn anew(&mut self) -> Option<String> {
        self.state().anew.clone()
    }

    /// Keeps a failing run.
    pub(crate) fn found(&self, run: &Run) {
        // Two threads write one after the other.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.progress.failed = true;
        if state.kept >= KEPT_MAX {
            return;
        }
        state.kept += 1;
        state.found.push(run.token.clone());
        if let Err(error) = self.regressions.keep(&run.token, reason(run)) {
            let problem = format!("{} fails and could not be kept: {error}", run.token);
            state.problem.get_or_insert(problem);
        }
    }

    /// A failing run was shrunk: that one is kept in its place, or beside those that are, if it was not. One that
    /// does not repeat is not kept: made first, it would pass and be taken for mended. Nor is any other of this
    /// session then that does not fail once more, by `fails`.
    pub(crate) fn reported(&self, run: &Run, failure: &Failure, fails: impl Fn(&Token) -> bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, why) = (&failure.run.token, reason(&failure.run));
        let kept = if failure.repeats() {
            let replaced = self.regressions.replace(&run.token, token, why);
            replaced.and_then(|()| self.regressions.keep(token, why))
        } else {
            let found = std::mem::take(&mut state.found);
            let mut gone = found
                .iter()
                .filter(|token| **token == run.token || !fails(token));
            gone.try_for_each(|token| self.regressions.forget(token))
        };
        if let Err(error) = kept {
            let problem = format!("{token} fails and could not be kept: {error}");
            state.problem.get_or_insert(problem);
        }
    }

    /// Every run below `made` has been made.
    pub(crate) fn done(&self, made: u64, now: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let early = |written: Instant| written.elapsed() < WRITTEN_EVERY;
        if !self.counts || !now && state.written.is_some_and(early) {
            return;
        }
        state.written = Some(Instant::now());
        state.progress.runs = made;
        if let Err(error) = state.progress.write(&self.path) {
            let path = self.path.display();
            let problem = format!("how far it was could not be kept: cannot write {path}: {error}");
            state.problem.get_or_insert(problem);
        }
    }

    /// What could not be kept, and why.
    pub(crate) fn problem(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.problem.clone()
    }
}

fn reason(run: &Run) -> &str {
    let violation = run.violations.first();
    violation.map_or("", |violation| &violation.text)
}

/// The failing runs that are kept. A file that is damaged is put aside, and what is to be said of that comes back.
fn load(regressions: &Regressions) -> Result<(Vec<Token>, Option<String>), String> {
    let error = match regressions.load() {
        Ok(tokens) => return Ok((tokens, None)),
        Err(error) => error,
    };
    let path = regressions.path();
    if let Err(unread) = fs::read(path) {
        return Err(format!("cannot read {}: {unread}", path.display()));
    }
    let aside = put_aside(path);
    let aside = aside.map_err(|cannot| format!("{error}; and it cannot be put aside: {cannot}"))?;
    let why = format!("{error}; it was put aside as {}", aside.display());
    Ok((Vec::new(), Some(why)))
}

/// Gives a file a name that no other has, and nobody else takes meanwhile: an empty file holds its place until then.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u64;
    let aside = loop {
        let mut aside = path.as_os_str().to_owned();
        aside.push(match number {
            1 => ".damaged".to_owned(),
            _ => format!(".damaged-{number}"),
        });
        match File::create_new(&aside) {
            Ok(_) => break PathBuf::from(aside),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    let put = fs::rename(path, &aside);
    if put.is_err() {
        // The first error is the one to be told.
        let _ = fs::remove_file(&aside);
    }
    put.map(|()| aside)
}
