//! What the stack of a task that blocks is unwound with when the run ends underneath.

use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;
use std::thread::panicking;

/// What a stack is unwound with when the run ends underneath.
pub(crate) struct RunIsOver {
    /// It goes on unwinding when it is dropped.
    pub(crate) insists: Cell<bool>,
}

impl RunIsOver {
    /// It has reached the executor, if it is what a panic was raised with.
    pub(crate) fn arrive(payload: &(dyn Any + Send)) {
        if let Some(over) = payload.downcast_ref::<RunIsOver>() {
            over.insists.set(false);
        }
    }
}

impl Drop for RunIsOver {
    /// A program that catches each panic, drops it and waits again would never end.
    fn drop(&mut self) {
        if self.insists.get() && !panicking() {
            resume_unwind(Box::new(RunIsOver {
                insists: Cell::new(true),
            }));
        }
    }
}
