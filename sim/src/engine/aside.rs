//! A plain function beside the other tasks: where it sleeps, or waits for another thread up to a limit, they go on.
//!
//! It stands for a function that a runtime gives to a thread of its own. In a sealed run it is called on a stack of its
//! own, in the turns of its task. Where it asks the system to let it sleep or wait, the task waits for a timer of the run.
//!
//! 1. It gives way only from its own stack: not from a turn that is taken on top of it while it blocks on a future, nor
//!    from such a future, nor while it unwinds. There time passes in the middle of the turn, as it does in a task, and that
//!    is told as a leak.
//! 2. What waits at a word is woken by whoever of the run wakes those who wait there.
//!    All are on one thread, so what goes by the thread cannot wake them: `unpark`, and with it `recv_timeout`, whose sender
//!    takes a receiver on its own thread for itself. They wait to the end of their time, and that is told as a leak.
//! 3. It ends, as a thread does: dropped in the middle it goes on to its end, and time passes in its sleeps. One that
//!    sleeps ten thousand times then is left where it is.
//! 4. A task that waits for a lock cannot give way. Functions that stand aside go on in its turn, as one may have the lock.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread::panicking;

use deadheat_seal::{Aside as Stack, give_way, hooked, lets_give_way, parks_at};
use deadheat_timeout::Place;

use crate::base::time::Instant;
use crate::engine::clock::{SimClock, SimTimer};
use crate::engine::panics;
use crate::state::world;

/// Only what is used of it takes memory.
const STACK: usize = 8 << 20;
/// Invariant 3.
const LAST_SLEEPS: u32 = 10_000;

/// Who goes on, on this thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A task, or none.
    Task,
    /// A function on its own stack.
    Function,
    /// What such a function blocks on.
    Blocks,
    /// A function that is to end.
    Last,
}

/// What a function waits for.
#[derive(Debug, Clone, Copy)]
struct Rest {
    until: i64,
    /// The address where it waits to be woken.
    word: Option<usize>,
}

/// How a wait of a function ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rested {
    /// Its time is over but for this.
    Over(i64),
    Woken,
}

