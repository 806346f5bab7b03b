//! The floor: an executor with nothing in it that the measured programs do not need.
//!
//! No cancellation by time, no checks, no record, no generations: boxed futures, a queue, timers in a
//! list that is searched, wakers made once. Not a model to follow: a dropped timer stays in the list
//! and wakes its task for nothing.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake, Waker};

type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;

struct Floor {
    now: u64,
    current: u32,
    tasks: Vec<Option<BoxFuture>>,
    ready: VecDeque<u32>,
    timers: Vec<(u64, u32)>,
}

thread_local! {
    static FLOOR: RefCell<Floor> = const { RefCell::new(Floor::new()) };
}

/// Wakers are made once, and never counted again.
static WAKERS: LazyLock<[Waker; 4]> =
    LazyLock::new(|| [0, 1, 2, 3].map(|task| Arc::new(TaskWaker(task)).into()));

fn with<R>(f: impl FnOnce(&mut Floor) -> R) -> R {
    FLOOR.with_borrow_mut(f)
}

struct TaskWaker(u32);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        with(|floor| floor.ready.push_back(self.0));
    }
}

/// A task that was spawned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task(u32);

impl Task {
    /// Drops the task.
    pub(crate) fn abort(self) {
        drop(with(|floor| floor.tasks[self.0 as usize].take()));
    }
}

/// Spawns a task.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    let future = Box::pin(future);
    with(|floor| {
        let task = floor.tasks.len() as u32;
        floor.tasks.push(Some(future));
        floor.ready.push_back(task);
        Task(task)
    })
}

/// Waits for so many milliseconds.
pub(crate) async fn sleep(millis: u64) {
    let deadline = with(|floor| floor.now) + millis * 1_000_000;
    let mut armed = false;
    std::future::poll_fn(|_| {
        with(|floor| {
            if floor.now >= deadline {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut armed, true) {
                floor.timers.push((deadline, floor.current));
            }
            Poll::Pending
        })
    })
    .await;
}

/// Runs a future for so many milliseconds.
pub(crate) async fn timeout<F: Future>(millis: u64, future: F) -> Option<F::Output> {
    let (mut future, mut timer) = (pin!(future), pin!(sleep(millis)));
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// Runs what was spawned until nothing can happen; `choose` picks one of several woken tasks.
pub(crate) fn run(mut choose: impl FnMut(usize) -> usize) {
    let wakers = &*WAKERS;
    while let Some((task, future)) = next(&mut choose) {
        turn(task, future, &wakers[task as usize]);
    }
    with(|floor| {
        floor.tasks.clear();
        floor.timers.clear();
        floor.now = 0;
    });
}

fn turn(task: u32, mut future: BoxFuture, waker: &Waker) {
    let poll = future.as_mut().poll(&mut Context::from_waker(waker));
    if poll.is_pending() {
        with(|floor| floor.tasks[task as usize] = Some(future));
    }
}

fn next(choose: &mut impl FnMut(usize) -> usize) -> Option<(u32, BoxFuture)> {
    with(|floor| {
        loop {
            let task = match floor.ready.len() {
                0 => floor.expire()?,
                1 => floor.ready.pop_front()?,
                options => floor.ready.remove(choose(options))?,
            };
            if let Some(future) = floor.tasks[task as usize].take() {
                floor.current = task;
                return Some((task, future));
            }
        }
    })
}

impl Floor {
    const fn new() -> Self {
        Floor {
            now: 0,
            current: 0,
            tasks: Vec::new(),
            ready: VecDeque::new(),
            timers: Vec::new(),
        }
    }

    fn expire(&mut self) -> Option<u32> {
        let timers = self.timers.iter().enumerate();
        let (index, _) = timers.min_by_key(|(_, timer)| timer.0)?;
        let (deadline, task) = self.timers.remove(index);
        self.now = deadline;
        Some(task)
    }
}
