//! Cancels a future at each point at which it waits, and looks whether that does harm.
//!
//! 1. A point is a wait (a `Pending` that the future returns), a moment of it (while it waits, or once it was
//!    woken), and a way to cancel. Each point has a run of its own, from the set-up to the check.
//! 2. Points are counted within a schedule: what a future waits for depends on the order of things.
//! 3. A failing run is shrunk with its point kept, so the report speaks of one cancel.
//!
//! Deliberately not here: cancels of tasks that the future spawned. They are another future's.

mod cut;
mod how;
mod point;
mod report;

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use deadheat_timeout::{BodyError, Cx};

use crate::engine::clock::SimClock;
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::whole::report;
use crate::search::single;
use crate::search::single::Single;

use cut::{Make, Parts, Probe, Seen, Trial};
use point::Line;

pub use crate::record::await_place::AwaitPlace;
pub use how::CancelEverywhere;
pub use point::{CancelMoment, CancelPoint, CancelWay};
pub use report::{CancelFailure, CancelReport};

/// Asserts that a future may be dropped wherever it waits; see [`cancel_everywhere`].
///
/// # Panics
///
/// With the report, if the check does not hold after some cancel; inside a run.
///
/// # Examples
///
/// Whatever is received is received once, whenever a `recv` is given up:
///
/// ```
/// use tokio::sync::mpsc;
///
/// deadheat::assert_cancel_safe(
///     async || {
///         let (tx, rx) = mpsc::channel::<u32>(1);
///         deadheat::spawn(async move { tx.send(7).await });
///         rx
///     },
///     async |rx| rx.recv().await,
///     async |mut rx, received| {
///         let value = match received {
///             Some(value) => value,
///             None => rx.recv().await,
///         };
///         assert_eq!(value, Some(7));
///     },
/// );
/// ```
#[track_caller]
pub fn assert_cancel_safe<S, O, C, E, T>(setup: S, operation: O, check: C)
where
    S: AsyncFn() -> E + Send + Sync + 'static,
    O: AsyncFn(&mut E) -> T + Send + Sync + 'static,
    C: AsyncFn(E, Option<T>) + Send + Sync + 'static,
    E: 'static,
    T: 'static,
{
    let found = cancel_everywhere(&CancelEverywhere::new(), setup, operation, check);
    assert(found);
}

/// Asserts that a cancellable task may be dropped, and be asked to cancel, wherever it waits; see
/// [`cancel_task_everywhere`].
///
/// # Panics
///
/// With the report, if the check does not hold after some cancel; inside a run.
///
/// # Examples
///
/// A permit comes back even if the clean-up takes its time:
///
/// ```
/// use deadheat::sleep;
/// use deadheat_timeout::Interrupted;
/// use std::time::Duration;
/// use tokio::sync::Semaphore;
///
/// const STEP: Duration = Duration::from_millis(1);
///
/// deadheat::cancel_safe::assert_task_cancel_safe(
///     async || Semaphore::new(1),
///     async |cx, permits| {
///         let _permit = cx.wait(permits.acquire()).await?;
///         let worked = cx.wait(sleep(STEP)).await;
///         sleep(STEP).await; // clean-up, which a request does not interrupt
///         Ok::<_, Interrupted>(worked?)
///     },
///     async |permits, _end| assert_eq!(permits.available_permits(), 1),
/// );
/// ```
#[track_caller]
pub fn assert_task_cancel_safe<S, B, C, E, T, X, Kind>(setup: S, body: B, check: C)
where
    S: AsyncFn() -> E + Send + Sync + 'static,
    B: AsyncFn(Cx<SimClock>, &mut E) -> Result<T, X> + Send + Sync + 'static,
    C: AsyncFn(E, Option<Result<T, X>>) + Send + Sync + 'static,
    X: BodyError<Kind> + 'static,
    E: 'static,
    T: 'static,
    Kind: 'static,
{
    let found = cancel_task_everywhere(&CancelEverywhere::new(), setup, body, check);
    assert(found);
}

#[track_caller]
fn assert(found: Result<CancelReport, Box<CancelFailure>>) {
    if let Err(failure) = found {
        panic!("{failure}");
    }
}

