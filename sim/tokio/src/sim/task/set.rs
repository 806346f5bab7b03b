//! A set of tasks, joined in the order in which they end.
//!
//! A task that ends puts its key in the line of those to be looked at, by the waker with which it was last
//! polled. So a set of many tasks is not gone through to find the one that ended.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::{AbortHandle, Id, JoinError, JoinHandle, LocalSet, coop};
use crate::runtime::Handle;

/// Tasks that are joined as they end, and aborted if the set is dropped.
pub struct JoinSet<T> {
    tasks: BTreeMap<u64, JoinHandle<T>>,
    next: u64,
    line: Arc<Line>,
}

/// The tasks to be looked at.
#[derive(Default)]
struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    keys: VecDeque<u64>,
    joiner: Option<Waker>,
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a task in the line.
struct Notify {
    key: u64,
    line: Arc<Line>,
}

impl Wake for Notify {
    fn wake(self: Arc<Self>) {
        let joiner = {
            let mut waiting = self.line.lock();
            if !waiting.keys.contains(&self.key) {
                waiting.keys.push_back(self.key);
            }
            waiting.joiner.take()
        };
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        JoinSet {
            tasks: BTreeMap::new(),
            next: 0,
            line: Arc::default(),
        }
    }

    /// How many tasks there are that were not joined.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether every task was joined.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    fn insert(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        let key = self.next;
        self.next += 1;
        self.tasks.insert(key, task);
        // Its waker is given to it when it is looked at first.
        self.line.lock().keys.push_back(key);
        abort
    }

    /// Spawns a task into the set.
    ///
    /// # Panics
    ///
    /// Outside of a run and of a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn(task))
    }

    /// Spawns a task on a runtime into the set.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Spawns a task on the current [`LocalSet`] into the set.
    ///
    /// # Panics
    ///
    /// Outside of a [`LocalSet`].
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(super::spawn_local(task))
    }

    /// Spawns a task on a [`LocalSet`] into the set.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(task))
    }

    /// Runs a closure that may take long, as a task of the set.
    ///
    /// # Panics
    ///
    /// Outside of a run and of a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn_blocking(f))
    }

    /// Runs a closure that may take long on a runtime, as a task of the set.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    /// Waits for the next task to end; none if there is no task.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no task.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// Waits for the next task to end, and says which it was; none if there is no task.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no task.
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The next task that has ended, if one has.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        without_id(self.try_join_next_with_id())
    }

    /// The next task that has ended, and which it was, if one has.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        // Whoever waits is not this caller, and what it costs is not its task's.
        while let Some(key) = self.next_key() {
            let mut look = std::pin::pin!(coop::unconstrained(poll_fn(|_| {
                Poll::Ready(self.look_at(key))
            })));
            if let Poll::Ready(Some(ended)) =
                look.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            {
                return Some(ended);
            }
        }
        None
    }

    /// Aborts every task, and waits until all have ended.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for every task, and gives their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// If a task did, with the same; and if one was aborted.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(ended) = self.join_next().await {
            match ended {
                Ok(output) => outputs.push(output),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(error) => panic!("{error}"),
            }
        }
        outputs
    }

    /// Aborts every task. They are still to be joined.
    #[track_caller]
    pub fn abort_all(&mut self) {
        for task in self.tasks.values() {
            task.abort();
        }
    }

    /// Lets go of every task; they go on.
    pub fn detach_all(&mut self) {
        self.tasks.clear();
        self.line.lock().keys.clear();
    }

    /// Looks for a task that has ended; `Ready(None)` if there is no task.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx).map(without_id)
    }

    /// Looks for a task that has ended; `Ready(None)` if there is no task.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        if self.tasks.is_empty() {
            return Poll::Ready(None);
        }
        let looked_at = self.line.lock().keys.len();
        for _ in 0..looked_at {
            let Some(key) = self.next_key() else { break };
            if let Some(ended) = self.look_at(key) {
                return Poll::Ready(Some(ended));
            }
        }
        // Wakers are cloned, woken and dropped while nothing is locked: they may be anybody's.
        let joiner = cx.waker().clone();
        let (notified, replaced) = {
            let mut waiting = self.line.lock();
            let replaced = waiting.joiner.replace(joiner);
            (!waiting.keys.is_empty(), replaced)
        };
        drop(replaced);
        if notified {
            // As it was looked at, as where the turn's budget is used up.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn next_key(&self) -> Option<u64> {
        self.line.lock().keys.pop_front()
    }

    /// Takes a task out that has ended; one that has not notifies the line when it does.
    fn look_at(&mut self, key: u64) -> Option<Result<(Id, T), JoinError>> {
        let task = self.tasks.get_mut(&key)?;
        let id = task.id();
        let line = Arc::clone(&self.line);
        let waker = Waker::from(Arc::new(Notify { key, line }));
        match Pin::new(task).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(ended) => {
                self.tasks.remove(&key);
                Some(ended.map(|output| (id, output)))
            }
            Poll::Pending => None,
        }
    }
}

type Joined<T> = Option<Result<T, JoinError>>;

fn without_id<T>(ended: Joined<(Id, T)>) -> Joined<T> {
    ended.map(|ended| ended.map(|(_, output)| output))
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.tasks.values().for_each(JoinHandle::abort);
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(tasks: I) -> Self {
        let mut set = Self::new();
        set.extend(tasks);
        set
    }
}

impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, tasks: I) {
        for task in tasks {
            self.spawn(task);
        }
    }
}
