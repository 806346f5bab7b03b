//! The executor of the floor: boxed tasks, a queue, a ring of timers.
//!
//! No wakers (who waits notes which task it is), no checks, no record, no generations. A timer cannot be taken back: it
//! is passed over when it comes and its task waits for another moment. Memory is kept from run to run.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::ring::Ring;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// A moment that never comes.
const NEVER: u64 = u64::MAX;

struct Executor {
    now: u64,
    current: u32,
    tasks: Vec<Entry>,
    ready: VecDeque<u32>,
    ring: Ring,
}

struct Entry {
    /// None while it takes its turn, and once it has ended.
    task: Option<Task>,
    /// Whether it is in the queue.
    queued: bool,
    /// The first moment for which it waits.
    waits: u64,
}

thread_local! {
    // Never dropped, so that nothing has to be looked at before it is used.
    static EXECUTOR: RefCell<ManuallyDrop<Executor>> = const {
        RefCell::new(ManuallyDrop::new(Executor {
            now: 0,
            current: 0,
            tasks: Vec::new(),
            ready: VecDeque::new(),
            ring: Ring::new(),
        }))
    };
}

fn with<R>(f: impl FnOnce(&mut Executor) -> R) -> R {
    EXECUTOR.with_borrow_mut(|executor| f(executor))
}

/// Adds a task.
pub fn add(task: Task) -> u32 {
    with(|executor| {
        let number = executor.tasks.len() as u32;
        executor.tasks.push(Entry {
            task: Some(task),
            queued: true,
            waits: NEVER,
        });
        executor.ready.push_back(number);
        number
    })
}

/// Drops a task.
pub fn drop_task(task: u32) {
    // Not while the executor is borrowed: what the task owned may wake others.
    let dropped = with(|executor| executor.tasks[task as usize].task.take());
    drop(dropped);
}

/// The task whose turn it is.
pub fn current() -> u32 {
    with(|executor| executor.current)
}

/// The time it is.
pub fn now() -> u64 {
    with(|executor| executor.now)
}

/// Puts a task into the queue.
pub fn wake(task: u32) {
    with(|executor| executor.wake(task));
}

/// Whether a moment has come; if not, the current task is woken then.
pub fn has_come(at: u64) -> bool {
    with(|executor| {
        if executor.now >= at {
            return true;
        }
        let entry = &mut executor.tasks[executor.current as usize];
        entry.waits = at.min(entry.waits);
        false
    })
}

/// Runs what was added until nothing can happen; `choose` picks one of several tasks.
pub fn run(mut choose: impl FnMut(usize) -> usize) {
    while let Some((number, mut task)) = with(|executor| executor.next(&mut choose)) {
        let poll = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if poll.is_pending() {
            with(|executor| executor.put_back(number, task));
        }
    }
    with(|executor| {
        executor.tasks.clear();
        executor.now = 0;
    });
}

/// Waits until what is asked is there; it is asked in each turn.
pub fn until<T>(mut ask: impl FnMut() -> Option<T>) -> impl Future<Output = T> {
    std::future::poll_fn(move |_| ask().map_or(Poll::Pending, Poll::Ready))
}

impl Executor {
    fn wake(&mut self, task: u32) {
        if !std::mem::replace(&mut self.tasks[task as usize].queued, true) {
            self.ready.push_back(task);
        }
    }

    fn next(&mut self, choose: &mut impl FnMut(usize) -> usize) -> Option<(u32, Task)> {
        loop {
            let options = self.ready.len();
            if options > 1 {
                // The chosen one steps to the front.
                (0..choose(options))
                    .rev()
                    .for_each(|at| self.ready.swap(at, at + 1));
            }
            let Some(number) = self.ready.pop_front() else {
                self.pass()?;
                continue;
            };
            let entry = &mut self.tasks[number as usize];
            entry.queued = false;
            entry.waits = NEVER;
            if let Some(task) = entry.task.take() {
                self.current = number;
                return Some((number, task));
            }
        }
    }

    fn put_back(&mut self, number: u32, task: Task) {
        let entry = &mut self.tasks[number as usize];
        entry.task = Some(task);
        if entry.waits != NEVER {
            self.ring.arm(entry.waits, number);
        }
    }

    /// Goes on to the next moment at which a task may wake up.
    fn pass(&mut self) -> Option<()> {
        let (tasks, ready) = (&mut self.tasks, &mut self.ready);
        self.now = self.ring.take(self.now, |at, task| {
            let Some(entry) = tasks.get_mut(task as usize) else {
                return; // of an earlier run
            };
            let waits = entry.waits == at && entry.task.is_some();
            if waits && !std::mem::replace(&mut entry.queued, true) {
                ready.push_back(task);
            }
        })?;
        Some(())
    }
}
