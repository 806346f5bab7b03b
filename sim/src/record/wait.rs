//! How a task waits: the `.await` it stands at, for what, and who has that.

use crate::base::line::Line;
use crate::record::await_place::AwaitPlace;
use crate::record::held::Held;

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

impl Wait {
    /// It stands at a line of what an interpreter runs.
    pub(crate) fn at(line: Line) -> Self {
        let place = AwaitPlace {
            function: String::new(),
            file: Some(line.file),
            line: Some((line.line, line.column)),
        };
        Wait {
            places: vec![place],
            keeps_waker: true,
            ..Wait::default()
        }
    }
}
