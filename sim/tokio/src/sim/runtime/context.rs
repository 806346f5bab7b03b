//! Where in a run this is: on which of its runtimes, and whether in an asynchronous function.
//!
//! What is called without a runtime of its own, such as the future given to `deadheat::run`, is on the
//! run's own, which never ends.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use deadheat::program::AbortHandle;

use crate::task::{self, coop};

/// A runtime of a run: the tasks that it owns.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) number: u64,
    pub(crate) is_current_thread: bool,
    pub(crate) workers: usize,
    pub(crate) name: Option<String>,
    tasks: Mutex<Tasks>,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Tasks {
    owned: Vec<AbortHandle>,
    /// Looked through for those that have ended when there are so many.
    look_at: usize,
}

static NUMBERS: AtomicU64 = AtomicU64::new(1);

impl Owner {
    pub(crate) fn new(is_current_thread: bool, workers: usize, name: Option<String>) -> Arc<Self> {
        Arc::new(Owner {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            is_current_thread,
            workers,
            name,
            tasks: Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A task ends with this runtime.
    pub(crate) fn owns(&self, task: AbortHandle) {
        let mut tasks = self.tasks();
        if tasks.owned.len() >= tasks.look_at {
            tasks.owned.retain(|task| !task.is_finished());
            tasks.look_at = 2 * tasks.owned.len() + 16;
        }
        tasks.owned.push(task);
    }

    pub(crate) fn alive(&self) -> usize {
        let tasks = self.tasks();
        tasks
            .owned
            .iter()
            .filter(|task| !task.is_finished())
            .count()
    }

    /// The runtime ends: its tasks are dropped, and it takes no more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        loop {
            let Some(task) = self.tasks().owned.pop() else {
                return;
            };
            // A panic there is nobody's: it fails the run.
            drop(deadheat::program::catch(|| task.drop_now()));
        }
    }
}

thread_local! {
    static ENTERED: RefCell<Vec<Arc<Owner>>> = const { RefCell::new(Vec::new()) };
    static RUN: Arc<Owner> = Owner::new(false, 1, None);
}

/// The runtime of the run that this is on; none outside of a run.
pub(crate) fn here() -> Option<Arc<Owner>> {
    if !crate::sim::budget::in_run() {
        return None;
    }
    let entered = ENTERED.with_borrow(|entered| entered.last().cloned());
    Some(entered.unwrap_or_else(|| RUN.with(Arc::clone)))
}

/// Whether other threads may go on while this one is in the middle of a poll. Those of a [`LocalSet`](crate::task::LocalSet)
/// have one thread together.
pub(crate) fn has_several_threads() -> bool {
    let one = ENTERED.with_borrow(|entered| entered.last().map(|owner| owner.is_current_thread));
    one != Some(true) && !task::is_in_set()
}

/// Something is about to happen that another thread could come before, if the runtime that this is on has several.
#[inline]
pub(crate) fn let_others_go_first(
    what: &'static str,
    from: &'static Location<'static>,
    cx: &Context<'_>,
) -> bool {
    deadheat::program::is_multi_thread()
        && has_several_threads()
        && deadheat::program::let_others_go_first(what, from, cx)
}

/// A runtime is entered for as long as this lives.
#[derive(Debug)]
pub(crate) struct Entered {
    depth: usize,
    /// It belongs to the thread.
    // Not for another thread to drop, as a lock's guard is not.
    thread: PhantomData<std::sync::MutexGuard<'static, ()>>,
}

pub(crate) fn enter(owner: &Arc<Owner>) -> Entered {
    let depth = ENTERED.with_borrow_mut(|entered| {
        entered.push(Arc::clone(owner));
        entered.len()
    });
    Entered {
        depth,
        thread: PhantomData,
    }
}

impl Entered {
    /// For what was entered with nothing before it: it is left so.
    fn nothing() -> Entered {
        Entered {
            depth: 0,
            thread: PhantomData,
        }
    }
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        if self.depth == 0 && ENTERED.with_borrow(Vec::is_empty) {
            return;
        }
        let left = ENTERED.with_borrow_mut(|entered| {
            let in_order = entered.len() == self.depth;
            entered.truncate(self.depth.saturating_sub(1));
            in_order
        });
        assert!(
            left || std::thread::panicking(),
            "`EnterGuard` values dropped out of order. Guards returned by `tokio::runtime::Handle::enter()` \
             must be dropped in the reverse order as they were acquired."
        );
    }
}

/// Runs `f` on a runtime, in an asynchronous function or in a plain one.
pub(crate) fn within<R>(owner: &Arc<Owner>, is_async: bool, f: impl FnOnce() -> R) -> R {
    // Mostly it is the run's own, where that is all there is: then none has to be entered.
    let is_here = ENTERED.with_borrow(Vec::is_empty) && RUN.with(|run| Arc::ptr_eq(run, owner));
    let _entered = match is_here {
        true => Entered::nothing(),
        false => enter(owner),
    };
    deadheat::program::as_async(is_async, f)
}

/// A plain function that waits may not be called here, if an asynchronous one calls it.
#[track_caller]
pub(crate) fn assert_may_wait() {
    assert!(
        !deadheat::program::is_async(),
        "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) \
         attempted to block the current thread while the thread is being used to drive asynchronous tasks. If \
         you are in an async function, use `.await` on the future instead of blocking on it."
    );
}

/// A runtime may not be dropped here, if an asynchronous function does it. In a panic it is not told.
#[track_caller]
pub(crate) fn assert_may_end() {
    assert!(
        !deadheat::program::is_async() || std::thread::panicking(),
        "Cannot drop a runtime in a context where blocking is not allowed. This happens when a runtime is \
         dropped from within an asynchronous context."
    );
}

#[track_caller]
pub(crate) fn blocking_in_place<R>(f: impl FnOnce() -> R) -> R {
    let current_thread = here().is_some_and(|owner| owner.is_current_thread);
    assert!(
        !(current_thread && deadheat::program::is_async() || task::is_in_set()),
        "can call blocking only when running on the multi-threaded runtime"
    );
    deadheat::program::as_async(false, || without_budget(f))
}

/// Runs a plain function that may take long: it has no budget, as it yields nowhere.
pub(crate) fn without_budget<R>(f: impl FnOnce() -> R) -> R {
    let (mut f, mut result) = (Some(f), None);
    let call = coop::unconstrained(poll_fn(|_| {
        result = f.take().map(|f| f());
        Poll::Ready(())
    }));
    let _ = pin!(call).poll(&mut Context::from_waker(Waker::noop()));
    result.expect("a future that is ready at its first poll")
}
