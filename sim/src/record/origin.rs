//! Where in the sources something of a run was caused.
//!
//! 1. A place comes from `#[track_caller]`, which costs a pointer and needs no debug information.
//! 2. Where that is a line of a dependency, the first line of the program's own on the stack is looked for; only while a
//!    trace is kept, since that takes long.
//! 3. A place is no part of a fingerprint, nor of a trace's text or equality: unrelated edits would change them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use deadheat_timeout::Place as Caller;

use crate::record::leaks::Place;
use crate::record::whose;

/// A line of the sources.
///
/// # Examples
///
/// ```
/// use deadheat::record::EventKind;
/// use deadheat::{Config, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new().trace(true), || async {
///     sleep(Duration::from_millis(1)).await; let expected = line!();
///     deadheat::log(&expected.to_string());
/// });
/// let run = run.unwrap();
/// let is_armed = |event: &&deadheat::record::TraceEvent| matches!(event.what, EventKind::Arm { .. });
/// let sleep = run.trace().events.iter().find(is_armed).unwrap();
/// let line = &sleep.origin.as_ref().unwrap().at;
/// assert!(run.trace().to_string().contains(&format!("{}", line.line)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Line {
    /// The file, as the compiler was told.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; zero if it is not known.
    pub column: u32,
}

impl Line {
    pub(crate) fn of(place: &Location<'_>) -> Line {
        Line {
            file: place.file().to_owned(),
            line: place.line(),
            column: place.column(),
        }
    }

    /// `FILE:LINE`.
    fn parse(text: &str) -> Option<Line> {
        let (file, line) = text.rsplit_once(':')?;
        Some(Line {
            file: file.to_owned(),
            line: line.parse().ok()?,
            column: 0,
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", whose::told(&self.file), self.line)?;
        match self.column {
            0 => Ok(()),
            column => write!(f, ":{column}"),
        }
    }
}

/// Where something was caused: see [`Line`].
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run, spawn};
///
/// let run = run(&Config::new().trace(true), || async {
///     spawn(async {}).await.unwrap();
/// });
/// let run = run.unwrap();
/// let origin = run.trace().events.iter().find_map(|event| event.origin.as_ref()).unwrap();
/// assert!(origin.within.is_none(), "no dependency has spawned it");
/// assert!(origin.to_string().ends_with(&format!(":{}", origin.at.column)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// The line of the program; a dependency's if no line of the program called it.
    pub at: Line,
    /// The line of the dependency that was called there, if it was one that caused it.
    pub within: Option<Line>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        match &self.within {
            Some(within) => write!(f, " (within {within})"),
            None => Ok(()),
        }
    }
}

/// The line of the program above a place of others, as the stack has it now.
pub(crate) fn above(place: &Location<'_>) -> Option<Line> {
    match whose::is_of_others(place.file()) {
        true => of_the_program(),
        false => None,
    }
}

/// The innermost line of the program, as the stack has it now.
fn of_the_program() -> Option<Line> {
    match Place::of_caller()? {
        Place::Line(line) => Line::parse(&line),
        _ => None,
    }
}

/// So many stacks are looked at in one run; after that the line counts that was found last for the same place and task.
const STACKS_MAX: usize = 64;

/// A place, by its address, and the task that was there.
type Key = (usize, Option<u32>);

/// The lines of the program that were found above places of others, in one run.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    found: Vec<Line>,
    /// How many stacks were looked at.
    looks: usize,
    latest: BTreeMap<Key, Option<u32>>,
    /// Places of code that stands in for a runtime's, with what was found for each last: nobody wants to read of them.
    standing_in: BTreeMap<usize, Option<u32>>,
    /// Where a panic was raised, and the line of the program above it.
    panic: Option<(String, Line)>,
    /// The lines are those of an interpreter.
    hidden: bool,
}

impl Origins {
    /// `lines` says whether there are any to be told.
    pub(crate) fn begin(&mut self, lines: bool) {
        if self.looks > 0 || !self.standing_in.is_empty() || self.panic.is_some() {
            *self = Origins::default();
        }
        self.hidden = !lines;
    }

    /// What is caused there is caused by whoever calls it.
    pub(crate) fn stands_in(&mut self, place: Caller) {
        self.standing_in.entry(address(place)).or_default();
    }

    /// Looks for the line of the program above this place, if it is one of others.
    pub(crate) fn look(&mut self, place: Caller, task: Option<u32>) -> Option<u32> {
        let stands_in = self.standing_in.contains_key(&address(place));
        if self.hidden || !stands_in && !whose::is_of_others(place.file()) {
            return None;
        }
        let latest = self.latest.entry((address(place), task)).or_default();
        if self.looks < STACKS_MAX {
            self.looks += 1;
            *latest = of_the_program().map(|line| {
                self.found.push(line);
                self.found.len() as u32 - 1
            });
        }
        let found = *latest;
        match self.standing_in.get_mut(&address(place)) {
            // A task of its own may go on with what a line of the program has begun.
            Some(last) => {
                *last = found.or(*last);
                *last
            }
            None => found,
        }
    }

    /// A panic was raised below this line of the program.
    pub(crate) fn panicked(&mut self, place: String, line: Line) {
        self.panic = (!self.hidden).then_some((place, line));
    }

    /// The line of the program above the place of a panic.
    pub(crate) fn of_panic(&mut self, place: &str) -> Option<Line> {
        let (_, line) = self.panic.take_if(|(of, _)| of == place)?;
        Some(line)
    }

    /// A place, unless it is one of an interpreter.
    pub(crate) fn shown(&self, place: Option<Caller>) -> Option<Caller> {
        place.filter(|_| !self.hidden)
    }

    /// The origin of an event, for which `above` was found.
    pub(crate) fn of(&self, place: Caller, above: Option<u32>) -> Option<Origin> {
        if self.hidden {
            return None;
        }
        let stands_in = self.standing_in.get(&address(place));
        let above = above.or_else(|| stands_in.copied().flatten());
        let line = Line::of(place);
        Some(
            match above.and_then(|above| self.found.get(above as usize)) {
                Some(at) => Origin {
                    at: at.clone(),
                    within: stands_in.is_none().then_some(line),
                },
                None => Origin {
                    at: line,
                    within: None,
                },
            },
        )
    }
}

fn address(place: Caller) -> usize {
    std::ptr::from_ref(place).addr()
}
