//! A tokio runtime with a paused clock, one a thread, that stands beside the runs of that thread: it keeps crates that
//! use tokio themselves in time.
//!
//! 1. While user code runs, its clock shows virtual time. So tokio's own `Instant::now()` does, and a timer
//!    that another crate makes with the real tokio is due in virtual time, by tokio's ticks of 1 ms.
//! 2. At the start of a run it stands at a whole tick, with all that was due before fired, so that a run
//!    does not depend on the runs before it.
//! 3. Each turn has a budget of its own, as tokio gives it to a task.
//!
//! How it is driven is in `sim/kept/driving.rs`.

mod driving;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use deadheat::beside::{self, Beside};
use tokio::runtime::{Builder, Runtime, RuntimeMetrics};
use tokio::task::yield_now;
use tokio::time::{self, Instant};

use self::driving::{Driving, look_after, look_before};
use crate::sim::budget::{self, Drives};

/// What tokio's timers are rounded up to, in nanoseconds.
const TICK: i64 = 1_000_000;
/// A runtime whose clock has gone further than this is not used for another run.
const LIFETIME: Duration = Duration::from_secs(100_000 * 365 * 86_400);

/// The last tick that is not after a virtual time.
fn tick(at: i64) -> i64 {
    at - at.rem_euclid(TICK)
}

fn nanos(nanos: i64) -> Duration {
    Duration::from_nanos(nanos.max(0) as u64)
}

thread_local! {
    static COMPANION: RefCell<Option<Rc<Companion>>> = const { RefCell::new(None) };
}

/// What stands beside the runs of this thread, for [`Config::beside`](deadheat::Config::beside) and
/// `#[deadheat::test(beside = "deadheat_tokio::beside")]`: crates that use tokio themselves are in time with the run.
///
/// `tokio::time::Instant::now()` is virtual there, their timers fire in virtual time by tokio's ticks of 1 ms, and what
/// they spawn runs. What they do that way is no decision of the run: it happens in tokio's order, on time, before the
/// run's own timers of the same moment. What tokio itself draws at random is not decided by the run either: where
/// `tokio::select!` without `biased` begins, and in which order a `tokio::sync::watch` wakes its receivers.
///
/// Code under test does not need it: with this package in the place of tokio all of that belongs to the run. Without it
/// a timer of the real tokio panics inside a run.
///
/// # Panics
///
/// From within a tokio runtime, as by `#[tokio::test]`, where no run can be made with it: the run fails, and says so.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, now, run};
/// use std::time::Duration;
///
/// // In this example `tokio` is tokio itself, as it is for a crate that others depend on.
/// let run = run(&Config::new().beside(deadheat_tokio::beside), || async {
///     tokio::time::sleep(Duration::from_secs(3600)).await;
///     assert_eq!(now().as_nanos(), 3_600_000_000_000);
/// });
/// run.unwrap();
/// ```
pub fn beside() -> Rc<dyn Beside> {
    let kept = here(|companion| companion.age() < LIFETIME).unwrap_or(false);
    if !kept {
        COMPANION.set(Some(Rc::new(Companion::make())));
    }
    let companion = COMPANION.with_borrow(Option::clone);
    companion.unwrap_or_else(|| Rc::new(Companion::make()))
}

/// The companion of the runs of one thread.
#[derive(Debug)]
struct Companion {
    runtime: Runtime,
    metrics: RuntimeMetrics,
    /// What its clock showed first.
    made: Instant,
    /// What its clock showed at the start of the run.
    origin: Cell<Instant>,
    /// The virtual time that its clock shows.
    shows: Cell<i64>,
    /// The virtual time up to which its timers have fired.
    fired: Cell<i64>,
    /// How many drives there are on the stack: more than one if a turn blocks on a future.
    drives: Drives,
    driving: Driving,
    /// A run is under way.
    in_run: Cell<bool>,
}

