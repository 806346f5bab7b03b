//! A runtime that stands beside a run, as the engine knows it: what it is told, and what it may hold back.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use crate::base::time::Instant;

/// A runtime that stands beside the runs of a thread, so that code that knows only that runtime is in time with them.
///
/// The engine tells it when user code runs and when time would pass, and knows no more of it. It is given to runs by
/// [`Config::beside`](crate::Config::beside), or to the one under way by [`attach`](crate::beside::attach).
/// `deadheat-tokio` has one for crates that use tokio themselves.
///
/// # Examples
///
/// One that counts turns:
///
/// ```
/// use deadheat::beside::{Beside, attach};
/// use deadheat::{Config, Instant, run, yield_now};
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// #[derive(Debug)]
/// struct Counts;
///
/// thread_local! {
///     static TURNS: Cell<u32> = const { Cell::new(0) };
/// }
///
/// impl Beside for Counts {
///     fn turn(&self, _now: Instant) {
///         TURNS.set(TURNS.get() + 1);
///     }
/// }
///
/// let config = Config::new().beside(|| Rc::new(Counts));
/// run(&config, || async { yield_now().await }).unwrap();
/// assert_eq!(TURNS.get(), 2);
/// ```
pub trait Beside: fmt::Debug {
    /// A run begins, at [`Instant::START`].
    fn begin(&self) {}

    /// Drives the run: calls `go_on` until it returns false. It takes at most one turn of a task each time.
    ///
    /// Drives are nested where a turn blocks on a future: other tasks take theirs meanwhile.
    fn drive(&self, go_on: &mut dyn FnMut() -> bool) {
        while go_on() {}
    }

    /// A turn of a task begins.
    fn turn(&self, now: Instant) {
        let _ = now;
    }

    /// The turn is over, unless it panicked. A panic of this is one of the task's.
    fn turned(&self) {}

    /// Lets user code run that is no turn (the program's start and end, and drops): calls `code`, once.
    fn within(&self, now: Instant, code: &mut dyn FnMut()) {
        let _ = now;
        code();
    }

    /// The clock has moved within a turn.
    fn moved(&self, now: Instant) {
        let _ = now;
    }

    /// Whether it has a time of its own, so that it has to be asked before that of the run passes.
    fn keeps_time(&self) -> bool {
        false
    }

    /// Before the time of the run passes to `until`, or where nothing can ever happen in it: lets pass what it has in
    /// between, until that wakes a task of the run. See [`hold_wakes`](crate::beside::hold_wakes).
    fn pass(&self, until: Instant) {
        let _ = until;
    }

    /// What its clock showed at the start of the run, if it is one of the standard library's kind: that is what the
    /// standard library's clock shows there in a sealed run, so that the two agree.
    fn origin(&self) -> Option<std::time::Instant> {
        None
    }

    /// The run is over, and its tasks are dropped.
    fn end(self: Rc<Self>) {}

    /// What is to be said of a panic with this text, if there is something.
    fn advice(&self, panic: &str) -> Option<&'static str> {
        let _ = panic;
        None
    }
}

/// The runtime beside the run, and what it did while time passed, as long as the world has not moved there yet.
#[derive(Debug, Default)]
pub(crate) struct Neighbour {
    pub(crate) runtime: Option<Rc<dyn Beside>>,
    /// How often one came in this run.
    pub(crate) changes: u32,
    /// It has a time of its own.
    keeps_time: bool,
    /// Wakes wait until the moment at which they happened is known.
    pub(crate) holding: bool,
    pub(crate) woken: Vec<u32>,
    /// It was asked what comes next since something happened.
    pub(crate) asked: bool,
    /// What it panicked with where nothing may unwind.
    pub(crate) panic: Option<Box<dyn Any + Send>>,
}

impl Neighbour {
    pub(crate) fn begin(&mut self) {
        self.woken.clear();
        (self.holding, self.asked) = (false, false);
        (self.runtime, self.keeps_time, self.changes) = (None, false, 0);
        self.panic = None;
    }

    /// From now on it stands beside the run.
    pub(crate) fn set(&mut self, runtime: Rc<dyn Beside>, keeps_time: bool) {
        (self.runtime, self.keeps_time) = (Some(runtime), keeps_time);
        self.changes += 1;
    }

    /// Something happened: it is to be asked again before time passes.
    #[inline]
    pub(crate) fn forget_answer(&mut self) {
        self.asked = false;
    }

    /// Whether it has to be asked before time passes.
    #[inline]
    pub(crate) fn ask(&self) -> bool {
        self.keeps_time && !self.asked
    }

    /// Keeps a wake for later; false if wakes count at once.
    #[inline]
    pub(crate) fn keeps(&mut self, task: u32) -> bool {
        if self.holding {
            self.woken.push(task);
        }
        self.holding
    }
}
