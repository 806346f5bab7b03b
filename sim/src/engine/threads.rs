//! What several threads add to a wait with a deadline: between the moment at which the deadline has won and the drop of
//! what lost, other tasks may go on, and hand over a value that is dropped with it.
//!
//! 1. It is a decision, and the dullest choice is that nobody does. Where there is one thread there is no decision.
//! 2. Those who go on take their turns on top of the stack of the one who waits, as beneath `block_on`.

use std::future::poll_fn;
use std::task::Poll;

use crate::engine::block_on::block_on;
use crate::state::world;

/// Whether this run stands for a runtime of several threads; false outside of a run. See
/// [`Config::multi_thread`](crate::Config::multi_thread).
///
/// # Examples
///
/// ```
/// let several = || async { assert!(deadheat::program::is_multi_thread()) };
/// deadheat::run(&deadheat::Config::new().multi_thread(true), several).unwrap();
/// assert!(!deadheat::program::is_multi_thread());
/// ```
pub fn is_multi_thread() -> bool {
    world::current(|world| world.threads).unwrap_or(false)
}

/// From now on this run stands for a runtime of several threads. For a runtime that stands for another and is built inside
/// the run; nothing happens outside of one.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::becomes_multi_thread();
///     assert!(deadheat::program::is_multi_thread());
/// });
/// run.unwrap();
/// ```
pub fn becomes_multi_thread() {
    world::current(|world| world.threads = true);
}

/// Other tasks may go on here, before something is dropped that `what` names, such as "the future of a timeout". For
/// what stands for a part of a runtime of several threads.
///
/// # Determinism
///
/// One decision, if a task has been woken that is not this one. It is a fault by its kind: shrunk, bounded, and none
/// unless drawn.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::let_others_go_first("the future of a timeout");
/// });
/// run.unwrap(); // FIFO: nobody does
/// ```
#[track_caller]
pub fn let_others_go_first(what: &'static str) {
    let goes = world::current(|world| {
        let has_others = world.current.is_some() && !world.queue.is_empty();
        has_others && world.fault(what, &[(OTHERS, ())]).is_some()
    });
    if goes != Some(true) {
        return;
    }
    let mut has_yielded = false;
    block_on(poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
}

/// How a report goes on after the name of what is dropped.
const OTHERS: &str = "is dropped only after other threads have gone on";
