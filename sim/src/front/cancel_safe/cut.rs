//! One run in which a future is cancelled at one point: set up, wait, cancel, check.
//!
//! 1. Everything is made inside the run, so each point has an environment of its own.
//! 2. Set-up, clean-up and check have to end: one that waits for ever is a failure. A future that is not cancelled
//!    may wait for ever.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use deadheat_timeout as lib;
use deadheat_timeout::{BodyError, Cx};

use crate::base::time::Instant;
use crate::base::verdict::Verdict;
use crate::engine::clock::SimClock;
use crate::engine::program::{self, Program};
use crate::invariant::Check;
use crate::program::here::{clock, now};
use crate::program::state::violate_nowhere;

use super::point::{CancelMoment, CancelPoint, CancelWay};
use crate::engine::awaits;
use crate::record::await_place::AwaitPlace;

/// What a run is to do; shared with the closures of the user.
pub(super) type Make<'a> = &'a (dyn Fn(Rc<Probe>) -> Pin<Box<dyn Future<Output = ()>>> + Sync);

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    SetUp,
    Operation,
    CleanUp,
    Check,
    Ended,
}

/// What a run does to the future, and what it sees of it.
#[derive(Debug)]
pub(super) struct Probe {
    point: Option<CancelPoint>,
    locate: bool,
    phase: Cell<Phase>,
    waits: Cell<u64>,
    cut_at: Cell<Option<Instant>>,
    places: RefCell<Vec<AwaitPlace>>,
}

impl Probe {
    /// One poll of the future, unless it is time to cancel: then none.
    fn poll<F: Future>(
        &self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        if self.is_now(CancelMoment::Woken) {
            return self.cut();
        }
        let polled = if self.locate && self.waits.get() + 1 == self.wait() {
            let (polled, wait) = awaits::located(cx.waker(), |cx| future.poll(cx));
            self.places.replace(wait.unwrap_or_default().places);
            polled
        } else {
            future.poll(cx)
        };
        if let Poll::Ready(output) = polled {
            return Poll::Ready(Some(output));
        }
        self.waits.set(self.waits.get() + 1);
        match self.is_now(CancelMoment::Waiting) {
            true => self.cut(),
            false => Poll::Pending,
        }
    }

    fn wait(&self) -> u64 {
        self.point.map_or(u64::MAX, |point| point.wait)
    }

    fn is_now(&self, moment: CancelMoment) -> bool {
        let at = |point: CancelPoint| point.wait == self.waits.get() && point.moment == moment;
        self.point.is_some_and(at)
    }

    fn cut<T>(&self) -> Poll<Option<T>> {
        self.cut_at.set(Some(now()));
        Poll::Ready(None)
    }

    /// The output of a future, or none if it was time to cancel before.
    async fn until_cut<F: Future>(&self, mut future: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|cx| self.poll(future.as_mut(), cx)).await
    }
}

/// The three closures of the user.
#[derive(Debug)]
pub(super) struct Parts<S, O, C> {
    pub(super) setup: S,
    pub(super) operation: O,
    pub(super) check: C,
}

impl<S, O, C> Parts<S, O, C> {
    /// A run whose future is dropped.
    pub(super) async fn dropped<E, T>(&self, probe: &Probe)
    where
        S: AsyncFn() -> E,
        O: AsyncFn(&mut E) -> T,
        C: AsyncFn(E, Option<T>),
    {
        let mut environment = (self.setup)().await;
        probe.phase.set(Phase::Operation);
        let output = {
            let future = pin!((self.operation)(&mut environment));
            probe.until_cut(future).await
        };
        probe.phase.set(Phase::Check);
        (self.check)(environment, output).await;
        probe.phase.set(Phase::Ended);
    }

    /// A run whose task is dropped, or asked to cancel.
    pub(super) async fn task<E, T, X, Kind>(&self, probe: &Probe)
    where
        S: AsyncFn() -> E,
        O: AsyncFn(Cx<SimClock>, &mut E) -> Result<T, X>,
        C: AsyncFn(E, Option<Result<T, X>>),
        X: BodyError<Kind>,
    {
        let mut environment = (self.setup)().await;
        probe.phase.set(Phase::Operation);
        let output = {
            let inside = &mut environment;
            let (task, handle) = lib::task(&clock(), move |cx| (self.operation)(cx, inside));
            let mut task = pin!(task);
            match (probe.until_cut(task.as_mut()).await, probe.point) {
                (
                    None,
                    Some(CancelPoint {
                        way: CancelWay::Requested,
                        moment,
                        ..
                    }),
                ) => {
                    probe.phase.set(Phase::CleanUp);
                    handle.cancel();
                    resumed(task, moment).await;
                    handle.take_output()
                }
                (None, _) => None,
                (Some(()), _) => handle.take_output(),
            }
        };
        probe.phase.set(Phase::Check);
        (self.check)(environment, output).await;
        probe.phase.set(Phase::Ended);
    }
}

/// Goes on with a task that was asked to cancel: at once in a turn that it was woken for, else when the
/// request wakes it.
async fn resumed<F: Future>(mut task: Pin<&mut F>, moment: CancelMoment) -> F::Output {
    let mut asleep = moment == CancelMoment::Waiting;
    poll_fn(|cx| match std::mem::take(&mut asleep) {
        true => Poll::Pending,
        false => task.as_mut().poll(cx),
    })
    .await
}

/// The program of the runs that cancel at one point.
pub(super) struct Trial<'a> {
    pub(super) make: Make<'a>,
    pub(super) point: Option<CancelPoint>,
    /// Whether to look where in the sources it waits.
    pub(super) locate: bool,
    pub(super) given_at: &'static Location<'static>,
}

/// What a run has shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// How often the future waited.
    pub(super) waits: u64,
    /// When it was cancelled, if it was.
    pub(super) cut_at: Option<Instant>,
    pub(super) places: Vec<AwaitPlace>,
}

impl Program for Trial<'_> {
    type Handles = Rc<Probe>;
    type Outcome = Seen;

    fn start(&self) -> Rc<Probe> {
        let probe = Rc::new(Probe {
            point: self.point,
            locate: self.locate,
            phase: Cell::new(Phase::SetUp),
            waits: Cell::new(0),
            cut_at: Cell::new(None),
            places: RefCell::new(Vec::new()),
        });
        program::begin(Box::pin((self.make)(Rc::clone(&probe))), self.given_at);
        probe
    }

    fn finish(&self, probe: Rc<Probe>, verdict: Verdict) -> Seen {
        let never = match probe.phase.get() {
            Phase::SetUp => "the set-up never ends",
            Phase::CleanUp => "the task was asked to cancel and never ends",
            Phase::Check => "the check never ends",
            Phase::Operation | Phase::Ended => "",
        };
        if verdict == Verdict::Stuck && !never.is_empty() {
            violate_nowhere(Check::Stated, never.to_owned());
        }
        Seen {
            waits: probe.waits.get(),
            cut_at: probe.cut_at.get(),
            places: probe.places.take(),
        }
    }

    /// What is stuck and may not be violates something.
    fn expects(&self, verdict: Verdict) -> bool {
        matches!(verdict, Verdict::Done | Verdict::Stuck)
    }
}
