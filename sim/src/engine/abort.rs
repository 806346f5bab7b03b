//! A task from outside, without its output: whether it has ended, and how it is made to.

use crate::engine::task_end;
use crate::state::world;

/// Aborts a task; it does not wait for it and keeps nothing of it alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AbortHandle {
    run: u32,
    task: u32,
}

impl AbortHandle {
    pub(crate) fn new(run: u32, task: u32) -> Self {
        AbortHandle { run, task }
    }

    /// The number of the task, in the order of spawning from 0.
    pub fn task(&self) -> u32 {
        self.task
    }

    /// Whether the task belongs to the run that is under way on this thread.
    pub fn is_of_this_run(&self) -> bool {
        self.run != 0 && world::run_number() == self.run
    }

    /// Asks for the task to be dropped, in a turn of its own. An ended task is left alone.
    pub fn abort(&self) {
        world::with_run(self.run, |world| world.abort(self.task));
    }

    /// Drops the task in this call, as a runtime does that shuts down. A task that is taking its turn is
    /// dropped after it.
    ///
    /// # Panics
    ///
    /// With what the task panics with as it is dropped.
    pub fn drop_now(&self) {
        if self.is_of_this_run() {
            task_end::drop_now(self.task);
        }
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        // Every task of a run that is over has ended.
        world::with_run(self.run, |world| {
            world.tasks.slots[self.task as usize].ended
        })
        .unwrap_or(true)
    }
}
