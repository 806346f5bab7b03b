//! What several threads add to a wait with a deadline: between the poll of what it waits for and its end other tasks may go
//! on, and hand over a value that nobody looks at any more.
//!
//! 1. It is a decision, and the dullest choice is that nobody does. Where there is one thread there is no decision.
//! 2. Whoever lets others go first returns `Pending`, and its task is woken once its turn has ended. So they take turns
//!    of their own, with nothing of it on the stack: no lock is held, and no thread-local is set.
//! 3. The rest of that turn runs, too, which on threads it could not: another branch of the same task may hand over the
//!    value. Nothing reaches a future that waits without waking its task, so that is seen, and then the next poll is a poll
//!    like any other, as if the deadline had come a moment later. A task that is woken before it asks does not ask.
//! 4. A future beneath a waker that is not its task's (`FuturesUnordered`) does not ask: its wakes cannot be told apart.

use std::task::Context;

use deadheat_timeout::Place;

use crate::engine::inside::inside;
use crate::engine::waker::task_of;
use crate::state::world::{self, World};

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
    world::current(|world| world.threads.are_several).unwrap_or(false)
}

/// From now on this run stands for a runtime of several threads, wherever `here` says so where it is called. For a runtime
/// that stands for another and is built inside the run; nothing happens outside of one.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::becomes_multi_thread(|| true);
///     assert!(deadheat::program::is_multi_thread());
/// });
/// run.unwrap();
/// ```
pub fn becomes_multi_thread(here: fn() -> bool) {
    world::current(|world| {
        world.threads.are_several = true;
        world.threads.here = Some(here);
    });
}

/// Asks whether other tasks go on here. If they do, return `Pending` at once: `cx` is woken after this turn, and the next
/// poll asks [`others_went_first`] how to go on. For what stands for a part of a runtime of several threads.
///
/// `what` is what happens only after them, such as "the future of a timeout is dropped"; `from` is the line that reports name
/// for it. Ask only where the poll before was pending, too: what is ready at once on a thread has to be ready here.
///
/// # Determinism
///
/// One decision, if a task has been woken that is not this one. It is a fault by its kind: shrunk, bounded, and none
/// unless drawn.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// A future that gives a value up:
///
/// ```
/// use deadheat::program::{let_others_go_first, others_went_first};
/// use std::cell::Cell;
/// use std::future::poll_fn;
/// use std::panic::Location;
/// use std::rc::Rc;
/// use std::task::Poll;
///
/// /// Takes what is there, and is handed nothing after that.
/// async fn take(shelf: &Cell<u32>) -> u32 {
///     let (mut seen, mut asked) = (0, false);
///     poll_fn(|cx| {
///         if !asked || !others_went_first() {
///             seen = shelf.get();
///         }
///         if !asked && let_others_go_first("the shelf is cleared", Location::caller(), cx) {
///             asked = true;
///             return Poll::Pending;
///         }
///         shelf.set(0);
///         Poll::Ready(seen)
///     })
///     .await
/// }
///
/// let program = || async {
///     let shelf = Rc::new(Cell::new(1));
///     let puts = deadheat::spawn({
///         let shelf = Rc::clone(&shelf);
///         async move { shelf.set(shelf.get() + 1) }
///     });
///     let taken = take(&shelf).await;
///     puts.await.unwrap();
///     assert_eq!(taken + shelf.get(), 2, "one is lost");
/// };
/// let several = deadheat::Config::new().multi_thread(true);
/// assert!(deadheat::check(&several, program).is_err());
/// deadheat::check(&deadheat::Config::new(), program).unwrap();
/// ```
#[track_caller]
pub fn let_others_go_first(what: &'static str, from: Place, cx: &Context<'_>) -> bool {
    let here = world::current(|world| world.asks_for_others(cx).then_some(world.threads.here));
    // Not while the run is borrowed: it is code of others.
    match here.flatten() {
        Some(here) if here.is_none_or(|here| here()) => inside("let_others_go_first", |world| {
            world.let_others_go(what, from)
        }),
        _ => false,
    }
}

/// Whether a poll goes on behind what the last one has polled, before [`let_others_go_first`] said yes. If not, it begins
/// at the front: the task itself may have handed something over in between, which on threads it could not.
pub fn others_went_first() -> bool {
    let goes_on = world::current(|world| {
        let task = world.current?;
        Some(world.threads.goes_on(task))
    });
    goes_on.flatten() == Some(true)
}

/// How a report goes on after the name of what comes after them.
const OTHERS: &str = "only after other threads have gone on";

impl World {
    /// Whether there is something to decide.
    #[inline]
    fn asks_for_others(&self, cx: &Context<'_>) -> bool {
        if !self.threads.are_several || self.queue.is_empty() || !self.threads.may_ask() {
            return false;
        }
        // Invariants 3 and 4.
        self.current.is_some_and(|task| {
            let is_own = task_of(cx.waker(), self.run) == Some(task);
            is_own && !self.tasks.slots[task as usize].queued
        })
    }

    fn let_others_go(&mut self, what: &'static str, from: Place) -> bool {
        let Some(task) = self.current else {
            return false;
        };
        let goes = self.fault(what, &[(OTHERS, ())], from).is_some();
        if goes {
            self.threads.ask(task);
            self.wake_after_turn(task);
        }
        goes
    }

    /// The turn of a task has ended: it is woken if it has let others go first.
    pub(crate) fn let_go_on(&mut self, task: u32) {
        let was_woken = self.tasks.slots[task as usize].queued;
        if self.threads.ends_turn(task, was_woken) {
            self.wake(task);
        }
    }
}
