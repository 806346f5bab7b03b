//! Threads that do one piece of work after another together, and are started once for all of them.
//!
//! 1. A piece is done when every thread is done with it. Between two of them the threads wait for whoever leads them.
//! 2. After a panic of a thread no other piece begins, and it goes on in whoever leads them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use crate::search::maker::apart;

/// What threads that work together know of each other.
#[derive(Debug, Default)]
struct Team {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many pieces were begun.
    pieces: u64,
    /// How many threads are not done with the last of them.
    at_work: usize,
    is_over: bool,
}

/// Starts so many threads, which stay in `around` and there do each piece by `work`. Calls `lead` with a function that
/// has a piece done, and says whether another one may follow.
pub(super) fn together(
    threads: usize,
    around: impl Fn(&dyn Fn()) + Sync,
    work: impl Fn() + Sync,
    lead: impl FnOnce(&dyn Fn() -> bool),
) {
    let team = Team::default();
    std::thread::scope(|scope| {
        let over = Over(&team);
        let member = || around(&|| team.pieces(&work));
        let stack = apart::stack_of_here();
        (0..threads).for_each(|_| {
            let thread = Builder::new().stack_size(stack);
            let spawned = thread.spawn_scoped(scope, member);
            drop(spawned.expect("a thread for runs can be started"));
        });
        lead(&|| team.piece(threads));
        drop(over);
    });
}

impl Team {
    /// Has a piece done.
    fn piece(&self, threads: usize) -> bool {
        let mut state = self.state();
        if !state.is_over {
            state.pieces += 1;
            state.at_work = threads;
            self.changed.notify_all();
        }
        while !state.is_over && state.at_work > 0 {
            state = self.changed(state);
        }
        !state.is_over
    }

    /// Does each piece, on one of the threads.
    fn pieces(&self, work: impl Fn()) {
        let mut done = 0;
        while self.begins(&mut done) {
            let at_work = AtWork(self);
            work();
            drop(at_work);
        }
    }

    /// Waits for the next piece; false if there is none.
    fn begins(&self, done: &mut u64) -> bool {
        let mut state = self.state();
        while !state.is_over && state.pieces == *done {
            state = self.changed(state);
        }
        *done = state.pieces;
        !state.is_over
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let state = self.changed.wait(state);
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread is at work until this is dropped.
struct AtWork<'a>(&'a Team);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.at_work -= 1;
        state.is_over |= std::thread::panicking();
        if state.is_over || state.at_work == 0 {
            self.0.changed.notify_all();
        }
    }
}

/// No other piece comes once this is dropped, so that nobody waits for one.
struct Over<'a>(&'a Team);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use super::*;

    #[test]
    fn each_piece_is_done_by_all_before_the_next_begins() {
        let made = AtomicU64::new(0);
        let work = || {
            made.fetch_add(1, Relaxed);
        };
        together(
            3,
            |inside| inside(),
            work,
            |piece| {
                for pieces in 1..=100 {
                    assert!(piece());
                    assert_eq!(made.load(Relaxed), 3 * pieces);
                }
            },
        );
    }

    #[test]
    fn a_panic_on_either_side_ends_it_on_both() {
        let work = || panic!("a thread");
        let of_thread = || {
            together(
                2,
                |inside| inside(),
                work,
                |piece| assert!(!piece() && !piece()),
            );
        };
        assert!(catch_unwind(of_thread).is_err());
        let of_leader = || together(2, |inside| inside(), || (), |_| panic!("the leader"));
        assert!(catch_unwind(AssertUnwindSafe(of_leader)).is_err());
    }
}
