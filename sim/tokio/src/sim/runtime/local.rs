//! A runtime whose tasks are not `Send`. Inside a run it is a runtime with a [`LocalSet`] that is driven
//! while it blocks.

use std::future::Future;
use std::io;
use std::time::Duration;

use super::{Builder, EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::task::{JoinHandle, LocalSet};

/// A runtime whose tasks are not `Send`.
#[derive(Debug)]
pub struct LocalRuntime(Of);

#[derive(Debug)]
enum Of {
    Run {
        // Dropped first, as what it spawned.
        set: LocalSet,
        runtime: Runtime,
    },
    Tokio {
        runtime: tokio::runtime::LocalRuntime,
        handle: Handle,
    },
}

impl LocalRuntime {
    pub(crate) fn of_run(runtime: Runtime) -> Self {
        let set = LocalSet::new();
        LocalRuntime(Of::Run { set, runtime })
    }

    pub(crate) fn of_tokio(runtime: tokio::runtime::LocalRuntime) -> Self {
        let handle = Handle::of_tokio(runtime.handle().clone());
        LocalRuntime(Of::Tokio { runtime, handle })
    }

    /// One with everything enabled.
    ///
    /// # Errors
    ///
    /// Outside of a run, what the system refuses.
    pub fn new() -> io::Result<LocalRuntime> {
        Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default())
    }

    /// Its handle.
    pub fn handle(&self) -> &Handle {
        match &self.0 {
            Of::Run { runtime, .. } => runtime.handle(),
            Of::Tokio { handle, .. } => handle,
        }
    }

    /// Spawns a task on it.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match &self.0 {
            Of::Run { set, .. } => set.spawn_local(future),
            Of::Tokio { runtime, .. } => runtime.spawn_local(future).into(),
        }
    }

    /// Runs a closure that may take long; see [`crate::task::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle().spawn_blocking(f)
    }

    /// Waits for a future in a plain function, and drives the tasks meanwhile.
    ///
    /// # Panics
    ///
    /// In an asynchronous function, as tokio's does.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.0 {
            Of::Run { set, runtime } => set.block_on(runtime, future),
            Of::Tokio { runtime, .. } => runtime.block_on(future),
        }
    }

    /// Enters the runtime until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle().enter()
    }

    /// Shuts it down; outside of a run waits so long for its blocking tasks.
    ///
    /// # Panics
    ///
    /// In an asynchronous function, unless it waits for nothing, as tokio's does.
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        match self.0 {
            Of::Run { set, runtime } => {
                drop(set);
                runtime.shutdown_timeout(duration);
            }
            Of::Tokio { runtime, .. } => runtime.shutdown_timeout(duration),
        }
    }

    /// Shuts it down, and waits for nothing.
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }

    /// What is known of its work.
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle().metrics()
    }
}
