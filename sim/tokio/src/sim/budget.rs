//! What stands beside a run in which code is called that this package has in the place of tokio: it gives each turn the
//! budget that tokio gives to a task, and nothing else.
//!
//! 1. It is there from the turn after the first call of such code on ([`in_run`]).
//! 2. Its runtime has neither time nor I/O. All that is simulated works without it; a crate that uses a timer of tokio's
//!    itself panics there, and the report says what keeps it in time ([`beside`](crate::beside)).

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use deadheat::beside::{self, Beside};
use deadheat::record::Escape;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeMetrics};
use tokio::task::block_in_place;

/// Whether this is inside a run, which has a budget from now on.
#[inline]
#[track_caller]
pub(crate) fn in_run() -> bool {
    match deadheat::program::run_id() {
        None => false,
        Some(run) => {
            if ATTACHED.get() != run {
                beside::attach(budget);
                ATTACHED.set(run);
            }
            true
        }
    }
}

thread_local! {
    /// The run that was seen to have a runtime beside it.
    static ATTACHED: Cell<u32> = const { Cell::new(0) };
    static BUDGET: Cell<Option<Rc<Budget>>> = const { Cell::new(None) };
    /// A runtime of this thread was given work for another one, which is still in its queue.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

#[derive(Debug)]
struct Budget {
    runtime: Runtime,
    metrics: RuntimeMetrics,
    drives: Drives,
}

/// tokio's budget for the turns of a run, from the first one on, for [`Config::beside`](deadheat::Config::beside) and
/// `#[deadheat::test(beside = "tokio::budget")]`.
///
/// By itself it is there from the turn on that follows the first call of this package in a run. That makes a difference
/// only for what the main future does in its first turn, before that call: there a channel can be received from without
/// end, and `blocking_recv` blocks instead of panicking.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run};
/// use deadheat_tokio as tokio;
///
/// let run = run(&Config::new().beside(tokio::budget), || async {
///     assert!(tokio::task::coop::has_budget_remaining());
/// });
/// run.unwrap();
/// ```
pub fn budget() -> Rc<dyn Beside> {
    let kept = BUDGET.take();
    let budget = kept.unwrap_or_else(|| {
        let runtime = Builder::new_current_thread()
            .thread_name_fn(refuse_thread)
            .build()
            .expect("a runtime without I/O asks the system for nothing");
        Rc::new(Budget {
            metrics: runtime.metrics(),
            runtime,
            drives: Drives::default(),
        })
    });
    BUDGET.set(Some(Rc::clone(&budget)));
    budget
}

impl Beside for Budget {
    fn drive(&self, go_on: &mut dyn FnMut() -> bool) {
        self.drives.budgeted(self.runtime.handle(), go_on);
    }

    fn turned(&self) {
        assert!(self.metrics.num_alive_tasks() == 0, "{SPAWNED}");
    }

    fn end(self: Rc<Self>) {
        if self.metrics.num_alive_tasks() > 0 || has_refused() {
            BUDGET.set(None);
        }
    }

    fn advice(&self, panic: &str) -> Option<&'static str> {
        advice(panic)
    }
}

#[cfg(not(deadheat_graph = "is_tokio"))]
const NO_SOCKETS: &str = "inside a run there are no processes, and no descriptors or pipes of the system: use tokio::io::duplex or \
     deadheat::fault::Link in place of a connection, or give the code under test a trait to be replaced";
/// Of a whole graph a test can be taken out.
#[cfg(deadheat_graph = "is_tokio")]
const NO_SOCKETS: &str = "inside a run there are no processes, and no descriptors or pipes of the system: leave this test to tokio by \
     #[deadheat::outside], or by --outside and its name; or use tokio::io::duplex or deadheat::fault::Link in place of a \
     connection";

const SPAWNED: &str = "a crate that uses tokio itself has spawned a task, which nothing runs: name what does, by \
     #[deadheat::test(beside = \"tokio::beside\")] or deadheat::Config::beside(tokio::beside)";

/// A thread is about to be made for blocking work, and is named here first. It would do real work in real
/// time: it is not made.
pub(crate) fn refuse_thread() -> String {
    REFUSED.set(true);
    beside::refuse_thread();
    panic!("outside of the run: {}", Escape::Thread)
}

/// Whether that has happened since this was asked.
pub(crate) fn has_refused() -> bool {
    REFUSED.take()
}

/// What is to be said of a panic of tokio's, if there is something.
pub(crate) fn advice(panic: &str) -> Option<&'static str> {
    if panic.contains("IO is disabled") || panic.contains("no signal driver") {
        return Some(NO_SOCKETS);
    }
    if panic.contains("Cannot block the current thread from within a runtime") {
        return Some(
            "inside a run there is one thread, and tokio's blocking_send, blocking_recv, blocking_lock and their kin \
             would stop it: in a plain function, such as a closure for spawn_blocking, wait by \
             Handle::current().block_on(receiver.recv()), in an asynchronous one by .await",
        );
    }
    if panic.contains("`spawn_local` called from outside of a") {
        return Some(
            "a crate that uses tokio itself knows no LocalSet of the run: `cargo deadheat test` puts it on the \
             simulation with the rest of the graph; inside of that, call it in a LocalSet or a LocalRuntime",
        );
    }
    panic.contains("timers are disabled").then_some(
        "a crate that uses tokio itself has made a timer, which nothing keeps in time with the run: name what does, by \
         #[deadheat::test(beside = \"tokio::beside\")] or deadheat::Config::beside(tokio::beside)",
    )
}

/// The drives on the stack: more than one if a turn blocks on a future.
#[derive(Debug, Default)]
pub(crate) struct Drives(Cell<u32>);

impl Drives {
    /// Calls `go_on` until it returns false, each time with a budget of its own.
    pub(crate) fn budgeted(&self, handle: &Handle, go_on: &mut dyn FnMut() -> bool) {
        let _one_more = OneMore::of(&self.0);
        // `block_on` gives each poll of its future a fresh budget, and polls again at once, as it has been woken.
        let each = poll_fn(|cx| match go_on() {
            true => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            false => Poll::Ready(()),
        });
        match self.0.get() {
            1 => handle.block_on(each),
            // Beneath a turn that blocks: its context is left for this one.
            _ => block_in_place(|| handle.block_on(each)),
        }
    }

    /// Runs what blocks the thread beneath the drives that are on the stack.
    pub(crate) fn beneath<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.0.get() {
            0 => f(),
            _ => block_in_place(f),
        }
    }
}

/// One more drive on the stack, for as long as it lives.
struct OneMore<'a>(&'a Cell<u32>);

impl<'a> OneMore<'a> {
    #[inline]
    fn of(drives: &'a Cell<u32>) -> Self {
        drives.set(drives.get() + 1);
        OneMore(drives)
    }
}

impl Drop for OneMore<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
