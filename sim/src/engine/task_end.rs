//! How a task ends: its end is recorded, and whoever waits for it is woken.

use std::panic::{self, AssertUnwindSafe};
use std::task::Waker;

use crate::engine::panics;
use crate::record::events::Finish;
use crate::record::panic::PanicReport;
use crate::state::world;

/// Whoever waits and is no task of the run.
pub(super) const WAKER: &str = "a waker from outside";

/// Drops a task outside of its turn. One that is taking its turn is dropped after it.
pub(crate) fn drop_now(task: u32) {
    let taken = world::with(|world| {
        let future = world.take_unended(task)?;
        Some((future, world.current.replace(task)))
    });
    let Some((future, current)) = taken.flatten() else {
        return;
    };
    let ended = panic::catch_unwind(AssertUnwindSafe(|| drop(future)));
    let woken = wake_joiner(task);
    world::with(|world| {
        world.finished(task, Finish::Aborted);
        world.current = current;
        // It is nobody's panic here: it fails the run.
        world.findings.unseen.extend(woken.map(|report| *report));
    });
    if let Err(payload) = ended {
        panic::resume_unwind(payload);
    }
}

/// Wakes whoever waits for the end of a task. Gives what it panicked with, if it did.
#[inline(never)]
pub(super) fn wake_joiner(task: u32) -> Option<Box<PanicReport>> {
    let foreign = world::with(|world| world.wake_joiner(task)).flatten();
    foreign.and_then(wake)
}

/// Wakes somebody who is no task of the run: code that is not ours. Gives what it panicked with, if it did.
pub(super) fn wake(waker: Waker) -> Option<Box<PanicReport>> {
    panics::catch_of(WAKER, || waker.wake()).err()
}

pub(super) fn finish(
    task: u32,
    finish: Finish,
    ended: Result<(), (String, String)>,
    panic: &mut Option<PanicReport>,
) {
    world::with(|world| {
        if let Err((message, place)) = ended {
            *panic = Some(PanicReport {
                message,
                place,
                task: world.task_name(task),
            });
        }
        world.finished(task, finish);
    });
}
