//! The run of this thread, for what works only in one.

use crate::state::world::{self, World};

/// Looks at the run that is under way on this thread.
///
/// # Panics
///
/// If there is none.
#[track_caller]
pub(crate) fn inside<R>(what: &str, f: impl FnOnce(&mut World) -> R) -> R {
    match world::current(f) {
        Some(result) => result,
        None => panic!(
            "deadheat::{what} works only inside a run, on the run's own thread: call it from the \
             future given to deadheat::run, check or explore, or from a task spawned there"
        ),
    }
}
