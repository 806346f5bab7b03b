//! A task from outside, without its output: whether it has ended, and how it is made to.

use std::panic::Location;

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
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     assert_eq!(abort.task(), 1);
    /// }).unwrap();
    /// ```
    pub fn task(&self) -> u32 {
        self.task
    }

    /// Whether the task belongs to the run that is under way on this thread.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     assert!(abort.is_of_this_run());
    /// }).unwrap();
    /// ```
    pub fn is_of_this_run(&self) -> bool {
        self.run != 0 && world::run_number() == self.run
    }

    /// Asks for the task to be dropped, in a turn of its own. An ended task is left alone.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     abort.abort();
    ///     assert!(!abort.is_finished(), "it is dropped in a turn of its own");
    ///     assert!(work.await.is_err());
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn abort(&self) {
        let from = Location::caller();
        world::with_run(self.run, |world| world.abort_from(self.task, from));
    }

    /// Drops the task in this call, as a runtime does that shuts down. A task that is taking its turn is
    /// dropped after it.
    ///
    /// # Panics
    ///
    /// With what the task panics with as it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     abort.drop_now();
    ///     assert!(abort.is_finished());
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn drop_now(&self) {
        let from = Location::caller();
        if self.is_of_this_run() {
            world::with(|world| world.aborted_from(self.task, from));
            task_end::drop_now(self.task);
        }
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     assert!(!abort.is_finished());
    ///     abort.abort();
    ///     deadheat::yield_now().await;
    ///     assert!(abort.is_finished());
    /// }).unwrap();
    /// ```
    pub fn is_finished(&self) -> bool {
        // Every task of a run that is over has ended.
        world::with_run(self.run, |world| {
            world.tasks.slots[self.task as usize].ended
        })
        .unwrap_or(true)
    }
}
