//! Property tests whose values are an input *and* the decisions of a run, so that both shrink together.
//!
//! Shrinking an input after the schedule was found, or the other way round, gets stuck: a smaller input has other
//! decisions. Here proptest holds both in one value and makes either smaller at each step. A value with one or two
//! departures stands for every run with that many (some hundred of them are made), since in the run of a smaller
//! input the same departure has another number.
//!
//! Feature `proptest`.

#[cfg(feature = "state-machine")]
pub mod state_machine;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Bounded, Bytes, Scheduler};
use crate::engine::program::{Main, Program, Unit};
use crate::record::run::Run;
use crate::report::trials::Trials;
use crate::search::config::Config;
use crate::search::single::Single;

/// More decisions than this are the dullest.
const DECISIONS: usize = 400;
/// So few departures stand for every run with as many.
const FEW: usize = 2;
/// How many of those are made at most, and how many steps they may take.
const ELSEWHERE: u64 = 500;
const ELSEWHERE_STEPS: u64 = 100_000;

/// The decisions of a run: order, lateness, latencies, faults, and the seed of the program's own draws.
#[derive(Clone, PartialEq, Eq)]
pub struct Decisions {
    seed: u64,
    late: Duration,
    bytes: Vec<u8>,
}

/// A strategy for [`Decisions`]; simplest is FIFO and on time. In half of the values timers may be up to
/// `late` late.
///
/// Put it before the strategies of the input: proptest shrinks from the first on, and an input shrinks best
/// once few departures are left.
///
/// # Examples
///
/// ```
/// use deadheat::property::{Decisions, decisions};
/// use deadheat::{sleep, spawn};
/// use proptest::prelude::*;
/// use std::time::Duration;
///
/// fn ms(millis: u64) -> Duration {
///     Duration::from_millis(millis)
/// }
///
/// proptest!(|(decisions in decisions(ms(1)), work in 1..50_u64)| {
///     decisions.check(|| async move {
///         let task = spawn(deadheat::sleep(ms(1)..=ms(work)));
///         sleep(ms(60)).await;
///         assert!(task.is_finished());
///     })?;
/// });
/// ```
pub fn decisions(late: Duration) -> impl Strategy<Value = Decisions> {
    // Departures are rare in most values, and common in some.
    let seldom = prop_oneof![15 => Just(0), 1 => any::<u8>()];
    let often = prop_oneof![1 => Just(0), 1 => any::<u8>()];
    let bytes = prop_oneof![vec(seldom, 0..DECISIONS), vec(often, 0..DECISIONS)];
    let late = prop_oneof![Just(Duration::ZERO), Just(late)];
    (any::<u64>(), late, bytes).prop_map(|(seed, late, bytes)| Decisions { seed, late, bytes })
}

impl Decisions {
    /// Makes the run of a future that these decisions decide.
    ///
    /// # Errors
    ///
    /// The report of a run that is not as it should be, as a failed case; it has the token that reproduces
    /// the run for the same input.
    ///
    /// # Panics
    ///
    /// Never: a panic of the program is told in the failed case.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::property::decisions;
    /// use proptest::prelude::*;
    /// use std::time::Duration;
    ///
    /// proptest!(|(decisions in decisions(Duration::ZERO))| {
    ///     decisions.check(|| async { assert!(deadheat::random(6) < 6) })?;
    /// });
    /// ```
    #[track_caller]
    pub fn check<F, Fut>(&self, program: F) -> Result<(), TestCaseError>
    where
        F: Fn() -> Fut + Sync,
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        self.check_program(&Unit(Main::new(program)), &Config::new())
    }

    /// The same for a future of an input, which each run gets a copy of.
    ///
    /// # Errors
    ///
    /// As for [`check`](Decisions::check).
    ///
    /// # Panics
    ///
    /// Never: a panic of the program is told in the failed case.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{property::decisions, sleep, spawn};
    /// use proptest::prelude::*;
    /// use std::time::Duration;
    ///
    /// fn ms(millis: u64) -> Duration {
    ///     Duration::from_millis(millis)
    /// }
    ///
    /// let jobs = prop::collection::vec(1..50_u64, 1..5);
    /// proptest!(|(decisions in decisions(ms(1)), jobs in jobs)| {
    ///     decisions.check_with(&jobs, |jobs| async move {
    ///         let tasks: Vec<_> = jobs.iter().map(|job| spawn(sleep(ms(1)..=ms(*job)))).collect();
    ///         sleep(ms(60)).await;
    ///         assert!(tasks.iter().all(|task| task.is_finished()));
    ///     })?;
    /// });
    /// ```
    #[track_caller]
    pub fn check_with<I, F, Fut>(&self, input: &I, program: F) -> Result<(), TestCaseError>
    where
        I: Clone + Sync,
        F: Fn(I) -> Fut + Sync,
        Fut: Future + 'static,
        Fut::Output: 'static,
    {
        self.check(|| program(input.clone()))
    }

    /// The same for a program that is more than one future.
    ///
    /// # Errors
    ///
    /// As for [`check`](Decisions::check).
    ///
    /// # Panics
    ///
    /// Never: a panic of the program is told in the failed case.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Limits, Main, property::decisions};
    /// use proptest::prelude::*;
    /// use std::time::Duration;
    ///
    /// let config = Config::new().limits(Limits { steps: 1000, ..Limits::default() });
    /// let program = Main::new(|| async { deadheat::yield_now().await });
    /// proptest!(|(decisions in decisions(Duration::ZERO))| {
    ///     decisions.check_program(&program, &config)?;
    /// });
    /// ```
    pub fn check_program<P: Program>(
        &self,
        program: &P,
        config: &Config,
    ) -> Result<(), TestCaseError> {
        let config = config.clone().seed(self.seed);
        let bounds = Bounds::late(self.late);
        let bytes = Box::new(Bytes::of(&self.bytes));
        let (run, _) = Single::runs_of(program, &config).scheduled(bounds, bytes);
        let failing = match program.expects(run.verdict) {
            true => self.elsewhere(program, &config, bounds),
            false => Some(run),
        };
        let Some(run) = failing else {
            return Ok(());
        };
        let report = crate::report::whole::report_of(program, &config, run);
        Err(TestCaseError::fail(report.to_string()))
    }
}

impl Decisions {
    fn departures(&self) -> usize {
        self.bytes.iter().filter(|byte| **byte != 0).count()
    }

    /// A failing run with as few departures, at other places.
    fn elsewhere<P: Program>(&self, program: &P, config: &Config, bounds: Bounds) -> Option<Run> {
        let departures = self.departures();
        if departures > FEW {
            return None;
        }
        let mut trials = Trials::new(program, config, ELSEWHERE_STEPS);
        let mut bounded: Box<dyn Scheduler> = Box::new(Bounded::new(departures));
        for _ in 0..ELSEWHERE {
            let (run, back) = trials.run(self.seed, bounds, bounded).ok()?;
            bounded = back;
            if trials.fails(&run) {
                return Some(run);
            }
        }
        None
    }
}

/// As short as what it stands for: how many decisions are not the dullest.
impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let departures = self.departures();
        let Decisions { seed, late, .. } = self;
        write!(
            f,
            "Decisions(seed {seed}, late {late:?}, at most {departures} departures)"
        )
    }
}
