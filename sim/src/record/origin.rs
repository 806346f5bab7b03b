//! Where in the sources something of a run was caused.
//!
//! 1. A place comes from `#[track_caller]`, which costs a pointer and needs no debug information.
//! 2. Where that is a line of a dependency, the first line of the program's own on the stack is looked for; only while a
//!    trace is kept, since that takes long.
//! 3. What an interpreter runs has lines of its own: it says which one a task has come to, and what happens in the task from
//!    then on has that line. This too only while a trace is kept.
//! 4. A place is no part of a fingerprint, nor of a trace's text or equality: unrelated edits would change them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use deadheat_timeout::Place as Caller;

use crate::base::line::Line;
use crate::base::whose;
use crate::record::leaks::Place;

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
const STACKS_MAX: usize = 256;

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
    /// The places are those of an interpreter.
    interprets: bool,
    /// The line of what is interpreted that each task has come to.
    reached: BTreeMap<Option<u32>, u32>,
}

impl Origins {
    /// `lines` says whether places are the program's, and not those of an interpreter.
    pub(crate) fn begin(&mut self, lines: bool) {
        let is_fresh = self.looks == 0 && self.standing_in.is_empty() && self.reached.is_empty();
        if !is_fresh || self.panic.is_some() {
            *self = Origins::default();
        }
        self.interprets = !lines;
    }

    /// What is interpreted has come to this line, in this task; to none that is known.
    pub(crate) fn reach(&mut self, task: Option<u32>, line: Option<Line>) {
        let Some(line) = line else {
            self.reached.remove(&task);
            return;
        };
        let number = match self.found.iter().position(|found| *found == line) {
            Some(number) => number,
            None => {
                self.found.push(line);
                self.found.len() - 1
            }
        };
        self.reached.insert(task, number as u32);
    }

    /// Whether places are those of an interpreter.
    pub(crate) fn interprets(&self) -> bool {
        self.interprets
    }

    /// The line of what is interpreted that a task has come to.
    pub(crate) fn reached(&self, task: Option<u32>) -> Option<Line> {
        let number = self.reached.get(&task)?;
        self.found.get(*number as usize).cloned()
    }

    /// What is caused there is caused by whoever calls it.
    pub(crate) fn stands_in(&mut self, place: Caller) {
        self.standing_in.entry(address(place)).or_default();
    }

    /// Looks for the line of the program above this place, if it is one of others.
    pub(crate) fn look(&mut self, place: Caller, task: Option<u32>) -> Option<u32> {
        if self.interprets {
            return self.reached.get(&task).copied();
        }
        if whose::stands_in(place.file()) {
            self.stands_in(place);
        }
        let stands_in = self.standing_in.contains_key(&address(place));
        if !stands_in && !whose::is_of_others(place.file()) {
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
        self.panic = (!self.interprets).then_some((place, line));
    }

    /// The line of the program above the place of a panic.
    pub(crate) fn of_panic(&mut self, place: &str) -> Option<Line> {
        let (_, line) = self.panic.take_if(|(of, _)| of == place)?;
        Some(line)
    }

    /// The line of something that a task does at a place, as a reader knows it.
    pub(crate) fn shown(&self, place: Option<Caller>, task: Option<u32>) -> Option<Line> {
        match self.interprets {
            true => self.reached(task),
            false => place.map(Line::of),
        }
    }

    /// The origin of an event, for which `above` was found.
    pub(crate) fn of(&self, place: Caller, above: Option<u32>) -> Option<Origin> {
        if self.interprets {
            let at = self.found.get(above? as usize)?.clone();
            return Some(Origin { at, within: None });
        }
        let stands_in = self.standing_in.get(&address(place));
        let is_ours = stands_in.is_some() || whose::stands_in(place.file());
        let above = above.or_else(|| stands_in.copied().flatten());
        let line = Line::of(place);
        match above.and_then(|above| self.found.get(above as usize)) {
            Some(at) => Some(Origin {
                at: at.clone(),
                within: (!is_ours).then_some(line),
            }),
            // A line of what stands in for a runtime says nothing to a reader.
            None if is_ours => None,
            None => Some(Origin {
                at: line,
                within: None,
            }),
        }
    }
}

fn address(place: Caller) -> usize {
    std::ptr::from_ref(place).addr()
}
