//! Where the parts of a scenario stand in its file.

use super::Step;

/// A line and a column, both from 1; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Where the parts of a scenario stand in its file; empty if it was read from none. All are equal: they are for a reader.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The file, as it was named.
    pub file: String,
    /// Each task, in order.
    pub tasks: Vec<At>,
    /// Each step: those of the first task, then those of the second. A step comes before those in its block, and of a `try`
    /// those of the body come first, then those of each `on`, then those of `finally`.
    pub steps: Vec<At>,
    /// Each line of `expect`.
    pub expect: Vec<At>,
}

impl PartialEq for Places {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

/// Calls `f` with each of these steps and of those in their blocks, in the order of [`Places::steps`].
pub(crate) fn each_step(steps: &[Step], f: &mut impl FnMut(&Step)) {
    for step in steps {
        f(step);
        match step {
            Step::Timeout { body, .. }
            | Step::WaitForSteps { body, .. }
            | Step::Acquire { body, .. } => each_step(body, f),
            Step::Try {
                body,
                handlers,
                finally,
            } => {
                each_step(body, f);
                handlers.iter().for_each(|on| each_step(&on.steps, f));
                each_step(finally.as_deref().unwrap_or_default(), f);
            }
            _ => {}
        }
    }
}
