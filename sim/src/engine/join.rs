//! A spawned task as it is kept, and its handle: its output, and its abort.
//!
//! 1. A task's future and its output have one place, one after the other: the future is dropped as
//!    it ends, and the output waits there for whoever joins.
//! 2. A handle is the number of its run and of its task. The output is dropped with the handle,
//!    outside of any borrow, or in the teardown if the handle was taken out of the run.
//! 3. Whoever joins is woken in the turn in which the task ends, before the end is recorded.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use crate::engine::abort::AbortHandle;
use crate::engine::waker;
use crate::record::foreign::{self, Escape};
use crate::state::tasks::{BoxFuture, Task};
use crate::state::world::{self, World};

pin_project! {
    /// A future whose output is kept.
    #[project = FillingProjection]
    pub(crate) enum Filling<F: Future> {
        Running { #[pin] future: F },
        Ended { output: Option<F::Output> },
    }
}

impl<F: Future> Task for Filling<F>
where
    F::Output: 'static,
{
    #[inline]
    fn turn(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if let FillingProjection::Running { future } = self.as_mut().project() {
            let output = Some(ready!(future.poll(cx)));
            self.set(Filling::Ended { output });
        }
        Poll::Ready(true)
    }

    fn output(self: Pin<&mut Self>, into: &mut dyn Any) {
        if let (FillingProjection::Ended { output }, Some(into)) =
            (self.project(), into.downcast_mut())
        {
            *into = output.take();
        }
    }
}

/// The type of a task's output, on the way from the task to its handle.
#[derive(Debug)]
pub(crate) struct OutputOf<T>(PhantomData<fn() -> T>);

impl<T: 'static> OutputOf<T> {
    pub(crate) fn new() -> Self {
        OutputOf(PhantomData)
    }

    /// A task whose output is kept.
    pub(crate) fn fill<F: Future<Output = T>>(self, future: F) -> Filling<F> {
        Filling::Running { future }
    }

    /// The output of the run's root, if it has ended.
    pub(crate) fn take(&self) -> Option<T> {
        let root = world::current(|world| world.root.and_then(|root| world.output(root)));
        root.flatten().and_then(taken)
    }
}

impl<T> Clone for OutputOf<T> {
    fn clone(&self) -> Self {
        OutputOf(PhantomData)
    }
}

/// The output in a task that has ended.
fn taken<T: 'static>(mut task: BoxFuture) -> Option<T> {
    let mut output: Option<T> = None;
    task.as_mut().output(&mut output);
    output
}

/// What a join finds.
enum Joined {
    /// The task has not ended. The waker that was there before is for the caller to drop.
    Pending(Option<Waker>),
    /// The task has ended, and this holds its output unless that was taken or never was.
    Ended(Option<BoxFuture>),
}

impl World {
    fn join(&mut self, task: u32, waker: &Waker) -> Joined {
        if self.tasks.slots[task as usize].ended {
            return Joined::Ended(self.output(task));
        }
        self.waits_for_task(task);
        let joiner = waker::task_of(waker, self.run);
        self.tasks.ends[task as usize].joiner =
            joiner.and_then(|joiner| NonZeroU32::new(joiner + 1));
        Joined::Pending(match joiner {
            Some(_) => self.tasks.take_foreign_joiner(task),
            None => self.tasks.foreign_joiners.insert(task, waker.clone()),
        })
    }

    /// Wakes whoever waits for the end of `task`. Who is no task of this run is for the caller to wake.
    pub(crate) fn wake_joiner(&mut self, task: u32) -> Option<Waker> {
        if let Some(joiner) = self.tasks.ends[task as usize].joiner {
            self.wake(joiner.get() - 1);
        }
        self.tasks.take_foreign_joiner(task)
    }

    /// What holds the output of a task that has ended, for the caller to take it out or to drop it.
    fn output(&mut self, task: u32) -> Option<BoxFuture> {
        let slot = &mut self.tasks.slots[task as usize];
        slot.ended.then(|| slot.future.take()).flatten()
    }

    /// Nobody will ask for the output of `task`.
    fn detach(&mut self, task: u32) -> Option<BoxFuture> {
        self.tasks.slots[task as usize].detached = true;
        self.output(task)
    }
}

/// Waits for a spawned task. Dropping it leaves the task running.
///
/// # Errors
///
/// [`JoinError`] if the task was aborted, or its output was taken before. A task that panics ends the run: nobody is
/// told but the report.
///
/// # Cancel safety
///
/// The task goes on, whatever is dropped. To give up waiting and wait again, await `&mut handle`: the output stays with
/// the task until it is given. With the handle itself the output is dropped.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     use deadheat_timeout::timeout;
///     use std::time::Duration;
///     let mut work = deadheat::spawn(async { deadheat::sleep(Duration::from_secs(5)).await; 42 });
///     let late = timeout(&deadheat::clock(), Duration::from_secs(1), &mut work).await;
///     assert!(late.is_err());
///     assert_eq!(work.await, Ok(42));
/// }).unwrap();
/// ```
pub struct JoinHandle<T> {
    run: u32,
    task: u32,
    taken: fn(BoxFuture) -> Option<T>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(_cell: OutputOf<T>, run: u32, task: u32) -> Self
    where
        T: 'static,
    {
        JoinHandle {
            run,
            task,
            taken: taken::<T>,
        }
    }

    /// Asks for the task to be dropped, in a turn of its own. An ended task is left alone.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     work.abort();
    ///     assert!(work.await.is_err());
    /// }).unwrap();
    /// ```
    #[track_caller]
    pub fn abort(&self) {
        self.abort_handle().abort();
    }

    /// What aborts the task, and does not wait for it.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(std::future::pending::<()>());
    ///     let abort = work.abort_handle();
    ///     deadheat::spawn(async move { abort.abort() });
    ///     assert!(work.await.is_err());
    /// }).unwrap();
    /// ```
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(self.run, self.task)
    }

    /// Whether the task has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let work = deadheat::spawn(async {});
    ///     assert!(!work.is_finished());
    ///     deadheat::yield_now().await;
    ///     assert!(work.is_finished());
    /// }).unwrap();
    /// ```
    pub fn is_finished(&self) -> bool {
        self.abort_handle().is_finished()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let JoinHandle { run, task, taken } = *self;
        match world::with_run(run, |world| world.join(task, cx.waker())) {
            Some(Joined::Pending(_replaced)) => Poll::Pending,
            Some(Joined::Ended(output)) => Poll::Ready(output.and_then(taken).ok_or(JoinError)),
            None => {
                foreign::report(run, Escape::Clock);
                Poll::Ready(Err(JoinError))
            }
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        drop(world::with_run(self.run, |world| world.detach(self.task)));
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
