//! Runs a scenario: each task of the file is a cancellable task of the simulator, each step goes
//! through the public API of `deadheat-timeout`.
//!
//! 1. A scope's name stands for its [`Handle`](deadheat_timeout::Handle) from its enter on.
//! 2. Events, queues and semaphores behave as asyncio's: see [`sync`].
//! 3. Where asyncio takes more than one turn between a cause and its effect, so does this, so that
//!    FIFO order is asyncio's order; each such place says so.

mod lines;
mod raised;
pub(crate) mod stage;
mod steps;
mod sync;

pub(crate) use lines::Lines;
pub(crate) use raised::Raised;
use stage::{Names, Stage, TaskEnding};
use steps::Player;

use std::rc::Rc;
use std::sync::Arc;

use crate::ast::Scenario;

/// Starts every task of a scenario.
pub(crate) fn start(scenario: Arc<Scenario>, names: Arc<Names>, lines: Arc<Lines>) -> Rc<Stage> {
    let stage = Stage::new(scenario, Arc::clone(&names), lines);
    for index in 0..stage.scenario.tasks.len() {
        let on_stage = Rc::clone(&stage);
        stage.reaches(|stage| stage.scenario.places.tasks.get(index).copied());
        let ending = TaskEnding::of(&stage, index);
        let task =
            deadheat::program::spawn_task(Arc::clone(&names.tasks[index]), async move |cx| {
                let _ending = ending;
                let player = Player {
                    stage: &on_stage,
                    cx: &cx,
                    task: index,
                    caught: None,
                    within: None,
                };
                steps::run(player, &on_stage.scenario.tasks[index].steps).await
            });
        stage.add_task(task);
    }
    stage.reaches(|_| None);
    stage
}