thread_local! {
    static WHO: Cell<Who> = const { Cell::new(Who::Task) };
    /// What the function asked for that has just given way.
    static ASKED: Cell<Option<Rest>> = const { Cell::new(None) };
    /// Whether the function that goes on was woken.
    static WOKEN: Cell<bool> = const { Cell::new(false) };
    /// The word at which this thread parks; zero where that is not known.
    static PARKS_AT: Cell<usize> = const { Cell::new(0) };
    static LAST: Cell<u32> = const { Cell::new(0) };
    /// All that stand aside, in the order in which they began to.
    static AWAY: RefCell<Vec<Rc<Away>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f`, where somebody else goes on.
fn going_on<R>(who: Who, f: impl FnOnce() -> R) -> R {
    struct Restore(Who);
    impl Drop for Restore {
        fn drop(&mut self) {
            WHO.set(self.0);
        }
    }
    let _restore = Restore(WHO.replace(who));
    f()
}

/// Calls what a plain function blocks on.
#[inline]
pub(super) fn blocked_on<R>(f: impl FnOnce() -> R) -> R {
    let who = match WHO.get() {
        Who::Function => Who::Blocks,
        who => who,
    };
    going_on(who, f)
}

/// Calls what goes on beneath a function that blocks.
#[inline]
pub(super) fn beneath<R>(f: impl FnOnce() -> R) -> R {
    going_on(Who::Task, f)
}

/// Whether a function goes on that cannot give way, and others wait for it.
pub(super) fn holds_up() -> bool {
    matches!(WHO.get(), Who::Function | Who::Blocks)
}

/// The function that goes on waits, and others go on; none if it cannot.
pub(super) fn rest(by: i64, word: Option<usize>) -> Option<Rested> {
    let now = world::current(|world| (!world.closing).then_some(world.now)).flatten();
    let until = now.unwrap_or(0).saturating_add(by);
    match WHO.get() {
        Who::Function if now.is_some() && !panicking() => {}
        Who::Last if LAST.replace(LAST.get() + 1) >= LAST_SLEEPS && !panicking() => {}
        _ => return None,
    }
    ASKED.set(Some(Rest { until, word }));
    WOKEN.set(false);
    if !give_way() {
        ASKED.set(None);
        return None;
    }
    if WOKEN.replace(false) {
        return Some(Rested::Woken);
    }
    let now = world::current(|world| world.now).unwrap_or(until);
    Some(Rested::Over(until.saturating_sub(now).max(0)))
}

/// Whether this is where the thread parks.
pub(super) fn is_parked_at(word: usize) -> bool {
    word != 0 && PARKS_AT.get() == word
}

/// Invariant 2. How many of those were woken.
pub(super) fn wake(word: usize, most: u32) -> u32 {
    let away = AWAY.try_with(|away| Some(away.try_borrow().ok()?.clone()));
    let away = away.ok().flatten().unwrap_or_default();
    let waits = |away: &&Rc<Away>| {
        !away.woken.get() && away.rest.get().is_some_and(|rest| rest.word == Some(word))
    };
    let mut count = 0;
    for away in away.iter().filter(waits).take(most as usize) {
        if world::wake(away.run, away.task) {
            away.woken.set(true);
            count += 1;
        }
    }
    count
}

/// Invariant 4. Lets time pass up to the next of those that stand aside, and that one go on; false if there is none.
pub(super) fn next_goes_on(pass: impl FnOnce(i64)) -> bool {
    let run = world::run_number();
    let next = AWAY.with_borrow(|away| {
        let waits = away.iter().filter(|away| away.run == run);
        let until = |away: &&Rc<Away>| away.rest.get().map_or(i64::MAX, |rest| rest.until);
        waits.min_by_key(until).cloned()
    });
    let Some(next) = next else {
        return false;
    };
    let now = world::current(|world| world.now).unwrap_or(0);
    let until = next.rest.get().map_or(now, |rest| rest.until);
    if until > now && !next.woken.get() {
        pass(until - now);
    }
    // It is a hook that calls.
    hooked(|| next.go_on(Who::Function));
    // Its task is to see what it waits for now.
    world::wake(next.run, next.task);
    true
}

/// A function on a stack of its own.
struct Away {
    run: u32,
    task: u32,
    stack: RefCell<Stack>,
    rest: Cell<Option<Rest>>,
    woken: Cell<bool>,
    ended: Cell<bool>,
}

impl Away {
    /// Lets it go on until it waits or has ended.
    fn go_on(self: &Rc<Self>, who: Who) {
        // It goes on already, beneath.
        let Ok(mut stack) = self.stack.try_borrow_mut() else {
            return;
        };
        AWAY.with_borrow_mut(|all| all.retain(|away| !Rc::ptr_eq(away, self)));
        self.rest.set(None);
        WOKEN.set(self.woken.replace(false));
        let ended = going_on(who, || stack.go_on());
        self.ended.set(ended);
        self.rest.set(ASKED.take());
        if !ended {
            AWAY.with_borrow_mut(|all| all.push(Rc::clone(self)));
        }
    }
}

/// The future of [`aside`].
#[must_use = "futures do nothing unless awaited"]
pub struct Aside<F, R> {
    function: Option<F>,
    away: Option<Rc<Away>>,
    timer: Option<(i64, SimTimer)>,
    output: Rc<Cell<Option<R>>>,
    made: Place,
}

/// Calls a plain function that others would give to a thread of its own. In a sealed run ([`Config::sealed`]) the other
/// tasks go on where it sleeps, or waits for another thread up to a limit.
///
/// [`Config::sealed`]: crate::Config::sealed
///
/// # Timing
///
/// It is called in the first poll. Its waits are timers of the run. They may be late as those of tasks are.
///
/// # Panics
///
/// If the function does.
///
/// # Cancel safety
///
/// Dropped in the middle, the function goes on to its end, as a thread would.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, clock, run, spawn};
/// use deadheat::program::aside;
/// use deadheat_timeout::timeout;
/// use std::thread::sleep;
/// use std::time::Duration;
///
/// let run = run(&Config::new().sealed(true), || async {
///     let ms = Duration::from_millis;
///     let sleeps = spawn(aside(move || sleep(ms(6))));
///     let in_time = timeout(&clock(), ms(5), sleeps).await;
///     // Where nothing can be sealed, the sleep is a real one, and is told as a leak.
///     assert!(in_time.is_err() || deadheat::now().as_nanos() == 0);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn aside<F, R>(function: F) -> Aside<F, R>
where
    F: FnOnce() -> R + 'static,
    R: 'static,
{
    Aside {
        function: Some(function),
        away: None,
        timer: None,
        output: Rc::default(),
        made: Location::caller(),
    }
}

impl<F, R> Unpin for Aside<F, R> {}

impl<F, R> Future for Aside<F, R>
where
    F: FnOnce() -> R + 'static,
    R: 'static,
{
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = &mut *self;
        if let Some(function) = this.function.take() {
            let place = world::current(|world| Some((world.run, world.current?))).flatten();
            let Some((run, task)) = place.filter(|_| lets_give_way()) else {
                return Poll::Ready(function());
            };
            let away = this.begin(run, task, function);
            away.go_on(Who::Function);
            this.away = Some(away);
        }
        let Some(away) = &this.away else {
            panic!("polled after it had ended");
        };
        loop {
            if away.ended.get() {
                this.timer = None;
                return Poll::Ready(ended(away, &this.output));
            }
            if !away.woken.get() {
                // It may have gone on in another turn since, and wait for something else.
                let until = away.rest.get().map_or(0, |rest| rest.until);
                let timer = this.timer.take().filter(|(of, _)| *of == until);
                let (_, timer) = this.timer.insert(timer.unwrap_or_else(|| {
                    let at = Instant::from_nanos(until);
                    (
                        until,
                        SimClock::of(away.run).timer_between(at, at, this.made),
                    )
                }));
                if Pin::new(timer).poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            this.timer = None;
            away.go_on(Who::Function);
        }
    }
}

impl<F, R> Aside<F, R>
where
    F: FnOnce() -> R + 'static,
    R: 'static,
{
    fn begin(&self, run: u32, task: u32, function: F) -> Rc<Away> {
        if PARKS_AT.get() == 0 {
            PARKS_AT.set(parks_at().unwrap_or(0));
        }
        let output = Rc::clone(&self.output);
        let call = move || output.set(Some(function()));
        Rc::new(Away {
            run,
            task,
            stack: RefCell::new(Stack::new(STACK, call)),
            rest: Cell::new(None),
            woken: Cell::new(false),
            ended: Cell::new(false),
        })
    }
}

/// What came of a function, or its panic.
fn ended<R>(away: &Away, output: &Cell<Option<R>>) -> R {
    if let Some(panic) = away.stack.borrow_mut().take_panic() {
        resume_unwind(panic);
    }
    output.take().expect("it has returned")
}

impl<F, R> Drop for Aside<F, R> {
    fn drop(&mut self) {
        self.timer = None;
        let Some(away) = self.away.take() else {
            return;
        };
        if !away.ended.get() && world::run_number() == away.run {
            LAST.set(0);
            away.go_on(Who::Last);
        }
        AWAY.with_borrow_mut(|all| all.retain(|other| !Rc::ptr_eq(other, &away)));
        let Ok(mut stack) = away.stack.try_borrow_mut() else {
            return;
        };
        if let Some(panic) = stack.take_panic() {
            match panicking() {
                true => drop(panics::discard(panic)),
                false => resume_unwind(panic),
            }
        }
    }
}

impl<F, R> fmt::Debug for Aside<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aside")
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}
