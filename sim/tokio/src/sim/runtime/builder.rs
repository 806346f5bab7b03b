//! Builds runtimes. Inside a run the flavor, the number of threads and the name count; what is about threads
//! and drivers has no meaning there, and is taken and left.

use std::io;
use std::time::Duration;

use tokio::runtime::LocalOptions;

use super::context::Owner;
use super::{LocalRuntime, Runtime};

/// Builds a [`Runtime`].
#[derive(Debug)]
pub struct Builder {
    tokio: tokio::runtime::Builder,
    is_current_thread: bool,
    workers: usize,
    name: Option<String>,
}

/// What is tokio's alone.
macro_rules! passed_on {
    ($($(#[$attribute:meta])* $name:ident($($argument:ident: $type:ty),*);)*) => {$(
        $(#[$attribute])*
        pub fn $name(&mut self, $($argument: $type),*) -> &mut Self {
            self.tokio.$name($($argument),*);
            self
        }
    )*};
}

impl Builder {
    /// A runtime of one thread.
    pub fn new_current_thread() -> Builder {
        Builder {
            tokio: tokio::runtime::Builder::new_current_thread(),
            is_current_thread: true,
            workers: 1,
            name: None,
        }
    }

    /// A runtime of several threads. Inside a run there is one.
    pub fn new_multi_thread() -> Builder {
        Builder {
            tokio: tokio::runtime::Builder::new_multi_thread(),
            is_current_thread: false,
            workers: 1,
            name: None,
        }
    }

    passed_on! {
        /// Inside a run there is always time, and never I/O.
        enable_all();
        /// Inside a run there is none.
        #[cfg(any(tokio_since_1_54, feature = "net", feature = "process", feature = "signal"))]
        enable_io();
        /// Inside a run there always is.
        enable_time();
        /// Inside a run the clock never runs by itself.
        start_paused(start_paused: bool);
        /// See tokio's.
        #[cfg(any(tokio_since_1_54, feature = "net", feature = "process", feature = "signal"))]
        max_io_events_per_tick(capacity: usize);
        /// See tokio's.
        max_blocking_threads(threads: usize);
        /// See tokio's.
        thread_stack_size(bytes: usize);
        /// See tokio's.
        thread_keep_alive(duration: Duration);
        /// See tokio's.
        global_queue_interval(turns: u32);
        /// See tokio's.
        event_interval(turns: u32);
    }

    /// How many threads it has. Inside a run this only shows in its metrics.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn worker_threads(&mut self, threads: usize) -> &mut Self {
        self.tokio.worker_threads(threads);
        if !self.is_current_thread {
            self.workers = threads;
        }
        self
    }

    /// The name of its threads.
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Self {
        self.tokio.thread_name(name);
        self
    }

    /// The names of its threads.
    pub fn thread_name_fn<F>(&mut self, name: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.tokio.thread_name_fn(name);
        self
    }

    /// Its name.
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        self.tokio.name(name.clone());
        self.name = Some(name);
        self
    }

    /// Builds it: inside a run it belongs to the run.
    ///
    /// # Errors
    ///
    /// Outside of a run, what the system refuses.
    pub fn build(&mut self) -> io::Result<Runtime> {
        if crate::sim::budget::in_run() {
            if !self.is_current_thread {
                deadheat::program::becomes_multi_thread(super::context::has_several_threads);
            }
            let owner = Owner::new(self.is_current_thread, self.workers, self.name.clone());
            return Ok(Runtime::of_run(owner));
        }
        self.tokio.build().map(Runtime::of_tokio)
    }

    /// Builds a runtime for tasks that are not `Send`.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    pub fn build_local(&mut self, options: LocalOptions) -> io::Result<LocalRuntime> {
        if crate::sim::budget::in_run() {
            return self.build().map(LocalRuntime::of_run);
        }
        self.tokio.build_local(options).map(LocalRuntime::of_tokio)
    }
}

/// Hooks of threads: inside a run there are none to call them.
macro_rules! hooks {
    ($($name:ident)*) => {impl Builder {$(
        /// Inside a run it is not called.
        pub fn $name<F>(&mut self, f: F) -> &mut Self
        where
            F: Fn() + Send + Sync + 'static,
        {
            self.tokio.$name(f);
            self
        }
    )*}};
}

hooks! { on_thread_start on_thread_stop on_thread_park on_thread_unpark }
