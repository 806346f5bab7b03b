//! Where a task waits: the `.await` it stands at, and for what.

use std::fmt;

use crate::record::held::Held;

/// A place in the sources at which a future waits: see [`Wait`].
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

/// How a task waits.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run};
/// use std::future::pending;
///
/// let failure = run(&Config::new(), || async { pending::<()>().await }).unwrap_err();
/// for task in &failure.run.pending {
///     let places = task.wait.iter().flat_map(|wait| &wait.places);
///     let places: Vec<String> = places.map(ToString::to_string).collect();
///     println!("{} waits at {}", task.task, places.join(", awaited at "));
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Wait {
    /// The `.await`s it stands at, the innermost first, as far as they are the program's own.
    pub places: Vec<AwaitPlace>,
    /// What the innermost of them waits for, by the functions of others that it calls: one, or one for each branch.
    pub on: Vec<String>,
    /// Some future has kept a waker, without which nothing can wake the task.
    pub(crate) keeps_waker: bool,
    /// Who keeps it waiting, as far as that was found out.
    pub held: Held,
}
