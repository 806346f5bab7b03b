//! What a program calls inside a run: spawn, sleep, now, draw, log.
//!
//! What needs a run panics outside of one, with a message that says so, as tokio's functions do outside of a
//! runtime.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use deadheat_timeout as lib;
use deadheat_timeout::{BodyError, Clock, Cx, TaskHandle};

use crate::base::bounds::clamp;
use crate::base::time::Instant;
use crate::engine::clock::{Latency, SimClock, SimTimer};
use crate::engine::companion;
use crate::engine::inside::inside;
use crate::engine::join::{JoinCell, JoinHandle};
use crate::invariant::checks::Check;
use crate::state::stalls::Group;
use crate::state::tasks::{BoxFuture, WaitsFor};
use crate::state::world::{self, Named};

/// Whether this is inside a run, on the run's own thread.
///
/// # Examples
///
/// ```
/// assert!(!deadheat::in_run());
/// deadheat::run(&deadheat::Config::new(), || async { assert!(deadheat::in_run()) }).unwrap();
/// ```
#[inline]
pub fn in_run() -> bool {
    world::run_number() != 0
}

/// The clock of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let (late, never) = (std::time::Duration::from_secs(3), std::future::pending::<()>());
///     assert!(deadheat_timeout::timeout(&deadheat::clock(), late, never).await.is_err());
/// }).unwrap();
/// ```
#[track_caller]
pub fn clock() -> SimClock {
    SimClock::of(inside("clock", |world| world.run))
}

/// The present moment of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::now(), deadheat::Instant::START);
/// }).unwrap();
/// ```
#[track_caller]
pub fn now() -> Instant {
    inside("now", |world| world.instant())
}

/// Spawns a task of this run; it takes its first turn when the scheduler lets it.
///
/// # Timing
///
/// The task joins the queue of woken tasks in the call.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let answer = deadheat::spawn(async { 42 });
///     assert_eq!(answer.await.unwrap(), 42);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_as(None, Group::default(), future)
}

/// Spawns a task with a name, by which traces and reports call it.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let failure = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::spawn_named("worker", async { panic!("no work") }).await.unwrap();
/// });
/// assert!(failure.unwrap_err().to_string().contains("worker panicked at"));
/// ```
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Arc<str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_as(Some(name.into()), Group::default(), future)
}

#[track_caller]
pub(crate) fn spawn_as<F>(name: Option<Arc<str>>, group: Group, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let cell = JoinCell::new();
    let task = enter(name, group, Box::pin(cell.clone().fill(future)));
    JoinHandle::new(cell, world::run_number(), task)
}

#[track_caller]
pub(crate) fn enter(name: Option<Arc<str>>, group: Group, future: BoxFuture) -> u32 {
    let location = Location::caller();
    inside("spawn", |world| world.spawn(name, location, group, future))
}

