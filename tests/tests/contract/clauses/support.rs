//! What the clause tests share: short words for times, runs, and bodies.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{Bounds, Config, Instant, Mix, Run, Verdict, now, sleep};
use deadheat_timeout::{Cancelled, Elapsed, Interrupted};

pub(crate) type Cx = deadheat_timeout::Cx<SimClock>;
pub(crate) type Handle = deadheat_timeout::Handle<SimClock>;
pub(crate) type TaskHandle<T = (), E = Interrupted> =
    deadheat_timeout::TaskHandle<SimClock, Result<T, E>>;

pub(crate) const ZERO: Duration = Duration::ZERO;

pub(crate) fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The moment `n` seconds after the start of the run.
pub(crate) fn at(n: i64) -> Instant {
    Instant::from_nanos(n * 1_000_000_000)
}

/// Runs a future FIFO and on time; what it asserts holds.
pub(crate) fn fifo<F, Fut>(program: F) -> Run
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    deadheat::run(&Config::new(), program).unwrap()
}

/// Runs a cancellable task FIFO and on time; it returns, and what it asserts holds.
pub(crate) fn fifo_task<B, F>(body: B) -> Run
where
    B: Fn(Cx) -> F + Copy + Sync + 'static,
    F: Future<Output = Result<(), Interrupted>> + 'static,
{
    fifo(move || async move { spawn_task("main", body).ended().await.unwrap() })
}

/// Runs a future that never ends; the moment after which nothing could ever happen again. So no
/// timer was left.
pub(crate) fn stuck<F, Fut>(program: F) -> Instant
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let failure = deadheat::run(&Config::new(), program).unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck, "{failure}");
    failure.run.at
}

/// Runs a future in many orders and with many latenesses; what it asserts holds in all of them.
pub(crate) fn explored<F, Fut>(program: F)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let late = Bounds::late(ms(1));
    let both_late = Bounds {
        task_late: ms(1),
        ..late
    };
    let mix = Mix::portfolio(&[Bounds::EXACT, late, both_late]);
    deadheat::check(&Config::new().runs(400).mix(mix), program).unwrap();
}

/// The same for a cancellable task, which returns.
pub(crate) fn explored_task<B, F>(body: B)
where
    B: Fn(Cx) -> F + Copy + Sync + 'static,
    F: Future<Output = Result<(), Interrupted>> + 'static,
{
    explored(move || async move { spawn_task("main", body).ended().await.unwrap() });
}

/// Waits for ever, as far as it depends on itself.
pub(crate) async fn forever(cx: &Cx) -> Result<(), Interrupted> {
    cx.wait(pending::<()>()).await?;
    Ok(())
}

/// Waits, and can be cancelled.
pub(crate) async fn nap(cx: &Cx, delay: Duration) -> Result<(), Interrupted> {
    cx.wait(sleep(delay)).await?;
    Ok(())
}

/// What a body returns, where nothing else says which errors it may end in.
pub(crate) fn done<T>(value: T) -> Result<T, Interrupted> {
    Ok(value)
}

pub(crate) fn is_cancelled<T>(end: &Result<T, Interrupted>) -> bool {
    matches!(end, Err(Interrupted::Cancelled(_)))
}

pub(crate) fn is_elapsed<T>(end: &Result<T, Interrupted>) -> bool {
    matches!(end, Err(Interrupted::Elapsed(_)))
}

/// A flag that several tasks share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flag(Rc<Cell<bool>>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.set(true);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.get()
    }

    /// A value that raises the flag when it is dropped.
    pub(crate) fn on_drop(&self) -> OnDrop {
        OnDrop(self.clone())
    }
}

pub(crate) struct OnDrop(Flag);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// What happened, and when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<(Instant, &'static str)>>>);

impl Log {
    pub(crate) fn note(&self, what: &'static str) {
        self.0.borrow_mut().push((now(), what));
    }

    #[track_caller]
    pub(crate) fn is(&self, expected: &[(Instant, &'static str)]) {
        assert_eq!(*self.0.borrow(), expected);
    }
}

/// An error as `thiserror` derives it: two transparent variants and one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    Cancelled(Cancelled),
    Elapsed(Elapsed),
    Own,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Cancelled(error) => error.fmt(f),
            Failed::Elapsed(error) => error.fmt(f),
            Failed::Own => f.write_str("failed"),
        }
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failed::Cancelled(error) => error.source(),
            Failed::Elapsed(error) => error.source(),
            Failed::Own => None,
        }
    }
}

impl From<Cancelled> for Failed {
    fn from(error: Cancelled) -> Self {
        Failed::Cancelled(error)
    }
}

impl From<Elapsed> for Failed {
    fn from(error: Elapsed) -> Self {
        Failed::Elapsed(error)
    }
}
