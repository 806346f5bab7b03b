//! Random programs for property tests: deadlines, reschedules, cancels, nested scopes, with an eye for
//! coincidences.
//!
//! 1. Every scenario is valid: printed and read it is the same one.
//! 2. Every scenario ends or gets stuck within a few hundred steps, and every check in it holds in
//!    every order, so a run that fails has found a bug.
//! 3. A smaller draw is a duller scenario: fewer and shorter tasks, `yield` before `sleep` before the
//!    rest, the first of the times before anything near it.
//!
//! The steps are drawn with any numbers for names; [`settle`] then makes them point
//! at something.
//!
//! Feature `proptest`.

mod kinds;
mod steps;
mod times;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use proptest::prelude::{Just, Strategy, prop, prop_oneof};

use crate::ast::{Expectation, Places, Queue, Scenario, Semaphore, Task};
use crate::fuzzing::settle;
use crate::program::ScenarioProgram;

pub use kinds::StepKind;

use kinds::Weights;
use steps::Steps;
use times::Times;

/// A scenario that shows itself as a file when a test fails.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn(pub Scenario);

impl Drawn {
    /// Ready to be run.
    pub fn program(&self) -> ScenarioProgram {
        ScenarioProgram::new(self.0.clone())
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// What programs to draw.
///
/// # Examples
///
/// Timeouts in each other and cancels from outside, near ties included:
///
/// ```
/// use deadheat::Config;
/// use deadheat::search::Single;
/// use deadheat_scenarios::strategy::{Programs, StepKind};
/// use proptest::prelude::*;
/// use std::time::Duration;
///
/// let programs = Programs::new()
///     .tasks(2..=3)
///     .depth(3)
///     .times([1, 2, 3].map(Duration::from_secs))
///     .near([Duration::from_nanos(1)])
///     .only([StepKind::Sleep, StepKind::Cancel, StepKind::Reschedule, StepKind::Timeout]);
/// proptest!(|(drawn in programs.strategy())| {
///     let (run, _) = Single::of(&drawn.program(), &Config::new()).fifo();
///     prop_assert_eq!(run.violations, []);
/// });
/// ```
///
/// With the decisions of the run in the same value, both shrink together:
///
/// ```
/// use deadheat::{Config, property::decisions};
/// use deadheat_scenarios::strategy::{Programs, StepKind};
/// use proptest::prelude::*;
/// use std::time::Duration;
///
/// // Without a wait for what nobody sets, every program ends.
/// let programs = Programs::small().only([StepKind::Sleep, StepKind::Timeout]);
/// let late = Duration::from_millis(1);
/// proptest!(|(decisions in decisions(late), drawn in programs.strategy())| {
///     decisions.check_program(&drawn.program(), &Config::new())?;
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Programs {
    tasks: (usize, usize),
    steps: usize,
    depth: u32,
    times: Times,
    weights: Weights,
}

/// More tasks are none that a person would read.
const TASKS_MAX: usize = 64;
const NAMES: [&str; 4] = ["main", "ops", "work", "side"];

impl Programs {
    /// One to four tasks of up to six steps, every kind of step, blocks up to four deep, times from 0 to 4 s,
    /// or 1 ms or 1 ns from one of these.
    pub fn new() -> Self {
        Programs {
            tasks: (1, 4),
            steps: 6,
            depth: 4,
            times: Times::default(),
            weights: Weights::default(),
        }
    }

    /// One to three tasks of up to three steps, blocks up to two deep: every order can be tried.
    pub fn small() -> Self {
        Programs::new().tasks(1..=3).steps(3).depth(2)
    }

    /// Five to ten tasks of up to four steps, blocks up to six deep, and no times but 0, 1 and 2 s, exactly: much
    /// happens at one instant, and also while a task is busy.
    pub fn crowd() -> Self {
        Programs::new()
            .tasks(5..=10)
            .steps(4)
            .depth(6)
            .times((0..=2).map(Duration::from_secs))
            .near([])
            .weight(StepKind::Busy, 27)
            .weight(StepKind::Yield, 40)
    }

    /// How many tasks, at least 1 and at most 64.
    pub fn tasks(mut self, tasks: RangeInclusive<usize>) -> Self {
        let low = (*tasks.start()).clamp(1, TASKS_MAX);
        self.tasks = (low, (*tasks.end()).clamp(low, TASKS_MAX));
        self
    }

    /// How many steps a task has at most, not counting those in blocks.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// How deep blocks may stand in each other; zero is no blocks.
    pub fn depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// What sleeps, deadlines and latencies are drawn from, the dullest first. Few are best, so that many
    /// meet. None at all is zero.
    pub fn times(mut self, times: impl IntoIterator<Item = Duration>) -> Self {
        self.times.exact = times::nanos(times);
        self
    }

    /// How near to one of the times others are, now and then: ties that are missed. None at all: times are
    /// exact.
    pub fn near(mut self, near: impl IntoIterator<Item = Duration>) -> Self {
        self.times.near = times::nanos(near);
        self
    }

    /// How often a kind of step is drawn, in proportion to the others; zero is never. See
    /// [`StepKind::weight`].
    pub fn weight(mut self, kind: StepKind, weight: u32) -> Self {
        self.weights.set(kind, weight);
        self
    }

    /// Only these kinds of steps, each as often as it was. Without any step that is no block, there is `yield`.
    pub fn only(mut self, kinds: impl IntoIterator<Item = StepKind>) -> Self {
        self.weights.only(&kinds.into_iter().collect::<Vec<_>>());
        self
    }

    /// The strategy.
    pub fn strategy(&self) -> impl Strategy<Value = Drawn> + use<> {
        let steps = Steps::new(&self.times, &self.weights);
        let body = prop::collection::vec(steps.step(self.depth), 0..=self.steps);
        let bodies = prop::collection::vec(body, self.tasks.0..=self.tasks.1);
        let permits = prop_oneof![3 => Just(1_u32), 1 => 2..=3_u32];
        (bodies, permits, prop::option::of(1..=2_u32)).prop_map(|(bodies, permits, capacity)| {
            let tasks = bodies.into_iter().enumerate();
            let mut scenario = Scenario {
                name: "drawn".to_owned(),
                semaphores: vec![Semaphore {
                    name: "pool".to_owned(),
                    permits,
                }],
                queues: vec![Queue {
                    name: "jobs".to_owned(),
                    capacity,
                }],
                events: Vec::new(),
                scopes: Vec::new(),
                tasks: tasks
                    .map(|(index, steps)| Task {
                        name: name(index),
                        steps,
                    })
                    .collect(),
                expect: vec![Expectation::Never("what nobody logs".to_owned())],
                places: Places::default(),
            };
            settle(&mut scenario);
            Drawn(scenario)
        })
    }
}

impl Default for Programs {
    fn default() -> Self {
        Programs::new()
    }
}

fn name(index: usize) -> String {
    let name = NAMES.get(index).map(|name| (*name).to_owned());
    name.unwrap_or_else(|| format!("task{}", index + 1))
}
