//! What is written down of a panic.

use std::fmt;

/// What a task panicked with, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PanicReport {
    /// The message. What panicked next, because of that, stands in lines of its own.
    pub message: String,
    /// File, line and column.
    pub place: String,
    /// The task, or what else it was that panicked.
    pub task: String,
}

impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} panicked at {}: {}",
            self.task, self.place, self.message
        )
    }
}

/// A panic that the hook has seen.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) run: u32,
    /// None if it was raised with no text.
    pub(crate) message: Option<String>,
    pub(crate) place: String,
}

#[cfg(test)]
impl Noted {
    /// A panic with a message.
    pub(crate) fn of(message: &str) -> Self {
        Noted {
            run: 1,
            message: Some(message.to_owned()),
            place: "an unknown place".to_owned(),
        }
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().unwrap_or(NO_TEXT);
        // There the standard library says why it ends the process: no place of the program's.
        if self.place.contains("core/src/panicking.rs") {
            return f.write_str(message);
        }
        write!(f, "at {}: {message}", self.place)
    }
}

/// What stands for a message that there is none of.
pub(crate) const NO_TEXT: &str = "a value that is no text";