/// Spawns a cancellable task with a name; see [`deadheat_timeout::task`].
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat_timeout::Interrupted;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let work = deadheat::spawn_task("work", async |cx| {
///         cx.wait(deadheat::sleep(Duration::from_secs(9))).await?;
///         Ok::<_, Interrupted>(())
///     });
///     deadheat::sleep(Duration::from_secs(1)).await;
///     work.cancel();
///     assert!(work.ended().await.is_err());
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn spawn_task<B, F, T, E, Kind>(
    name: impl Into<Arc<str>>,
    body: B,
) -> TaskHandle<SimClock, Result<T, E>>
where
    B: FnOnce(Cx<SimClock>) -> F + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    E: BodyError<Kind> + 'static,
    T: 'static,
    Kind: 'static,
{
    spawn_task_as(name.into(), Group::default(), body)
}

#[track_caller]
pub(crate) fn spawn_task_as<B, F, T, E, Kind>(
    name: Arc<str>,
    group: Group,
    body: B,
) -> TaskHandle<SimClock, Result<T, E>>
where
    B: FnOnce(Cx<SimClock>) -> F + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    E: BodyError<Kind> + 'static,
    T: 'static,
    Kind: 'static,
{
    let (task, handle) = lib::task(&clock(), body);
    let id = enter(Some(name), group, Box::pin(task));
    inside("spawn_task", |world| {
        if let Some(slot) = world.names.get_mut(handle.id() as usize) {
            *slot = Named::Task(id);
        }
    });
    handle
}

/// Names a scope in traces and reports.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {
///     let timeout = deadheat_timeout::Timeout::never(&deadheat::clock());
///     deadheat::name_scope(&timeout.handle(), "the request");
///     timeout.run(async {}).await.unwrap();
/// });
/// assert_eq!(run.unwrap().trace().of_scope("the request").events.len(), 2); // entered and left
/// ```
#[track_caller]
pub fn name_scope(scope: &lib::Handle<SimClock>, name: impl Into<Arc<str>>) {
    let name = name.into();
    inside("name_scope", |world| {
        if let Some(slot) = world.names.get_mut(scope.id() as usize) {
            *slot = Named::Scope(name);
        }
    });
}

/// Waits for a duration, or for a latency out of a range.
///
/// # Timing
///
/// The delay counts from the call. A range is a timer that is due at the low end and may be late up
/// to the high end: when it fires is decided as time passes, so that it can meet a deadline that
/// did not exist when it was armed. The dullest choice is the low end. A sum that overflows the
/// clock never ends.
///
/// # Panics
///
/// Outside of a run, and if a range ends before it starts.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, now, sleep};
/// use std::time::Duration;
///
/// let (low, high) = (Duration::from_millis(1), Duration::from_millis(20));
/// let failure = check(&Config::new(), move || async move {
///     sleep(low..=high).await;
///     assert!(now() - deadheat::Instant::START < high, "it took as long as it may");
/// });
/// assert!(failure.is_err());
/// ```
#[track_caller]
pub fn sleep(latency: impl Into<Latency>) -> Sleep {
    sleep_for(latency.into())
}

#[track_caller]
fn sleep_for(latency: Latency) -> Sleep {
    let (low, high) = latency.ends();
    let (run, now) = inside("sleep", |world| (world.run, world.instant()));
    let clock = SimClock::of(run);
    let timer = now.checked_add(low).map(|at| {
        if high == low {
            return clock.timer_between(at, at);
        }
        clock.timer_between(at, now.saturating_add(high))
    });
    Sleep { timer }
}

/// Waits until a moment of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Cancel safety
///
/// Dropping it disarms the timer.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let deadline = deadheat::now() + std::time::Duration::from_secs(3);
///     deadheat::sleep_until(deadline).await;
///     assert_eq!(deadheat::now(), deadline);
/// }).unwrap();
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep {
        timer: Some(clock().timer(deadline)),
    }
}

/// The future of [`sleep`] and [`sleep_until`]. Dropping it disarms its timer.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Sleep {
    timer: Option<SimTimer>,
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) => Pin::new(timer).poll(cx),
            None => {
                world::current(|world| world.waits_for(WaitsFor::NEVER));
                Poll::Pending
            }
        }
    }
}

/// Gives way for one turn: the task joins the queue of woken tasks at its end.
///
/// # Cancel safety
///
/// Dropping it loses nothing: the task takes the turn that it asked for.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let other = deadheat::spawn(async {});
///     deadheat::yield_now().await; // in FIFO order the other one takes its turn first
///     assert!(other.is_finished());
/// }).unwrap();
/// ```
#[inline]
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lets time pass without giving way, as a long computation does.
///
/// # Timing
///
/// The clock moves in the call. Of a range a decision takes the low end (the dullest), the high end,
/// or a moment at or next to the next deadline.
///
/// # Panics
///
/// Outside of a run, and if a range ends before it starts.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::busy(std::time::Duration::from_secs(3));
///     assert_eq!(deadheat::now().as_nanos(), 3_000_000_000);
/// }).unwrap();
/// ```
#[track_caller]
pub fn busy(latency: impl Into<Latency>) {
    let (low, high) = latency.into().ends();
    inside("busy", |world| {
        let by = world.latency(clamp(low), clamp(high));
        world.busy(by);
    });
    companion::sync();
}

/// A number below `bound`, drawn from the run's seed; zero if `bound` is zero.
///
/// # Determinism
///
/// One draw of the stream [`Purpose::User`](crate::Purpose::User), apart from the scheduler's.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert!(deadheat::random(6) < 6);
/// }).unwrap();
/// ```
#[track_caller]
pub fn random(bound: u64) -> u64 {
    inside("random", |world| world.draw(bound))
}