/// Runs a future once for each point at which it waits, drops it there, and makes the check.
///
/// `setup` makes what the future works on, anew for each run; `operation` is the future; `check` gets what
/// the set-up made, and the output if the future ended before it was to be dropped. Each runs inside the
/// run: it may wait, and spawn.
///
/// # Timing
///
/// At each wait the future is dropped twice, in runs of their own: in the turn in which it began to wait, and
/// in the turn that it was woken for, before it is polled. In the second it may have been handed what it
/// waits for.
///
/// # Errors
///
/// The [`CancelFailure`] of the first run in which the check (or anything else) does not hold. It names the
/// `.await` by its place in the sources, if the program was built with debug information.
///
/// # Panics
///
/// Never: a panic of the program is told in the [`CancelFailure`]. So is a call from inside another run or, with the feature
/// `tokio`, a tokio runtime.
///
/// # Examples
///
/// A read that keeps what it has in a local variable loses it:
///
/// ```
/// use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
/// use tokio::sync::mpsc;
///
/// async fn read_two(rx: &mut mpsc::Receiver<u8>) -> Option<[u8; 2]> {
///     let first = rx.recv().await?;
///     let second = rx.recv().await?; // here `first` is in nobody's hands
///     Some([first, second])
/// }
///
/// let lost = cancel_everywhere(
///     &CancelEverywhere::new().name("read_two"),
///     async || {
///         let (tx, rx) = mpsc::channel(1);
///         deadheat::spawn(async move {
///             for byte in [1, 2] {
///                 tx.send(byte).await.ok();
///             }
///         });
///         rx
///     },
///     async |rx| read_two(rx).await,
///     async |mut rx, read| {
///         if read.is_none() {
///             assert_eq!(read_two(&mut rx).await, Some([1, 2]));
///         }
///     },
/// );
/// assert_eq!(lost.unwrap_err().point.unwrap().wait, 2);
/// ```
#[track_caller]
pub fn cancel_everywhere<S, O, C, E, T>(
    how: &CancelEverywhere,
    setup: S,
    operation: O,
    check: C,
) -> Result<CancelReport, Box<CancelFailure>>
where
    S: AsyncFn() -> E + Send + Sync + 'static,
    O: AsyncFn(&mut E) -> T + Send + Sync + 'static,
    C: AsyncFn(E, Option<T>) + Send + Sync + 'static,
    E: 'static,
    T: 'static,
{
    let parts = Arc::new(Parts {
        setup,
        operation,
        check,
    });
    let make = |probe: Rc<Probe>| {
        let parts = Arc::clone(&parts);
        boxed(async move { parts.dropped(&probe).await })
    };
    everywhere(how, &[CancelWay::Dropped], &make, Location::caller())
}

/// [`cancel_everywhere`] for the body of a [`task`](deadheat_timeout::task): at each point it is dropped in
/// one run, and asked to cancel in another.
///
/// # Timing
///
/// A request that comes while the task waits for what is no cancellation point is delivered at the next
/// one (T5). The task then goes on to its end: it may wait in its clean-up, and the check gets what it
/// ended in. A task that was dropped has no output.
///
/// # Errors
///
/// As for [`cancel_everywhere`]; also if a task that was asked to cancel never ends.
///
/// # Panics
///
/// As [`cancel_everywhere`].
///
/// # Examples
///
/// ```
/// use deadheat::sleep;
/// use deadheat::cancel_safe::{CancelEverywhere, cancel_task_everywhere};
/// use deadheat_timeout::Interrupted;
/// use std::{cell::Cell, time::Duration};
///
/// // It counts itself out at its end only, so a cancel leaves it counted in.
/// let leaks = cancel_task_everywhere(
///     &CancelEverywhere::new(),
///     async || Cell::new(0),
///     async |cx, working: &mut Cell<i32>| {
///         working.set(1);
///         cx.wait(sleep(Duration::from_secs(1))).await?;
///         working.set(0);
///         Ok::<_, Interrupted>(())
///     },
///     async |working, _end| assert_eq!(working.get(), 0),
/// );
/// assert!(leaks.is_err());
/// ```
#[track_caller]
pub fn cancel_task_everywhere<S, B, C, E, T, X, Kind>(
    how: &CancelEverywhere,
    setup: S,
    body: B,
    check: C,
) -> Result<CancelReport, Box<CancelFailure>>
where
    S: AsyncFn() -> E + Send + Sync + 'static,
    B: AsyncFn(Cx<SimClock>, &mut E) -> Result<T, X> + Send + Sync + 'static,
    C: AsyncFn(E, Option<Result<T, X>>) + Send + Sync + 'static,
    X: BodyError<Kind> + 'static,
    E: 'static,
    T: 'static,
    Kind: 'static,
{
    let parts = Arc::new(Parts {
        setup,
        operation: body,
        check,
    });
    let make = |probe: Rc<Probe>| {
        let parts = Arc::clone(&parts);
        boxed(async move { parts.task(&probe).await })
    };
    let ways = &[CancelWay::Dropped, CancelWay::Requested];
    everywhere(how, ways, &make, Location::caller())
}

