//! A runtime that stands beside a run: how it gets there, and what it may do to the run.
//!
//! deadheat depends on no other runtime. One that is to be in time with a run implements [`Beside`], and is named:
//! in the configuration, by the attribute (`#[deadheat::test(beside = "path")]`), or by code of its own that is called in
//! the run ([`attach`]). A package that nobody names is not even linked, so nothing here happens by itself.
//!
//! One that keeps a time of its own drives it in [`Beside::pass`]: [`hold_wakes`], then [`caught_up`] at each moment of
//! its own, then [`release_wakes`].
//!
//! # Examples
//!
//! A clock of another kind, whose one timer rings after 5 s and wakes a task of the run:
//!
//! ```
//! use deadheat::beside::{Beside, caught_up, hold_wakes, release_wakes};
//! use deadheat::{Config, Instant, now, run};
//! use std::cell::RefCell;
//! use std::future::poll_fn;
//! use std::rc::Rc;
//! use std::task::{Poll, Waker};
//!
//! #[derive(Debug)]
//! struct Bell;
//!
//! thread_local! {
//!     static WAITS: RefCell<Option<Waker>> = const { RefCell::new(None) };
//! }
//! const RINGS: Instant = Instant::from_nanos(5_000_000_000);
//!
//! impl Beside for Bell {
//!     fn keeps_time(&self) -> bool {
//!         true
//!     }
//!     fn pass(&self, until: Instant) {
//!         hold_wakes();
//!         if until >= RINGS && let Some(waker) = WAITS.take() {
//!             waker.wake();
//!             caught_up(RINGS, false);
//!         }
//!         release_wakes();
//!     }
//! }
//!
//! let run = run(&Config::new().beside(|| Rc::new(Bell)), || async {
//!     poll_fn(|cx| match now() < RINGS {
//!         true => {
//!             WAITS.replace(Some(cx.waker().clone()));
//!             Poll::Pending
//!         }
//!         false => Poll::Ready(()),
//!     })
//!     .await;
//!     assert_eq!(now(), RINGS);
//! });
//! run.unwrap();
//! ```

use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::time::Duration;

pub use deadheat_seal::lifted;

pub use crate::state::beside::Beside;

use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::inside::inside;
use crate::record::foreign::{self, Escape};
use crate::state::world::{self, World};

/// Makes the runtime that stands beside the runs of a thread, or gives the one that is there.
pub type Make = fn() -> Rc<dyn Beside>;

/// Puts a runtime beside the run that is under way on this thread, from its next turn on, unless one is there, or the run
/// is being torn down.
///
/// It is for what has no time of its own ([`Beside::keeps_time`]): what has one would not know of the time before, so it
/// can only be there from the start ([`Config::beside`](crate::Config::beside)).
///
/// # Panics
///
/// Outside of a run. If it keeps time, and no other one is there: where one is, nothing is made, and nothing is looked at.
///
/// # Examples
///
/// ```
/// use deadheat::beside::{Beside, attach, is_there};
/// use deadheat::{Config, run, yield_now};
/// use std::rc::Rc;
///
/// #[derive(Debug)]
/// struct Nothing;
///
/// impl Beside for Nothing {}
///
/// let run = run(&Config::new(), || async {
///     assert!(!is_there());
///     attach(|| Rc::new(Nothing));
///     yield_now().await;
///     assert!(is_there());
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn attach(make: Make) {
    let is_over = |world: &mut World| world.closing || world.beside.runtime.is_some();
    if inside("beside::attach", is_over) {
        return;
    }
    let runtime = lifted(make);
    assert!(
        !runtime.keeps_time(),
        "what keeps time stands beside a run from its start: see deadheat::Config::beside"
    );
    lifted(|| runtime.begin());
    inside("beside::attach", |world| world.beside.set(runtime, false));
}

/// Whether a runtime stands beside the run that is under way on this thread; false if none is under way.
///
/// # Examples
///
/// ```
/// assert!(!deadheat::beside::is_there());
/// ```
pub fn is_there() -> bool {
    world::current(|world| world.beside.runtime.is_some()).unwrap_or(false)
}

