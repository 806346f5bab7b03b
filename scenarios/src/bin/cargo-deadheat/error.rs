//! Why a command ended before cargo was called: what went wrong, with where and what to do; or that it was asked to end.

use std::fmt;
use std::io;
use std::path::Path;

use crate::interrupts::Signal;

/// Why the command did nothing.
#[derive(Debug)]
pub(crate) enum Error {
    Told(String),
    Interrupted(Signal),
}

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Error::Told(text.into())
    }

    /// What the system refused, and on which file.
    pub(crate) fn on(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
        move |error| Error::Told(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Told(text) => f.write_str(text),
            Error::Interrupted(_) => f.write_str("interrupted"),
        }
    }
}
