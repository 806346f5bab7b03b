//! The handle of a spawned task: its output, and its abort.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::world;

/// Where a task leaves its output.
pub(crate) struct JoinCell<T> {
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    output: Output<T>,
    waker: Option<Waker>,
}

enum Output<T> {
    Pending,
    Ready(T),
    /// Dropped before it ended, or taken by a join.
    Gone,
}

impl<T> JoinCell<T> {
    pub(crate) fn new() -> Self {
        JoinCell {
            state: Arc::new(Mutex::new(State {
                output: Output::Pending,
                waker: None,
            })),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `future` and leaves its output here, or nothing if it is dropped.
    pub(crate) async fn fill<F: Future<Output = T>>(self, future: F) {
        let filling = Filling(self);
        let value = future.await;
        filling.settle(Output::Ready(value));
    }

    /// Whether there is an output, or can be none any more.
    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self.lock().output, Output::Pending)
    }

    /// The output, if there is one.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.output, Output::Gone) {
            Output::Ready(value) => Some(value),
            Output::Gone => None,
            Output::Pending => {
                state.output = Output::Pending;
                None
            }
        }
    }
}

impl<T> Clone for JoinCell<T> {
    fn clone(&self) -> Self {
        JoinCell {
            state: Arc::clone(&self.state),
        }
    }
}

struct Filling<T>(JoinCell<T>);

impl<T> Filling<T> {
    fn settle(&self, output: Output<T>) {
        let waker = {
            let mut state = self.0.lock();
            if !matches!(state.output, Output::Pending) {
                return;
            }
            state.output = output;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Filling<T> {
    fn drop(&mut self) {
        self.settle(Output::Gone);
    }
}

/// Waits for a spawned task. Dropping it leaves the task running.
pub struct JoinHandle<T> {
    cell: JoinCell<T>,
    run: u32,
    task: u32,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(cell: JoinCell<T>, run: u32, task: u32) -> Self {
        JoinHandle { cell, run, task }
    }

    /// Asks for the task to be dropped, in a turn of its own. An ended task is left alone.
    pub fn abort(&self) {
        world::with_run(self.run, |world| world.abort(self.task));
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.cell.is_settled()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.cell.lock();
        match std::mem::replace(&mut state.output, Output::Gone) {
            Output::Ready(value) => Poll::Ready(Ok(value)),
            Output::Gone => Poll::Ready(Err(JoinError)),
            Output::Pending => {
                state.output = Output::Pending;
                state.waker = Some(cx.waker().clone());
                drop(state);
                world::with_run(self.run, |world| world.waits_for_task(self.task));
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("task", &self.task)
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

/// The task has no output: it was aborted, or its output was taken before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinError;

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was aborted before it ended")
    }
}

impl std::error::Error for JoinError {}
