//! A tokio runtime with a paused clock, one a thread, that stands beside the runs of that thread.
//!
//! 1. While user code runs, its clock shows virtual time. So tokio's own `Instant::now()` does, and a timer
//!    that another crate makes with the real tokio is due in virtual time, by tokio's ticks of 1 ms.
//! 2. At the start of a run it stands at a whole tick, with all that was due before fired, so that a run
//!    does not depend on the runs before it.
//! 3. Each turn has a budget of its own, as tokio gives it to a task.
//!
//! How it is driven is in `engine/companion/driving.rs`.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ::tokio::runtime::{Builder, Runtime, RuntimeMetrics};
use ::tokio::task::coop::unconstrained;
use ::tokio::task::{block_in_place, yield_now};
use ::tokio::time::error::Elapsed;
use ::tokio::time::{self, Instant};

use super::driving::{Driving, look_after, look_before};
use crate::engine::panics;
use crate::record::foreign::{self, Escape};
use crate::state::world;

/// What tokio's timers are rounded up to, in nanoseconds.
pub(super) const TICK: i64 = 1_000_000;
/// A runtime whose clock has gone further than this is not used for another run.
const LIFETIME: Duration = Duration::from_secs(100_000 * 365 * 86_400);

/// The last tick that is not after a virtual time.
pub(super) fn tick(at: i64) -> i64 {
    at - at.rem_euclid(TICK)
}

pub(super) fn nanos(nanos: i64) -> Duration {
    Duration::from_nanos(nanos.max(0) as u64)
}

thread_local! {
    static COMPANION: RefCell<Option<Rc<Companion>>> = const { RefCell::new(None) };
}

/// The companion of the runs of one thread.
#[derive(Debug)]
pub(crate) struct Companion {
    pub(super) runtime: Runtime,
    metrics: RuntimeMetrics,
    /// What its clock showed first.
    made: Instant,
    /// What its clock showed at the start of the run.
    pub(super) origin: Cell<Instant>,
    /// The virtual time that its clock shows.
    pub(super) shows: Cell<i64>,
    /// The virtual time up to which its timers have fired.
    pub(super) fired: Cell<i64>,
    /// How many turns there are on the stack: more than one if a turn blocks on a future.
    pub(super) turns: Cell<u32>,
    pub(super) driving: Driving,
    /// It was given work for a thread, which is still in its queue.
    refused: Cell<bool>,
}

/// The companion of the run under way on this thread, from anywhere.
pub(super) fn here<R>(f: impl FnOnce(&Companion) -> R) -> Option<R> {
    let companion = COMPANION.try_with(|slot| slot.try_borrow().ok()?.clone());
    companion.ok().flatten().map(|companion| f(&companion))
}

/// Tells the companion that the clock has moved within a turn.
pub(crate) fn sync() {
    let Some(now) = world::current(|world| world.now) else {
        return;
    };
    here(|companion| companion.within_at(now, || ()));
}

/// What the companion's clock showed at the start of this run.
pub(crate) fn origin() -> Option<Instant> {
    here(|companion| companion.origin.get())
}

/// Lets fire what is due in the companion now.
pub(crate) fn settle() {
    if let Some(now) = world::current(|world| world.now) {
        here(|companion| {
            // One of its own tasks cannot drive it: whoever drives it does.
            if !companion.driving.is_under_way() {
                companion.pass(now);
            }
        });
    }
}

/// tokio's error of a timeout: of one that was due when the run began, before which all timers have fired.
pub(crate) fn elapsed() -> Option<Elapsed> {
    world::current(|_| ())?;
    here(|companion| {
        let _context = companion.runtime.enter();
        let timeout = time::timeout_at(companion.origin.get(), pending::<()>());
        // Unconstrained: in a turn whose budget is spent it would be pending.
        let timeout = pin!(unconstrained(timeout));
        match timeout.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(elapsed)) => Some(elapsed),
            _ => None,
        }
    })
    .flatten()
}

impl Companion {
    /// That of the run under way on this thread.
    pub(crate) fn of_this_run() -> Option<Rc<Companion>> {
        COMPANION.try_with(|slot| slot.borrow().clone()).ok()?
    }

    pub(crate) fn of_this_thread() -> Rc<Companion> {
        let kept = here(|companion| companion.age() < LIFETIME).unwrap_or(false);
        if !kept {
            let made = Rc::new(Companion::make());
            COMPANION.set(Some(made));
        }
        let companion = COMPANION.with_borrow(Option::clone);
        companion.unwrap_or_else(|| Rc::new(Companion::make()))
    }

