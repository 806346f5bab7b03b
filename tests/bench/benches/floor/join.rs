//! Tasks of the floor that can be awaited and dropped.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::executor;

/// What a task has come to, and who waits for it.
struct End<T> {
    output: Cell<Option<T>>,
    aborted: Cell<bool>,
    waiting: Cell<Option<u32>>,
}

/// A task that was spawned.
pub struct JoinHandle<T> {
    end: Rc<End<T>>,
    task: u32,
}

/// Drops a task.
pub struct AbortHandle<T>(JoinHandle<T>);

/// The task was dropped.
#[derive(Debug)]
pub struct Aborted;

/// Spawns a task.
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    let end = Rc::new(End {
        output: Cell::new(None),
        aborted: Cell::new(false),
        waiting: Cell::new(None),
    });
    let its = Rc::clone(&end);
    let task = executor::add(Box::pin(async move {
        its.output.set(Some(future.await));
        its.waiting.take().into_iter().for_each(executor::wake);
    }));
    JoinHandle { end, task }
}

impl<T> JoinHandle<T> {
    /// A handle that drops the task.
    pub fn abort_handle(&self) -> AbortHandle<T> {
        AbortHandle(JoinHandle {
            end: Rc::clone(&self.end),
            task: self.task,
        })
    }
}

impl<T> AbortHandle<T> {
    /// Drops the task, if it has not ended.
    pub fn abort(&self) {
        executor::drop_task(self.0.task);
        let end = &self.0.end;
        end.aborted.set(true);
        end.waiting.take().into_iter().for_each(executor::wake);
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.end.output.take() {
            Some(output) => Poll::Ready(Ok(output)),
            None if self.end.aborted.get() => Poll::Ready(Err(Aborted)),
            None => {
                self.end.waiting.set(Some(executor::current()));
                Poll::Pending
            }
        }
    }
}
