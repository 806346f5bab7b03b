//! A runtime and its handle.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{RuntimeFlavor, TryCurrentError};

use super::context::{self, Entered, Owner};
use super::{Builder, RuntimeMetrics};
use crate::task::{self, JoinHandle};

/// Refers to a runtime: of the run, or one of tokio's.
#[derive(Debug, Clone)]
pub struct Handle(Of);

#[derive(Debug, Clone)]
enum Of {
    Run(Arc<Owner>),
    Tokio(tokio::runtime::Handle),
}

impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

impl Handle {
    pub(crate) fn of_run(owner: Arc<Owner>) -> Self {
        Handle(Of::Run(owner))
    }

    pub(crate) fn of_tokio(handle: tokio::runtime::Handle) -> Self {
        Handle(Of::Tokio(handle))
    }

    /// The runtime that this is called on; inside a run there is always one.
    ///
    /// # Panics
    ///
    /// Outside of a run and of a runtime.
    #[track_caller]
    pub fn current() -> Self {
        match context::here() {
            Some(owner) => Handle(Of::Run(owner)),
            None => Handle(Of::Tokio(tokio::runtime::Handle::current())),
        }
    }

    /// The runtime that this is called on.
    ///
    /// # Errors
    ///
    /// Outside of a run and of a runtime.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        Ok(match context::here() {
            Some(owner) => Handle(Of::Run(owner)),
            None => Handle(Of::Tokio(tokio::runtime::Handle::try_current()?)),
        })
    }

    /// Enters the runtime until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard {
            _guard: match &self.0 {
                Of::Run(owner) => Guard::Run {
                    _entered: context::enter(owner),
                },
                Of::Tokio(handle) => Guard::Tokio {
                    _guard: handle.enter(),
                },
            },
        }
    }

    /// Spawns a task on the runtime.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match &self.0 {
            Of::Run(owner) => task::spawn_on(owner, future),
            Of::Tokio(handle) => handle.spawn(future).into(),
        }
    }

    /// Runs a closure that may take long; see [`task::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        match &self.0 {
            Of::Run(owner) => task::spawn_blocking_on(owner, f),
            Of::Tokio(handle) => handle.spawn_blocking(f).into(),
        }
    }

    /// Waits for a future in a plain function. Inside a run the run goes on meanwhile.
    ///
    /// # Panics
    ///
    /// In an asynchronous function, as tokio's does.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.0 {
            Of::Run(owner) => block_on(owner, future),
            Of::Tokio(handle) => handle.block_on(future),
        }
    }

    /// What kind of runtime it was built as.
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        match &self.0 {
            Of::Run(owner) if owner.is_current_thread => RuntimeFlavor::CurrentThread,
            Of::Run(_) => RuntimeFlavor::MultiThread,
            Of::Tokio(handle) => handle.runtime_flavor(),
        }
    }

    /// Which runtime it is.
    pub fn id(&self) -> Id {
        Id(match &self.0 {
            Of::Run(owner) => Which::Run(owner.number),
            Of::Tokio(handle) => Which::Tokio(handle.id()),
        })
    }

    /// The name that it was given.
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Of::Run(owner) => owner.name.as_deref(),
            Of::Tokio(handle) => handle.name(),
        }
    }

    /// What is known of its work.
    pub fn metrics(&self) -> RuntimeMetrics {
        match &self.0 {
            Of::Run(owner) => RuntimeMetrics::of_run(Arc::clone(owner)),
            Of::Tokio(handle) => RuntimeMetrics::of_tokio(handle.metrics()),
        }
    }
}

#[track_caller]
fn block_on<F: Future>(owner: &Arc<Owner>, future: F) -> F::Output {
    context::assert_may_wait();
    let _entered = context::enter(owner);
    let mut future = pin!(future);
    let turns = poll_fn(|cx| {
        let turn = || context::within(owner, true, || future.as_mut().poll(cx));
        task::as_task(None, turn)
    });
    deadheat::block_on(turns)
}

/// The runtime is entered as long as this lives.
#[derive(Debug)]
#[must_use = "Creating and dropping a guard does nothing"]
pub struct EnterGuard<'a> {
    _guard: Guard<'a>,
}

#[derive(Debug)]
enum Guard<'a> {
    Run {
        _entered: Entered,
    },
    Tokio {
        _guard: tokio::runtime::EnterGuard<'a>,
    },
}

/// Identifies a runtime among those that there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(Which);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    Run(u64),
    Tokio(tokio::runtime::Id),
}

impl From<tokio::runtime::Id> for Id {
    fn from(id: tokio::runtime::Id) -> Self {
        Id(Which::Tokio(id))
    }
}

impl Id {
    pub(crate) fn of_run(number: u64) -> Self {
        Id(Which::Run(number))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Run(number) => number.fmt(f),
            Which::Tokio(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Run(number) => f.debug_tuple("Id").field(number).finish(),
            Which::Tokio(id) => id.fmt(f),
        }
    }
}

/// A runtime: built inside a run it belongs to the run, else it is tokio's.
///
/// Dropped inside a run, its tasks are dropped in the call, as those of tokio's `current_thread` runtime are.
///
/// # Panics
///
/// Dropped in an asynchronous function, as tokio's does; `shutdown_background` does not.
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    /// None if it belongs to a run, or was shut down.
    tokio: Option<tokio::runtime::Runtime>,
}

impl UnwindSafe for Runtime {}
impl RefUnwindSafe for Runtime {}

impl Runtime {
    pub(crate) fn of_run(owner: Arc<Owner>) -> Self {
        Runtime {
            handle: Handle::of_run(owner),
            tokio: None,
        }
    }

    pub(crate) fn of_tokio(runtime: tokio::runtime::Runtime) -> Self {
        Runtime {
            handle: Handle(Of::Tokio(runtime.handle().clone())),
            tokio: Some(runtime),
        }
    }

    /// A multi-thread runtime with everything enabled.
    ///
    /// # Errors
    ///
    /// Outside of a run, what the system refuses.
    pub fn new() -> io::Result<Runtime> {
        Builder::new_multi_thread().enable_all().build()
    }

    /// Its handle.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Spawns a task on it.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs a closure that may take long; see [`task::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(f)
    }

    /// Waits for a future in a plain function; see [`Handle::block_on`].
    ///
    /// # Panics
    ///
    /// In an asynchronous function, as tokio's does.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.tokio {
            Some(runtime) => runtime.block_on(future),
            None => self.handle.block_on(future),
        }
    }

    /// Enters the runtime until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Shuts it down; outside of a run waits so long for its blocking tasks.
    ///
    /// # Panics
    ///
    /// In an asynchronous function, unless it waits for nothing, as tokio's does.
    #[track_caller]
    pub fn shutdown_timeout(mut self, duration: Duration) {
        if let Some(runtime) = self.tokio.take() {
            runtime.shutdown_timeout(duration);
        }
        if let Of::Run(owner) = &self.handle.0 {
            owner.close();
            if !duration.is_zero() {
                context::assert_may_end();
            }
        }
    }

    /// Shuts it down, and waits for nothing.
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }

    /// What is known of its work.
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let Of::Run(owner) = &self.handle.0 else {
            return;
        };
        let was_shut_down = owner.is_closed();
        owner.close();
        if !was_shut_down {
            context::assert_may_end();
        }
    }
}