fn boxed(future: impl Future<Output = ()> + 'static) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(future)
}

fn everywhere(
    how: &CancelEverywhere,
    ways: &'static [CancelWay],
    make: Make<'_>,
    given_at: &'static Location<'static>,
) -> Result<CancelReport, Box<CancelFailure>> {
    let search = Search {
        how,
        make,
        given_at,
    };
    let mut report = CancelReport {
        complete: true,
        ..CancelReport::default()
    };
    if let Some(line) = &how.replay {
        search.replay(line, &mut report)?;
        return Ok(report);
    }
    for schedule in 0..how.schedules {
        search.schedule(schedule, ways, &mut report)?;
    }
    Ok(report)
}

/// One future, cancelled again and again.
struct Search<'a> {
    how: &'a CancelEverywhere,
    make: Make<'a>,
    given_at: &'static Location<'static>,
}

impl<'a> Search<'a> {
    fn trial(&self, point: Option<CancelPoint>) -> Trial<'a> {
        Trial {
            make: self.make,
            point,
            locate: false,
            given_at: self.given_at,
        }
    }

    /// Every point of a schedule, until the future ends before it is reached.
    fn schedule(
        &self,
        schedule: u64,
        ways: &'static [CancelWay],
        report: &mut CancelReport,
    ) -> Result<(), Box<CancelFailure>> {
        report.schedules += 1;
        for wait in 1..=self.how.waits {
            let mut reached = false;
            for point in CancelPoint::of_wait(wait, ways) {
                let seen = self.sampled(schedule, Some(point))?;
                reached |= seen.cut_at.is_some();
                report.count(&seen);
                if !reached {
                    return Ok(());
                }
            }
        }
        // Beyond the limit: once more without a cancel, unless the future goes on for ever.
        let beyond = CancelPoint {
            wait: self.how.waits + 1,
            moment: CancelMoment::Waiting,
            way: CancelWay::Dropped,
        };
        let seen = self.sampled(schedule, Some(beyond))?;
        report.complete &= seen.cut_at.is_none();
        Ok(())
    }

    fn sampled(
        &self,
        schedule: u64,
        point: Option<CancelPoint>,
    ) -> Result<Seen, Box<CancelFailure>> {
        let (trial, config) = (self.trial(point), &self.how.config);
        let (run, seen) = match schedule {
            0 => Single::of(&trial, config).fifo(),
            number => {
                let made = single::sampled(&trial, config, number);
                (made.run, made.outcome)
            }
        };
        self.judged(trial, run, seen)
    }

    /// The run of a report's last line.
    fn replay(&self, line: &str, report: &mut CancelReport) -> Result<(), Box<CancelFailure>> {
        let Line { point, token } = line.parse().map_err(|error: point::LineError| {
            let name = &self.how.config.name;
            Box::new(CancelFailure {
                point: None,
                at: None,
                places: Vec::new(),
                failure: Failure::of_problem(name, error.to_string()),
            })
        })?;
        let trial = self.trial(point);
        let (run, seen) = Single::of(&trial, &self.how.config).replay(&token);
        report.schedules = 1;
        report.count(&self.judged(trial, run, seen)?);
        Ok(())
    }

    fn judged(
        &self,
        mut trial: Trial<'_>,
        run: Run,
        seen: Option<Seen>,
    ) -> Result<Seen, Box<CancelFailure>> {
        use crate::engine::program::Program;
        let seen = seen.unwrap_or_default();
        if trial.expects(run.verdict) {
            return Ok(seen);
        }
        if seen.cut_at.is_none() {
            trial.point = None;
        }
        let config = &self.how.config;
        let mut failure = report(&trial, config, 0, &run);
        failure.number = None;
        let token = failure.run.token.clone();
        let point = trial.point;
        let line = Line {
            point,
            token: token.clone(),
        };
        failure.replay = vec![format!("CancelEverywhere::new().replay(\"{line}\")")];
        let seen = if failure.repeats() {
            trial.locate = true;
            Single::of(&trial, config)
                .replay(&token)
                .1
                .unwrap_or_default()
        } else {
            seen
        };
        Err(Box::new(CancelFailure {
            point,
            at: seen.cut_at,
            places: seen.places,
            failure,
        }))
    }
}

impl CancelReport {
    fn count(&mut self, seen: &Seen) {
        self.waits = self.waits.max(seen.waits);
        self.cancelled += u64::from(seen.cut_at.is_some());
    }
}
