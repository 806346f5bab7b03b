//! What can go wrong before cargo is called: each says where, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// Why the command did nothing.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Error(text.into())
    }

    /// What the system refused, and on which file.
    pub(crate) fn on(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
        move |error| Error(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
