//! Whether a plain function is under way, which may wait, or an asynchronous one, which may not.
//!
//! 1. In the turn of a task an asynchronous function is under way, but where it is said that a plain one is.
//! 2. What is polled for a plain function that waits, and what takes its turns beneath it meanwhile, is
//!    asynchronous again.
//!
//! Only runtimes that stand for others ask: [`block_on`](crate::block_on) waits wherever it is called.

use std::cell::Cell;

use crate::state::world;

thread_local! {
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f` as an asynchronous function's part, or as a plain function, in which one may wait; see [`is_async`].
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run};
/// use deadheat::program::{as_async, is_async};
///
/// let run = run(&Config::new(), || async {
///     assert!(is_async());
///     as_async(false, || assert!(!is_async()));
/// });
/// run.unwrap();
/// ```
pub fn as_async<R>(is_async: bool, f: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            PLAIN.set(self.0);
        }
    }
    let _restore = Restore(PLAIN.replace(!is_async));
    f()
}

/// Whether an asynchronous function of the run is under way, in which tokio's `block_on` and the drop of its
/// runtimes panic. In a plain function none is: a program's start, [`check_blocking`](crate::check_blocking), a
/// blocking closure of a runtime that says so by [`as_async`]; nor is any as the run is torn down.
///
/// # Examples
///
/// ```
/// assert!(!deadheat::program::is_async());
/// deadheat::run(&deadheat::Config::new(), || async { assert!(deadheat::program::is_async()) }).unwrap();
/// deadheat::run_blocking(&deadheat::Config::new(), || assert!(!deadheat::program::is_async())).unwrap();
/// ```
pub fn is_async() -> bool {
    let in_turn = || world::with(|world| world.current.is_some() && !world.closing);
    !PLAIN.get() && in_turn().unwrap_or(false)
}
