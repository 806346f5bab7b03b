//! The run of this thread, for what works only in one.

use crate::state::world::{self, World};

/// Looks at the run that is under way on this thread.
///
/// # Panics
///
/// If there is none, or if it is looked at already.
#[track_caller]
pub(crate) fn inside<R>(what: &str, f: impl FnOnce(&mut World) -> R) -> R {
    match world::current(f) {
        Some(result) => result,
        None if world::run_number() != 0 => within_another(what),
        None => panic!(
            "deadheat::{what} works only inside a run, on the run's own thread: call it from the \
             body of a #[deadheat::test] (not of a #[test] or a #[tokio::test]), from the future given to deadheat::run, check \
             or explore, or from a task spawned there"
        ),
    }
}

/// A run is called where it is in the hands of another call already.
///
/// # Panics
///
/// Always, with what to do.
#[track_caller]
pub(crate) fn within_another(what: &str) -> ! {
    panic!(
        "deadheat::{what} was called in the middle of another call into the run, as in the closure that \
         deadheat::net::Socket::call takes: do it before that call or after it"
    )
}
