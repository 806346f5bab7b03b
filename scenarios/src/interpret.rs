//! Runs a scenario: each task of the file is a cancellable task of the simulator, each step goes
//! through the public API of `deadheat-timeout`.
//!
//! 1. A scope's name stands for its [`Handle`](deadheat_timeout::Handle) from its enter on.
//! 2. Events, queues and semaphores behave as asyncio's: see [`sync`].
//! 3. Where asyncio takes more than one turn between a cause and its effect, so does this, so that
//!    FIFO order is asyncio's order; each such place says so.

mod raised;
mod stage;
mod steps;
mod sync;

pub(crate) use raised::Raised;
pub use stage::Stage;
use stage::TaskEnding;
use steps::Player;

use std::rc::Rc;
use std::sync::Arc;

use deadheat::{Program, Verdict};

use crate::ast::{self, Expectation, Scenario};
use crate::judge;
use crate::outcome::Outcome;

/// A scenario that can be run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run_fifo};
/// use deadheat_scenarios::{ScenarioProgram, parse};
///
/// let text = r#"
///     scenario "basic"
///     task "m" { timeout "t" after="1s" { sleep "10s" } }
/// "#;
/// let program = ScenarioProgram::new(parse("basic.kdl", text).unwrap());
/// let (run, outcome) = run_fifo(&program, &Config::new());
/// assert_eq!(run.verdict, deadheat::Verdict::Done);
/// assert_eq!(outcome.unwrap().tasks[0].end, "timeout");
/// ```
#[derive(Debug, Clone)]
pub struct ScenarioProgram {
    scenario: Arc<Scenario>,
    names: Arc<stage::Names>,
}

impl ScenarioProgram {
    /// Prepares a scenario.
    pub fn new(scenario: Scenario) -> Self {
        let names = Arc::new(stage::Names::of(&scenario));
        ScenarioProgram {
            scenario: Arc::new(scenario),
            names,
        }
    }

    /// What is run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

impl Program for ScenarioProgram {
    type Handles = Rc<Stage>;
    type Outcome = Outcome;

    fn start(&self) -> Rc<Stage> {
        let stage = Stage::new(Arc::clone(&self.scenario), Arc::clone(&self.names));
        for index in 0..self.scenario.tasks.len() {
            let on_stage = Rc::clone(&stage);
            let ending = TaskEnding::of(&stage, index);
            let task =
                deadheat::spawn_task(Arc::clone(&self.names.tasks[index]), async move |cx| {
                    let _ending = ending;
                    let player = Player {
                        stage: &on_stage,
                        cx: &cx,
                        task: index,
                        caught: None,
                    };
                    steps::run(player, &on_stage.scenario.tasks[index].steps).await
                });
            stage.add_task(task);
        }
        stage
    }

    fn finish(&self, stage: Rc<Stage>, verdict: Verdict) -> Outcome {
        stage.look_for_stranded_waiters();
        let outcome = Outcome::of(&stage);
        judge::judge(&self.scenario, &outcome, verdict);
        outcome
    }

    fn expects(&self, verdict: Verdict) -> bool {
        let expected = self
            .scenario
            .expect
            .iter()
            .find_map(|expectation| match expectation {
                Expectation::Verdict(verdict) => Some(*verdict),
                _ => None,
            });
        matches!(
            (expected.unwrap_or(ast::Verdict::Done), verdict),
            (ast::Verdict::Done, Verdict::Done)
                | (ast::Verdict::Stuck, Verdict::Stuck)
                | (ast::Verdict::Limit, Verdict::Limit(_))
                | (ast::Verdict::Failed, Verdict::Failed)
        )
    }
}