/// From here on wakes of the run's tasks are kept until [`caught_up`] says when they happened. Gives the present moment;
/// none if no run is under way on this thread.
pub fn hold_wakes() -> Option<Instant> {
    world::current(|world| {
        world.beside.holding = true;
        world.instant()
    })
}

/// The clock of the runtime beside the run stands at `now`: what it woke is woken at that moment. With `others` it has
/// tasks of its own, of which each look counts as a step of the run. Gives whether it is to leave it at that, since
/// something can happen in the run, or the run is at a limit.
pub fn caught_up(now: Instant, others: bool) -> bool {
    world::current(|world| world.caught_up(now.as_nanos(), others)).unwrap_or(true)
}

/// Wakes count at once again. They do in any case when [`Beside::pass`] is over.
pub fn release_wakes() {
    world::current(|world| world.beside.holding = false);
}

/// The moment of the standard library's clock that stands for the start of each run, for what speaks of time in that type.
/// In a sealed run ([`Config::sealed`](crate::Config::sealed)) it is what that clock shows there.
///
/// # Examples
///
/// ```
/// assert_eq!(deadheat::beside::origin(), deadheat::beside::origin());
/// ```
pub fn origin() -> std::time::Instant {
    deadheat_seal::origin()
}

/// The present of this run, for a timer that is made: a look at the clock by the program is [`now`](crate::now).
pub fn present() -> Option<Instant> {
    world::current(|world| world.instant())
}

/// When something of the run itself can happen next. Where nothing is to come, it is years ahead.
pub fn next_moment() -> Option<Instant> {
    world::current(|world| Instant::from_nanos(world.next_moment()))
}

/// Moves the clock of this run in the call: what comes due by then fires at once, in the order of its deadlines and on
/// time.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, now, run, sleep, spawn, yield_now};
/// use std::time::Duration;
///
/// let run = run(&Config::new(), || async {
///     let timer = spawn(sleep(Duration::from_secs(3)));
///     yield_now().await;
///     deadheat::beside::advance(Duration::from_secs(3));
///     assert_eq!(now().as_nanos(), 3_000_000_000);
///     timer.await.unwrap();
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn advance(by: Duration) {
    let wakers = inside("beside::advance", |world| world.advance(clamp(by)));
    moved();
    wakers.into_iter().for_each(std::task::Waker::wake);
    if let Some((runtime, now)) = here()
        && runtime.keeps_time()
    {
        lifted(|| runtime.pass(now));
    }
}

/// Work was given to a thread, where the run cannot follow: the run fails, and its report says so.
pub fn refuse_thread() {
    foreign::report(world::run_number(), Escape::Thread);
}

/// What the clock of the runtime beside the run showed at its start.
pub(super) fn clock_at_start() -> Option<std::time::Instant> {
    here().and_then(|(runtime, _)| runtime.origin())
}

fn here() -> Option<(Rc<dyn Beside>, Instant)> {
    world::current(|world| Some((world.beside.runtime.clone()?, world.instant()))).flatten()
}

/// Puts a runtime beside the run from its start.
pub(super) fn begin(make: Make) {
    let runtime = lifted(|| {
        let runtime = make();
        runtime.begin();
        runtime
    });
    let keeps_time = runtime.keeps_time();
    world::with(|world| world.beside.set(runtime, keeps_time));
}

/// Lets user code run as a turn.
#[inline]
pub(super) fn turn<R>(runtime: Option<&dyn Beside>, now: i64, code: impl FnOnce() -> R) -> R {
    if let Some(runtime) = runtime {
        lifted(|| runtime.turn(Instant::from_nanos(now)));
    }
    let result = code();
    if let Some(runtime) = runtime {
        raise();
        lifted(|| runtime.turned());
    }
    result
}

/// [`turn`] of what is on the stack, beneath no drive of its own.
#[inline]
pub(super) fn on_the_stack<R>(
    runtime: Option<&dyn Beside>,
    now: i64,
    code: impl FnOnce() -> R,
) -> R {
    match runtime {
        None => code(),
        Some(beside) => called(code, |code| {
            beside.drive(&mut || {
                turn(runtime, now, &mut *code);
                false
            });
        }),
    }
}

