//! A place in the sources at which a future waits.

use std::fmt;

/// A place in the sources at which a future waits: see [`Wait`](crate::record::Wait).
///
/// # Examples
///
/// ```
/// # use deadheat::record::AwaitPlace;
/// /// For a list of places in an editor.
/// fn jump(place: &AwaitPlace) -> Option<String> {
///     let (line, column) = place.line?;
///     Some(format!("{}:{line}:{column}", place.file.as_ref()?))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct AwaitPlace {
    /// The function.
    pub function: String,
    /// The file, as the compiler was told.
    pub file: Option<String>,
    /// The line and the column of the `.await`.
    pub line: Option<(u32, u32)>,
}

impl fmt::Display for AwaitPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some((line, column))) => {
                write!(f, "{file}:{line}:{column} in {}", self.function)
            }
            _ => write!(
                f,
                "{} (no line: built without debug information)",
                self.function
            ),
        }
    }
}
