//! Tasks that a program spawns, and their names.
//!
//! What needs a run panics outside of one, with a message that says so, as tokio's functions do outside of a
//! runtime.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use deadheat_timeout as lib;
use deadheat_timeout::{BodyError, Cx, TaskHandle};

use crate::engine::clock::SimClock;
use crate::engine::inside::inside;
use crate::engine::join::{JoinHandle, OutputOf};
use crate::program::here::clock;
use crate::state::names::Named;
use crate::state::stalls::Group;
use crate::state::tasks::BoxFuture;
use crate::state::world;

/// Spawns a task of this run; it takes its first turn when the scheduler lets it.
///
/// # Timing
///
/// The task joins the queue of woken tasks in the call.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let answer = deadheat::spawn(async { 42 });
///     assert_eq!(answer.await.unwrap(), 42);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_as(None, Group::default(), future)
}

/// Spawns a task with a name, by which traces and reports call it.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let failure = deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::spawn_named("worker", async { panic!("no work") }).await.unwrap();
/// });
/// assert!(failure.unwrap_err().to_string().contains("worker panicked at"));
/// ```
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Arc<str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_as(Some(name.into()), Group::default(), future)
}

#[track_caller]
pub(crate) fn spawn_as<F>(name: Option<Arc<str>>, group: Group, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let cell = OutputOf::new();
    let task = enter(name, group, Box::pin(cell.clone().fill(future)));
    JoinHandle::new(cell, world::run_number(), task)
}

#[track_caller]
pub(crate) fn enter(name: Option<Arc<str>>, group: Group, future: BoxFuture) -> u32 {
    let location = Location::caller();
    inside("spawn", |world| world.spawn(name, location, group, future))
}

/// Spawns a cancellable task with a name; see [`deadheat_timeout::task`].
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat_timeout::Interrupted;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let work = deadheat::program::spawn_task("work", async |cx| {
///         cx.wait(deadheat::sleep(Duration::from_secs(9))).await?;
///         Ok::<_, Interrupted>(())
///     });
///     deadheat::sleep(Duration::from_secs(1)).await;
///     work.cancel();
///     assert!(work.ended().await.is_err());
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn spawn_task<B, F, T, E, Kind>(
    name: impl Into<Arc<str>>,
    body: B,
) -> TaskHandle<SimClock, Result<T, E>>
where
    B: FnOnce(Cx<SimClock>) -> F + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    E: BodyError<Kind> + 'static,
    T: 'static,
    Kind: 'static,
{
    spawn_task_as(name.into(), Group::default(), body)
}

#[track_caller]
pub(crate) fn spawn_task_as<B, F, T, E, Kind>(
    name: Arc<str>,
    group: Group,
    body: B,
) -> TaskHandle<SimClock, Result<T, E>>
where
    B: FnOnce(Cx<SimClock>) -> F + 'static,
    F: Future<Output = Result<T, E>> + 'static,
    E: BodyError<Kind> + 'static,
    T: 'static,
    Kind: 'static,
{
    let (task, handle) = lib::task(&clock(), body);
    let id = enter(Some(name), group, Box::pin(task));
    inside("spawn_task", |world| {
        if let Some(slot) = world.names.ids.get_mut(handle.id() as usize) {
            *slot = Named::Task(id);
        }
    });
    handle
}

/// Names a scope in traces and reports. [`Timeout::named`](lib::Timeout::named) names it in its error, too.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {
///     let timeout = deadheat_timeout::Timeout::never(&deadheat::clock());
///     deadheat::program::name_scope(&timeout.handle(), "the request");
///     timeout.run(async {}).await.unwrap();
/// });
/// assert_eq!(run.unwrap().trace().of_scope("the request").events.len(), 2); // entered and left
/// ```
#[track_caller]
pub fn name_scope(scope: &lib::Handle<SimClock>, name: impl Into<Arc<str>>) {
    let name = name.into();
    inside("name_scope", |world| {
        world.names.name_scope(scope.id(), name);
    });
}