/// The companion of the run under way on this thread, from anywhere.
fn here<R>(f: impl FnOnce(&Companion) -> R) -> Option<R> {
    let companion = COMPANION.try_with(|slot| slot.try_borrow().ok()?.clone());
    companion.ok().flatten().map(|companion| f(&companion))
}

/// What its clock showed at the start of this run, if it stands beside it.
pub(crate) fn origin() -> Option<Instant> {
    here(|companion| companion.in_run.get().then(|| companion.origin.get())).flatten()
}

impl Companion {
    fn make() -> Companion {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            // A paused clock goes on only while the thread is parked: what to do next is decided before and after that.
            .on_thread_park(look_before)
            .on_thread_unpark(look_after)
            .thread_name_fn(budget::refuse_thread)
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
            drives: Drives::default(),
            driving: Driving::default(),
            in_run: Cell::new(false),
        }
    }

    /// How far its clock has gone.
    fn age(&self) -> Duration {
        self.origin.get() - self.made + nanos(self.shows.get())
    }

    fn tasks(&self) -> usize {
        self.metrics.num_alive_tasks()
    }

    fn within_at<R>(&self, now: i64, f: impl FnOnce() -> R) -> R {
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

impl Beside for Companion {
    /// The clock goes on to a whole tick, and what is due by then fires.
    fn begin(&self) {
        let age = self.age().as_nanos() as i128;
        let beyond = (age % i128::from(TICK)) as i64;
        let to_tick = if beyond > 0 { TICK - beyond } else { 0 };
        let fired = self.fired.get() == self.shows.get() && to_tick == 0;
        self.within_at(self.shows.get() + to_tick, || {
            self.origin.set(Instant::now());
        });
        self.shows.set(0);
        self.fired.set(0);
        self.in_run.set(true);
        // Invariant 2: a turn of the runtime, at whose end its timers fire. One of an earlier run would otherwise fire
        // in this one, and wake what that run left behind.
        if !fired {
            self.runtime.block_on(yield_now());
        }
    }

    fn drive(&self, go_on: &mut dyn FnMut() -> bool) {
        // Invariant 3. The handle drives no timers, so the clock stands still for each turn.
        self.drives.budgeted(self.runtime.handle(), go_on);
    }

    fn turn(&self, now: deadheat::Instant) {
        self.show(now.as_nanos());
    }

    fn within(&self, now: deadheat::Instant, code: &mut dyn FnMut()) {
        self.within_at(now.as_nanos(), code);
    }

    fn moved(&self, now: deadheat::Instant) {
        self.within_at(now.as_nanos(), || ());
    }

    fn keeps_time(&self) -> bool {
        true
    }

    fn origin(&self) -> Option<std::time::Instant> {
        Some(self.origin.get().into_std())
    }

    fn pass(&self, until: deadheat::Instant) {
        // One of its own tasks cannot drive it: whoever drives it does.
        if self.driving.is_under_way() {
            return;
        }
        // Invariant 3 of `sim/kept/driving.rs`: what it wakes on the way is woken once the run stands at that moment.
        if let Some(now) = beside::hold_wakes() {
            self.pass_from(now.as_nanos(), tick(until.as_nanos()));
            beside::release_wakes();
        }
    }

    /// With tasks in it a companion is not used again: they go with it. Nor is one that was given work for a thread,
    /// which is still in its queue, or whose clock has gone so far that another run might be too much for it.
    fn end(self: Rc<Self>) {
        self.in_run.set(false);
        let far = self.shows.get() > i64::MAX / 2;
        if self.tasks() == 0 && !budget::has_refused() && !far {
            return;
        }
        COMPANION.set(None);
        if let Ok(companion) = Rc::try_unwrap(self) {
            // What a task panics with as it is dropped is caught by tokio, as it always is.
            let shutdown = || companion.runtime.shutdown_background();
            drop(catch_unwind(AssertUnwindSafe(shutdown)));
        }
    }

    fn advice(&self, panic: &str) -> Option<&'static str> {
        budget::advice(panic)
    }
}
