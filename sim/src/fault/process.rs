//! A group of tasks that may stall together: a process that is paused, a machine that swaps, a long
//! collection of garbage.
//!
//! A stall is lateness of turns: a woken task of the group takes its turn only at the end of the stall, and
//! so does every other task of the group that is woken by then, while timers come due and everybody else goes
//! on. It ends at an interesting instant and is one decision, like every lateness; so it is bounded, replayed
//! and shrunk as one.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use deadheat_timeout::{BodyError, Cx, TaskHandle};

use crate::base::bounds::clamp;
use crate::engine::clock::SimClock;
use crate::engine::inside::inside;
use crate::engine::join::JoinHandle;
use crate::program::spawn::{spawn_as, spawn_task_as};
use crate::state::stalls::Group;
use crate::state::world;

/// Tasks that may stall, for up to a duration.
///
/// It is on the host of the task that spawns them: a process that is spawned inside [`Host::spawn`](crate::net::Host::spawn)
/// is one of that host, with its address and its sockets, and what it was sent waits for it as it stalls.
///
/// # Examples
///
/// A lease that is thought to be held, by a holder that was paused:
///
/// ```
/// use deadheat::{Config, always, check, now, sleep};
/// use deadheat::fault::Process;
/// use std::time::Duration;
///
/// let failure = check(&Config::new(), || async {
///     let holder = Process::new().may_stall(Duration::from_secs(30));
///     holder
///         .spawn(async {
///             let held_until = now() + Duration::from_secs(10);
///             sleep(Duration::from_secs(1)).await;
///             always(now() < held_until, || "acts on a lease that is over".to_owned());
///         })
///         .await
///         .unwrap();
/// })
/// .unwrap_err();
/// assert!(failure.to_string().contains("acts on a lease that is over"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a process is nothing until it has tasks"]
pub struct Process {
    group: Group,
}

impl Process {
    /// A group of tasks that does not stall yet.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let node = deadheat::fault::Process::new();
    ///     assert_eq!(node.spawn(async { 42 }).await, Ok(42));
    /// }).unwrap();
    /// ```
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "it panics outside of a run")]
    pub fn new() -> Self {
        let number = inside("Process::new", |world| world.stalls.new_group());
        Process {
            group: Group { number, stall: 0 },
        }
    }

    /// It may stall for up to this long, whenever one of its tasks is woken. It concerns tasks that are
    /// spawned from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check, now, yield_now};
    /// use deadheat::fault::Process;
    /// use std::time::Duration;
    ///
    /// let stalled = check(&Config::new(), || async {
    ///     let node = Process::new().may_stall(Duration::from_secs(30));
    ///     let woken = now();
    ///     node.spawn(async move {
    ///         yield_now().await;
    ///         assert_eq!(now(), woken, "it was paused");
    ///     })
    ///     .await
    ///     .unwrap();
    /// });
    /// assert!(stalled.unwrap_err().to_string().contains("it was paused"));
    /// ```
    #[track_caller]
    pub fn may_stall(self, stall: Duration) -> Self {
        let (stall, from) = (clamp(stall), Location::caller());
        world::current(|world| world.stalls.ask(self.group.number, from));
        Process {
            group: Group {
                stall,
                ..self.group
            },
        }
    }

    /// Spawns a task of this process; see [`spawn`](crate::spawn).
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     assert_eq!(deadheat::fault::Process::new().spawn(async { 42 }).await, Ok(42));
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_as(None, self.group, future)
    }

    /// Spawns a task of this process with a name; see [`spawn_named`](crate::spawn_named).
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     assert_eq!(deadheat::fault::Process::new().spawn_named("node", async { 42 }).await, Ok(42));
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_named<F>(&self, name: impl Into<Arc<str>>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_as(Some(name.into()), self.group, future)
    }

    /// Spawns a cancellable task of this process; see [`spawn_task`](crate::program::spawn_task).
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     use deadheat_timeout::Interrupted;
    ///     let node = deadheat::fault::Process::new();
    ///     let work = node.spawn_task("node", async |_| Ok::<_, Interrupted>(42));
    ///     assert_eq!(work.ended().await, Ok(42));
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_task<B, F, T, E, Kind>(
        &self,
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
        spawn_task_as(name.into(), self.group, body)
    }
}
