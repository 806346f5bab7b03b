//! A line of the sources, as reports name it.

use std::fmt;
use std::panic::Location;

use crate::base::whose;

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
    pub(crate) fn parse(text: &str) -> Option<Line> {
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