    fn make() -> Companion {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            // A paused clock goes on only while the thread is parked: what to do next is decided before and after that.
            .on_thread_park(look_before)
            .on_thread_unpark(look_after)
            .thread_name_fn(refuse)
            .build()
            .expect("a runtime without I/O asks the system for nothing");
        let made = {
            let _context = runtime.enter();
            Instant::now()
        };
        Companion {
            metrics: runtime.metrics(),
            runtime,
            made,
            origin: Cell::new(made),
            shows: Cell::new(0),
            fired: Cell::new(0),
            turns: Cell::new(0),
            driving: Driving::default(),
            refused: Cell::new(false),
        }
    }

    /// How far its clock has gone.
    fn age(&self) -> Duration {
        self.origin.get() - self.made + nanos(self.shows.get())
    }

    /// A run begins: the clock goes on to a whole tick, and what is due by then fires.
    pub(crate) fn begin(&self) {
        let age = self.age().as_nanos() as i128;
        let beyond = (age % i128::from(TICK)) as i64;
        let to_tick = if beyond > 0 { TICK - beyond } else { 0 };
        let fired = self.fired.get() == self.shows.get() && to_tick == 0;
        self.within_at(self.shows.get() + to_tick, || {
            self.origin.set(Instant::now());
        });
        self.shows.set(0);
        self.fired.set(0);
        // Invariant 2: a turn of the runtime, at whose end its timers fire. One of an earlier run would otherwise fire
        // in this one, and wake what that run left behind.
        if !fired {
            self.runtime.block_on(yield_now());
        }
    }

    /// A run has ended. With tasks in it a companion is not used again: they go with it. Nor is one whose clock
    /// has gone so far that another run might be too much for it.
    pub(crate) fn end(self: Rc<Self>) {
        let far = self.shows.get() > i64::MAX / 2;
        if self.tasks() == 0 && !self.refused.get() && !far {
            return;
        }
        COMPANION.set(None);
        if let Ok(companion) = Rc::try_unwrap(self) {
            // What a task panics with as it is dropped is caught by tokio, as it always is.
            let _ = panics::catch(|| companion.runtime.shutdown_background());
        }
    }

    pub(super) fn tasks(&self) -> usize {
        self.metrics.num_alive_tasks()
    }

    /// Lets user code run as a turn: with tokio's context, and a budget of its own.
    #[inline]
    pub(crate) fn turn<R>(&self, now: i64, f: impl FnOnce() -> R) -> R {
        // Invariant 3: `block_on` gives what it polls a fresh budget. That of the handle drives no timers, so the clock
        // stands still for the whole turn.
        let turns = Turns::enter(&self.turns);
        let turn = async {
            self.show(now);
            f()
        };
        match turns.before {
            0 => self.runtime.handle().block_on(turn),
            // Inside of a turn that blocks: its context is left for this one.
            _ => block_in_place(|| self.runtime.handle().block_on(turn)),
        }
    }

    /// Lets user code run that is no turn: with tokio's context.
    pub(crate) fn within<R>(&self, f: impl FnOnce() -> R) -> R {
        let now = world::with(|world| world.now).unwrap_or_default();
        self.within_at(now, f)
    }

    pub(super) fn within_at<R>(&self, now: i64, f: impl FnOnce() -> R) -> R {
        let _context = self.runtime.enter();
        self.show(now);
        f()
    }

    /// Moves the clock to a virtual time. Only in its own context.
    #[inline]
    fn show(&self, now: i64) {
        // Invariant 1. Never back: after it was driven the clock may be ahead of the run.
        let by = now - self.shows.get();
        if by > 0 {
            // The clock moves in the first poll; all that `advance` does after it is to yield once.
            let advance = pin!(time::advance(nanos(by)));
            let _ = advance.poll(&mut Context::from_waker(Waker::noop()));
            self.shows.set(now);
        }
    }
}

/// A thread is about to be made for blocking work, and is named here first. It would do real work in real
/// time: it is not made.
fn refuse() -> String {
    here(|companion| companion.refused.set(true));
    foreign::report(world::run_number(), Escape::Thread);
    panic!("outside of the run: {}", Escape::Thread)
}

/// What is to be said of a panic of tokio's, if there is something.
pub(crate) fn advice(message: &str) -> Option<&'static str> {
    let no_driver = message.contains("IO is disabled") || message.contains("no signal driver");
    no_driver.then_some(
        "inside a run there are no sockets and processes: use tokio::io::duplex or deadheat::fault::Link in place of a \
         connection, or give the code under test a trait to be replaced",
    )
}

/// One more turn on the stack, for as long as it lives.
struct Turns<'a> {
    turns: &'a Cell<u32>,
    before: u32,
}

impl<'a> Turns<'a> {
    #[inline]
    fn enter(turns: &'a Cell<u32>) -> Self {
        let before = turns.get();
        turns.set(before + 1);
        Turns { turns, before }
    }
}

impl Drop for Turns<'_> {
    #[inline]
    fn drop(&mut self) {
        self.turns.set(self.before);
    }
}
