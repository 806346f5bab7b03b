//! Runs that are made on a thread of their own, as what a thread keeps for itself would outlive them.
//!
//! 1. The keys of hash maps and the generators of random numbers are drawn once a thread, and kept there. So a sealed run
//!    begins on a thread that has drawn nothing yet. Whether one has is found out, run by run: programs that draw nothing
//!    have one thread for all their runs.
//! 2. Of a thread that somebody else has started nobody knows what it has drawn: it counts as used up.
//! 3. The stack of a thread of its own is as large as that of the thread in whose place it makes the run.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::thread::{self, Builder};

use deadheat_seal::stack_size;

use crate::engine::execute::Made;
use crate::engine::program::Program;
use crate::record::leaks::Places;
use crate::search::maker::Ready;
use crate::state::world;
use crate::witness;

thread_local! {
    /// This thread was started here, and has drawn nothing.
    static IS_FRESH: Cell<bool> = const { Cell::new(false) };
    /// How large the stack of this thread is. It is found out once: that of the main thread is read from a file.
    static STACK: usize = stack_size().map_or(STACK_LEAST, |size| size.clamp(STACK_LEAST, STACK_MOST));
}

/// What std gives to threads by default, and what is enough for those that have no limit.
const STACK_LEAST: usize = 2 << 20;
const STACK_MOST: usize = 1 << 30;

/// How a run is made that is ready: here, or on a thread of its own.
pub(in crate::search) type Make<P> = for<'a> fn(Ready<'a, P>) -> Made<<P as Program>::Outcome>;

/// How large the stack of a thread is that makes runs in the place of this one.
pub(in crate::search) fn stack_of_here() -> usize {
    STACK.with(|size| *size)
}

/// To be called on a thread that was started for runs, and has drawn nothing.
pub(in crate::search) fn mark_fresh() {
    IS_FRESH.set(true);
}

/// To be called when a run on this thread has drawn what the thread keeps.
#[cold]
pub(in crate::search) fn mark_used_up() {
    IS_FRESH.set(false);
}

/// Makes a run here, whatever the thread has drawn.
#[inline]
pub(in crate::search) fn here<P: Program>(ready: Ready<'_, P>) -> Made<P::Outcome> {
    ready.make()
}

/// Makes a run where it has to be made.
#[inline]
pub(in crate::search) fn whole<P: Program>(ready: Ready<'_, P>) -> Made<P::Outcome>
where
    P::Outcome: Send,
{
    match is_needed(ready.is_to_be_sealed()) {
        false => ready.make(),
        true => on_a_fresh_thread(|| ready.make()),
    }
}

/// The same where nobody asks for the outcome, which is dropped where it was made: it may be one thread's.
#[inline]
pub(in crate::search) fn without_outcome<P: Program>(ready: Ready<'_, P>) -> Made<P::Outcome> {
    if !is_needed(ready.is_to_be_sealed()) {
        return ready.make();
    }
    let (run, scheduler) = on_a_fresh_thread(|| {
        let made = ready.make();
        (made.run, made.scheduler)
    });
    Made {
        run,
        outcome: None,
        scheduler,
    }
}

/// Whether what is to be made needs another thread. A run inside of another one is none: that is told where it begins.
#[inline]
pub(in crate::search) fn is_needed(sealed: bool) -> bool {
    sealed && !IS_FRESH.get() && world::run_number() == 0
}

/// Calls `f` on a thread that has drawn nothing, and that is watched as this one is.
#[cold]
pub(in crate::search) fn on_a_fresh_thread<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let (seat, places) = (witness::seat(), Places::here());
    let work = || {
        places.are();
        mark_fresh();
        witness::on_seat(seat, f)
    };
    let done = thread::scope(|scope| {
        let thread = Builder::new().stack_size(stack_of_here());
        let started = thread.spawn_scoped(scope, work);
        started.expect("the system starts a thread").join()
    });
    done.unwrap_or_else(|payload| resume_unwind(payload))
}
