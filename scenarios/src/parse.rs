//! Reads scenario files: KDL 2 text in, a [`Scenario`] or every mistake out.
//!
//! 1. Whatever the text is, reading it ends quickly, in time that grows with its length only, and without
//!    panic. [`MAX_FILE_BYTES`] and [`MAX_DEPTH`] bound what is looked at.
//! 2. Every mistake has a place and a hint.
//! 3. Nothing is ignored: what is not understood is a mistake.
//!
//! The way of a text: `lex` cuts it into tokens, `tree` makes nodes of them (`values` asks the `kdl` crate
//! what strings and numbers say), `document` looks for what is declared, `steps`, `tries` and `expect` read
//! the rest by the table in `shape`. Mistakes gather in `problem` and leave in `error`. Files are read in
//! `file`; the interpreter is not here.

#[cfg(test)]
mod against_kdl;
mod blank;
mod document;
mod error;
mod expect;
mod file;
mod header;
mod lex;
mod malformed;
mod names;
mod problem;
mod raw;
mod shape;
mod source;
mod starts;
mod steps;
mod strings;
mod tree;
mod tries;
mod typed;
mod values;
mod wording;

pub use self::error::{Mistake, ParseError};
pub use self::file::read;
use self::problem::Problems;
use crate::ast::Scenario;

/// The largest file that is read: 1 MiB.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// How deep blocks may be nested.
///
/// A `try` takes two levels, `try {` and `body {`, so there is room for thirty of them in each other.
/// Reading does not recurse, but what walks a scenario does.
pub const MAX_DEPTH: usize = 64;

/// Parses the text of a scenario file; `file_name` is for messages only.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::ast::{Latency, Step};
///
/// let scenario = deadheat_scenarios::parse(
///     "late.kdl",
///     r#"
///     scenario "a reply meets its deadline"
///     task "main" {
///         timeout "query" after="3s" { sleep "1s..5s" }
///     }
///     expect { task "main" ends="timeout"; scope "query" expired=#true }
///     "#,
/// )?;
/// let Step::Timeout { scope, body, .. } = &scenario.tasks[0].steps[0] else { panic!() };
/// assert_eq!(scenario.scopes[scope.0], "query");
/// let latency = Latency::Range { low_ns: 1_000_000_000, high_ns: 5_000_000_000 };
/// assert_eq!(body[0], Step::Sleep(latency));
/// # Ok::<(), deadheat_scenarios::ParseError>(())
/// ```
///
/// # Errors
///
/// All mistakes of the text, up to a small number; if its structure is broken, only the first break.
pub fn parse(file_name: &str, text: &str) -> Result<Scenario, ParseError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(too_large(file_name));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Problems::default();
    match scenario(file_name, text, &mut problems) {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(ParseError::new(file_name, text, problems)),
    }
}

fn scenario(file_name: &str, text: &str, problems: &mut Problems) -> Option<Scenario> {
    if let Some((at, c)) = lex::forbidden(text) {
        problems.report(|| malformed::forbidden(at, c));
        return None;
    }
    let nodes = tree::read(text, problems);
    if !problems.is_empty() {
        return None;
    }
    let (mut scenario, starts) = document::scenario(&nodes, problems).ok()?;
    scenario.places = starts.places(file_name, text);
    Some(scenario)
}

fn too_large(file_name: &str) -> ParseError {
    let message = format!("the file has more than {MAX_FILE_BYTES} bytes");
    let help = "a scenario is a page of text; is this the right file?";
    ParseError::at_start(file_name, message, help.to_owned())
}
