//! What a program states: events of its own, and what must hold.
//!
//! What needs a run panics outside of one, with a message that says so, as tokio's functions do outside of a
//! runtime.

use std::panic::Location;

use crate::base::line::Line;
use crate::base::time::Instant;
use crate::engine::inside::inside;
use crate::invariant::Check;

/// Records an event of the program's own in the trace; [`trace!`](crate::trace!) has an example.
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn log(text: &str) {
    let from = Location::caller();
    inside("log", |world| {
        let raw = world.recorder.text(text);
        world.record_from(raw, &from);
    });
}

/// Says which line of what it interprets the running task has come to: what happens in the task from then on has that line
/// in traces, reports and pictures. It is for a [`Program`](crate::Program) whose
/// [`has_lines`](crate::Program::has_lines) is false; the file, the line and the column are asked for only while a trace is
/// kept.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::search::Single;
/// use deadheat::{Config, Program, Verdict};
///
/// /// Says each line of a text.
/// struct Script(&'static str);
///
/// impl Program for Script {
///     type Handles = ();
///     type Outcome = ();
///
///     fn start(&self) {
///         let text = self.0;
///         deadheat::spawn(async move {
///             for (line, word) in (1..).zip(text.lines()) {
///                 deadheat::program::reaches_line(|| Some(("talk.txt".to_owned(), line, 1)));
///                 deadheat::log(word);
///             }
///         });
///     }
///
///     fn finish(&self, (): (), _verdict: Verdict) {}
///
///     fn has_lines(&self) -> bool {
///         false
///     }
/// }
///
/// let config = Config::new().trace(true);
/// let (run, _) = Single::of(&Script("good\nbye"), &config).fifo();
/// let origins = run.trace().events.iter().filter_map(|event| event.origin.as_ref());
/// let origins: Vec<String> = origins.map(ToString::to_string).collect();
/// assert_eq!(origins, ["talk.txt:1:1", "talk.txt:2:1"]);
/// ```
#[track_caller]
pub fn reaches_line(line: impl FnOnce() -> Option<(String, u32, u32)>) {
    inside("reaches_line", |world| {
        if world.recorder.keeps {
            let line = line().map(|(file, line, column)| Line { file, line, column });
            world.recorder.origins.reach(world.current, line);
        }
    });
}

/// States something that must hold whenever the run comes by; the run fails if it does not, and goes
/// on. The text is made only then.
///
/// # Panics
///
/// Outside of a run, if it does not hold.
///
/// # Examples
///
/// ```
/// let failure = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::always(1 + 1 == 3, || "arithmetic".to_owned());
/// });
/// assert!(failure.unwrap_err().to_string().contains("violated: arithmetic"));
/// ```
#[track_caller]
pub fn always(holds: bool, text: impl FnOnce() -> String) {
    if !holds {
        violate(Check::Stated, text());
    }
}

/// States something that must never hold; see [`always`](fn@always) and [`never!`](crate::never!).
///
/// # Panics
///
/// Outside of a run, if it holds.
#[track_caller]
pub fn never(holds: bool, text: impl FnOnce() -> String) {
    always(!holds, text);
}

/// States something that must hold in some run that comes by: an exploration reports the statements
/// that were made and never held (see [`Exploration::never_reached`](crate::search::Exploration::never_reached)).
/// [`sometimes!`](crate::sometimes!) has an example.
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn sometimes(holds: bool, statement: &'static str) {
    inside("sometimes", |world| world.sometimes(holds, statement));
}

/// Reports that a check does not hold.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run};
/// use deadheat::invariant::Check;
/// use deadheat::program::violate;
///
/// let failure = run(&Config::new(), || async { violate(Check::Stated, "two leaders".to_owned()) });
/// assert_eq!(failure.unwrap_err().run.violations[0].text, "two leaders");
/// ```
#[track_caller]
pub fn violate(check: Check, text: String) {
    let from = Location::caller();
    inside("violate", |world| {
        world.violate_from(check, text, Some(from))
    });
}

/// [`violate`] of what is stated in no line of the program.
pub(crate) fn violate_nowhere(check: Check, text: String) {
    inside("violate", |world| world.violate(check, text));
}

/// Reports that a check did not hold at a moment that has passed; see [`violate`].
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn violate_at(check: Check, at: Instant, text: String) {
    let from = Location::caller();
    inside("violate_at", |world| {
        let place = world.recorder.origins.shown(Some(from), world.current);
        let checks = &mut world.findings.checks;
        checks.violate((check, at, text), place, None);
    });
}