/// Which of `options` comes first where the program leaves that open, as a `select!` does: a decision of
/// the run, of which 0 is the dullest. Zero if there are fewer than two.
///
/// # Determinism
///
/// The scheduler decides; so other than with [`random`] a shrunk run takes 0 wherever that does not matter.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::pick(2), 0, "in FIFO order the first one");
/// }).unwrap();
/// ```
#[track_caller]
pub fn pick(options: u64) -> u64 {
    let at = Location::caller();
    inside("pick", |world| world.pick(options, at))
}

/// A number of this run that no other run of this process has; none outside of a run. It is not the same when
/// the run is made again.
///
/// # Examples
///
/// ```
/// assert_eq!(deadheat::run_id(), None);
/// ```
#[inline]
pub fn run_id() -> Option<u32> {
    match world::run_number() {
        0 => None,
        run => Some(run),
    }
}

/// The number of the task that takes its turn, in the order of spawning from 0; none outside of a run, and
/// in a program's start, finish and teardown.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::current_task(), Some(0)); // the future that was given to `run`
///     deadheat::spawn(async { assert_eq!(deadheat::current_task(), Some(1)) }).await.unwrap();
/// }).unwrap();
/// ```
#[inline]
pub fn current_task() -> Option<u32> {
    world::current(|world| world.current).flatten()
}

/// Records an event of the program's own in the trace; [`trace!`](crate::trace!) has an example.
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn log(text: &str) {
    inside("log", |world| {
        let raw = world.recorder.text(text);
        world.record(raw);
    });
}

/// States something that must hold whenever the run comes by; the run fails if it does not, and goes
/// on. The text is made only then.
///
/// # Panics
///
/// Outside of a run, if it does not hold.
///
/// # Examples
///
/// ```
/// let failure = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::always(1 + 1 == 3, || "arithmetic".to_owned());
/// });
/// assert!(failure.unwrap_err().to_string().contains("violated: arithmetic"));
/// ```
#[track_caller]
pub fn always(holds: bool, text: impl FnOnce() -> String) {
    if !holds {
        violate(Check::Stated, text());
    }
}

/// States something that must never hold; see [`always`](fn@always) and [`never!`](crate::never!).
///
/// # Panics
///
/// Outside of a run, if it holds.
#[track_caller]
pub fn never(holds: bool, text: impl FnOnce() -> String) {
    always(!holds, text);
}

/// States something that must hold in some run that comes by: an exploration reports the statements
/// that were made and never held (see [`Exploration::never_reached`](crate::Exploration::never_reached)).
/// [`sometimes!`](crate::sometimes!) has an example.
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn sometimes(holds: bool, statement: &'static str) {
    inside("sometimes", |world| world.sometimes(holds, statement));
}

/// Reports that a check does not hold.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Check, Config, run, violate};
///
/// let failure = run(&Config::new(), || async { violate(Check::Stated, "two leaders".to_owned()) });
/// assert_eq!(failure.unwrap_err().run.violations[0].text, "two leaders");
/// ```
#[track_caller]
pub fn violate(check: Check, text: String) {
    inside("violate", |world| world.violate(check, text));
}

/// Reports that a check did not hold at a moment that has passed; see [`violate`].
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn violate_at(check: Check, at: Instant, text: String) {
    inside("violate_at", |world| world.checks.violate(check, at, text));
}

/// Says in reports what the running task waits for, as long as `future` is pending. Outside of a run it only waits.
///
/// # Cancel safety
///
/// Dropping it drops `future`.
///
/// # Examples
///
/// ```
/// let stuck = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::waiting_for("a reply".into(), std::future::pending::<()>()).await;
/// });
/// assert!(stuck.unwrap_err().to_string().contains("main waits for a reply since 0.000 s"));
/// ```
pub async fn waiting_for<F: Future>(what: Arc<str>, future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let poll = future.as_mut().poll(cx);
        if poll.is_pending() {
            world::current(|world| {
                if let Some(task) = world.current {
                    world.waits_for(WaitsFor::NAMED);
                    world.waits_named.insert(task, what.clone());
                }
            });
        }
        poll
    })
    .await
}
