//! `tokio::task`: inside a run a spawned task is a task of the run.
//!
//! What only looks at the task that runs (task-locals, the coop budget, `yield_now`) is tokio's own.

mod body;
mod error;
mod id;
mod join;
mod local;
mod set;

pub use error::JoinError;
pub use id::{Id, id, try_id};
pub use join::{AbortHandle, JoinHandle};
pub use local::{LocalEnterGuard, LocalSet, spawn_local};
pub use set::JoinSet;
#[doc(hidden)]
pub use tokio::task::coop::{Unconstrained, consume_budget, unconstrained};
pub use tokio::task::{LocalKey, coop, futures, yield_now};

pub(crate) use id::as_task;
#[cfg(any(feature = "fs", feature = "io-std"))]
pub(crate) use join::spawn_operation_on;
pub(crate) use join::{spawn_blocking_on, spawn_on};
pub(crate) use local::is_in_set;

use std::future::Future;

use crate::runtime::context;

/// Spawns a task: inside a run a task of the run, else one of tokio's runtime.
///
/// # Panics
///
/// Outside of a run and of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match context::here() {
        Some(owner) => spawn_on(&owner, future),
        None => tokio::task::spawn(future).into(),
    }
}

/// Runs a closure that may take long: inside a run it is a task, else it runs on a thread of tokio's.
///
/// In a sealed run other tasks go on where it sleeps (`std::thread::sleep`), or waits for another thread up to a limit
/// (`recv_timeout`, `wait_timeout`, `park_timeout`). Otherwise it takes one turn, and waits for another task by
/// `Handle::block_on`.
///
/// # Panics
///
/// Outside of a run and of a runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    match context::here() {
        Some(owner) => spawn_blocking_on(&owner, f),
        None => tokio::task::spawn_blocking(f).into(),
    }
}

/// Runs a closure that may take long in the running task.
///
/// Inside a run the run goes on only where the closure waits by `Handle::block_on`.
///
/// # Panics
///
/// On a `current_thread` runtime.
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    if crate::sim::budget::in_run() {
        return context::blocking_in_place(f);
    }
    tokio::task::block_in_place(f)
}