/// Lets user code run that is no turn.
#[inline]
pub(super) fn within<R>(runtime: Option<&dyn Beside>, code: impl FnOnce() -> R) -> R {
    match runtime {
        None => code(),
        Some(runtime) => {
            let now = world::with(|world| world.instant()).unwrap_or(Instant::START);
            let result = called(code, |code| runtime.within(now, code));
            raise();
            result
        }
    }
}

thread_local! {
    /// A panic is to be raised. Of the thread, and not of the run: each turn asks.
    static HAS_PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// The runtime beside the run panicked where nothing may unwind: the turn under way, or what is called in the place of one,
/// panics with that at its end.
#[cold]
pub(super) fn panicked(payload: Box<dyn Any + Send>) {
    HAS_PANICKED.set(true);
    world::current(|world| {
        world.beside.panic.get_or_insert(payload);
    });
}

/// Goes on with such a panic.
#[inline]
fn raise() {
    if HAS_PANICKED.get() {
        raise_it();
    }
}

#[cold]
#[inline(never)]
fn raise_it() {
    HAS_PANICKED.set(false);
    let panic = world::current(|world| world.beside.panic.take()).flatten();
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
}

/// The runtime that stands beside the run.
#[inline]
pub(super) fn runtime() -> Option<Rc<dyn Beside>> {
    world::with(|world| world.beside.runtime.clone()).flatten()
}

fn called<R>(code: impl FnOnce() -> R, call: impl FnOnce(&mut dyn FnMut())) -> R {
    let (mut code, mut result) = (Some(code), None);
    call(&mut || {
        if let Some(code) = code.take() {
            result = Some(code());
        }
    });
    result.expect(
        "the runtime beside the run did not call the code that it was given (Beside::within)",
    )
}

/// The clock has moved within a turn.
pub(crate) fn moved() {
    if let Some((runtime, now)) = here() {
        lifted(|| runtime.moved(now));
    }
}

/// Before time passes to a moment.
#[cold]
pub(super) fn pass(until: i64) {
    if let Some((runtime, _)) = here() {
        lifted(|| runtime.pass(Instant::from_nanos(until)));
    }
    world::with(|world| {
        world.beside.holding = false;
        // It has answered. If something can happen first, the answer is out of date by the time it is needed, so it is
        // asked for again.
        world.beside.asked = !world.can_happen();
    });
}

/// What is to be said of a panic with this text, if there is something.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    match here() {
        Some((runtime, _)) => runtime.advice(text),
        None => text
            .contains("there is no reactor running")
            .then_some(NO_TOKIO),
    }
}

const NO_TOKIO: &str = "this is tokio itself, and no runtime of it stands beside this run\n\
     in code under test: take deadheat-tokio in its place (dev-dependencies: tokio = { package = \"deadheat-tokio\", features = \
     [\"sim\"] })\n\
     in a crate that uses tokio itself: name what keeps it in time, #[deadheat::test(beside = \"tokio::beside\")] or \
     Config::beside(tokio::beside), where tokio is what deadheat-tokio is called\n\
     sockets and processes: there are none in a run; use tokio::io::duplex or deadheat::fault::Link in place of a \
     connection\n\
    files: deadheat-tokio has them; else keep files in memory";

impl World {
    #[cold]
    #[inline(never)]
    fn caught_up(&mut self, now: i64, others: bool) -> bool {
        // Otherwise nobody has seen the clock move, and the world lets time pass by itself: with what is due or late on
        // the way.
        if others || !self.beside.woken.is_empty() {
            self.go_to(now);
        }
        // Woken only now that the world stands there; and not while `holding`, or they would be held again.
        let woken = std::mem::take(&mut self.beside.woken);
        self.beside.holding = false;
        woken.iter().for_each(|task| self.wake(*task));
        self.beside.holding = true;
        self.beside.woken = woken;
        self.beside.woken.clear();
        // Whatever others do here without end counts towards the limit, too.
        self.steps += u64::from(others);
        self.can_happen() || self.steps >= self.steps_of_run()
    }

    fn can_happen(&self) -> bool {
        !self.queue.is_empty()
    }
}
