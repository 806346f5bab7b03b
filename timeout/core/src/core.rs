//! What a cancellable task shares with those who may cancel it or wait for it.
//!
//! 1. A request is marked for delivery in exactly one task: the last of the chain of tasks that
//!    wait for one another (T5). Every task on the way counts it.
//! 2. Of the waits a task is in, the one entered last takes the delivery; all of them are woken.
//! 3. No lock of another task or scope is held while a waker runs.
//! 4. Joiners are woken in the order in which they began to wait.
//!
//! Source: CPython 3.13, `Lib/asyncio/tasks.py`, `Task.cancel`, `uncancel` and `__step`.

use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Waker};

use crate::clock::{Clock, Place};
use crate::machine::Requests;
use crate::observe::{Event, Requester, TaskEnd};
use crate::sync::Mutex;

/// The part of a task that outlives its future, and that others reach without it.
pub(crate) struct Core<C: Clock> {
    pub(crate) id: u64,
    pub(crate) clock: C,
    state: Mutex<Inner<C>>,
}

struct Inner<C: Clock> {
    requests: Requests,
    end: Option<TaskEnd>,
    /// The body has ended: no request is taken any more.
    closed: bool,
    /// The waits the task is in, outermost first.
    waits: Vec<WaitEntry<C>>,
    joiners: Vec<(u64, Waker)>,
    next_key: u64,
}

struct WaitEntry<C: Clock> {
    key: u64,
    waker: Option<Waker>,
    /// The task that is waited for, to which a request is passed on.
    on: Option<Arc<Core<C>>>,
}

/// Wakers to be woken once every lock is released.
#[must_use]
#[derive(Default)]
pub(crate) struct Wakes(Vec<Waker>);

impl Wakes {
    pub(crate) fn push(&mut self, waker: Waker) {
        self.0.push(waker);
    }

    #[inline]
    pub(crate) fn wake(self) {
        // Nearly always there are none.
        if !self.0.is_empty() {
            self.wake_all();
        }
    }

    #[cold]
    fn wake_all(self) {
        self.0.into_iter().for_each(Waker::wake);
    }
}

impl<C: Clock> Core<C> {
    pub(crate) fn new(clock: C) -> Arc<Self> {
        Arc::new(Core {
            id: clock.next_id(),
            clock,
            state: Mutex::new(Inner {
                requests: Requests::new(),
                end: None,
                closed: false,
                waits: Vec::new(),
                joiners: Vec::new(),
                next_key: 1,
            }),
        })
    }

    /// T5: asks the task to cancel; false if it has ended.
    #[track_caller]
    pub(crate) fn cancel(self: &Arc<Self>, by: Requester) -> bool {
        self.cancel_at(by, Location::caller())
    }

    /// As [`cancel`](Self::cancel), on behalf of a place that is not the caller's.
    pub(crate) fn cancel_at(self: &Arc<Self>, by: Requester, at: Place) -> bool {
        let mut wakes = Wakes::default();
        let accepted = self.request(by, at, &mut wakes);
        // Invariant 3: a waker may poll at once, and then asks for these very locks.
        wakes.wake();
        accepted
    }

    /// As [`cancel`](Self::cancel), for a caller that holds a lock of its own.
    pub(crate) fn request(self: &Arc<Self>, by: Requester, at: Place, wakes: &mut Wakes) -> bool {
        let mut path = vec![Arc::clone(self)];
        let mut by = by;
        loop {
            let node = &path[path.len() - 1];
            // Invariant 1: each task on the way counts the request. Its lock is released before the next one is
            // taken: two chains that meet in a ring would deadlock otherwise.
            let next = node.receive(by, at);
            // A ring of tasks that wait for one another has no last one: stop where it closes.
            let Some(next) = next.filter(|next| !path.iter().any(|seen| Arc::ptr_eq(seen, next)))
            else {
                break;
            };
            by = Requester::Waiter(node.id);
            path.push(next);
        }
        // Invariant 1: the last one is marked. If it has ended, whoever waits for it is marked in its place: a request
        // that is counted and marked nowhere would never be delivered.
        while let Some(last) = path.pop() {
            if last.mark(wakes) {
                return true;
            }
        }
        false
    }

    /// Counts a request, unless the task has ended, and says to which task it passes on.
    fn receive(&self, by: Requester, at: Place) -> Option<Arc<Self>> {
        let mut state = self.state.lock();
        if state.closed {
            return None;
        }
        state.requests.add();
        let requested = Event::CancelRequested { task: self.id, by };
        self.clock.observe_at(requested, at);
        state.waits.last().and_then(|wait| wait.on.clone())
    }

    /// There is a request to deliver here; false if the task has ended.
    fn mark(&self, wakes: &mut Wakes) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        state.requests.mark();
        // Invariant 2: all of them, since each may be polled by a waker of its own (as in a join of several futures):
        // the innermost one's need not reach the task that has to take the delivery.
        for wait in &mut state.waits {
            wakes.0.extend(wait.waker.take());
        }
        true
    }

    pub(crate) fn cancelling(&self) -> u32 {
        self.state.lock().requests.count()
    }

    pub(crate) fn is_undelivered(&self) -> bool {
        self.state.lock().requests.is_undelivered()
    }

    #[track_caller]
    pub(crate) fn uncancel(&self) -> u32 {
        let remaining = self.state.lock().requests.uncancel();
        let uncancelled = Event::Uncancelled {
            task: self.id,
            remaining,
        };
        self.clock.observe_at(uncancelled, Location::caller());
        remaining
    }

    /// Lets a scope of this task look at and change the requests, at its enter and exit.
    pub(crate) fn with_requests<R>(&self, f: impl FnOnce(&mut Requests) -> R) -> R {
        f(&mut self.state.lock().requests)
    }

    /// Delivers a request before the first turn.
    pub(crate) fn deliver(&self) -> bool {
        let delivered = self.state.lock().requests.deliver();
        self.delivered(delivered)
    }

    /// The body has ended: takes no more requests. If it `returned`, one that came before is delivered.
    pub(crate) fn close(&self, returned: bool) -> bool {
        let delivered = {
            // Under one lock: a request that came between the two would be accepted and never delivered.
            let mut state = self.state.lock();
            state.closed = true;
            returned && state.requests.deliver()
        };
        self.delivered(delivered)
    }

    fn delivered(&self, delivered: bool) -> bool {
        if delivered {
            self.clock.observe(Event::CancelDelivered { task: self.id });
        }
        delivered
    }

    pub(crate) fn end(&self) -> Option<TaskEnd> {
        self.state.lock().end
    }

    /// The task has ended: wakes those who wait for it. Its output must be in place by now. Called once.
    pub(crate) fn finish(&self, end: TaskEnd) {
        let joiners = {
            // Under one lock, as in `join`: whoever waits is among the joiners or finds the end, and never neither.
            let mut state = self.state.lock();
            state.end = Some(end);
            state.closed = true;
            std::mem::take(&mut state.joiners)
        };
        self.clock.observe(Event::TaskEnded { task: self.id, end });
        // Invariants 3 and 4: without the lock, and in their order.
        joiners.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Wakes the task if it is in a wait, without asking it anything.
    pub(crate) fn nudge(&self, wakes: &mut Wakes) {
        let mut state = self.state.lock();
        for wait in &mut state.waits {
            wakes.0.extend(wait.waker.take());
        }
    }

    /// Registers `waker` for the end under `key`, or says that the end has come.
    fn join(&self, key: &mut Option<u64>, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return true;
        }
        let found = key.and_then(|key| state.joiners.iter_mut().find(|entry| entry.0 == key));
        match found {
            // Invariant 4: whoever is polled again keeps its place.
            Some(entry) => entry.1.clone_from(waker),
            None => {
                let fresh = state.fresh_key();
                state.joiners.push((fresh, waker.clone()));
                *key = Some(fresh);
            }
        }
        false
    }

    fn leave(&self, key: u64) {
        self.state.lock().joiners.retain(|entry| entry.0 != key);
    }
}

impl<C: Clock> Inner<C> {
    fn fresh_key(&mut self) -> u64 {
        let key = self.next_key;
        self.next_key += 1;
        key
    }
}

/// The place of one wait among those that its task is in.
pub(crate) struct WaitPoint<C: Clock> {
    core: Arc<Core<C>>,
    key: Option<u64>,
    suspended: bool,
    /// The innermost wait, if a request waited for it as this turn began.
    awaited: Option<u64>,
    /// An inner wait that nobody polls: it has let a request wait for a whole turn.
    left_alone: Option<u64>,
}

impl<C: Clock> WaitPoint<C> {
    pub(crate) fn new(core: Arc<Core<C>>) -> Self {
        WaitPoint {
            core,
            key: None,
            suspended: false,
            awaited: None,
            left_alone: None,
        }
    }

    /// Begins a turn of this wait; true if a request is delivered here, now.
    ///
    /// A wait that was not suspended yet takes no delivery: what is ready at once is not a wait.
    pub(crate) fn begin(&mut self) -> bool {
        let mut state = self.core.state.lock();
        let Some(key) = self.key else {
            let key = state.fresh_key();
            state.waits.push(WaitEntry {
                key,
                waker: None,
                on: None,
            });
            self.key = Some(key);
            return false;
        };
        // Invariant 2: the innermost wait takes the delivery; but one that nobody polls any more would keep the request
        // for ever, so after a whole turn the wait around it takes its place.
        let innermost = state.waits.last().map(|wait| wait.key);
        let ours = innermost == Some(key) || innermost == self.left_alone;
        let delivered = self.suspended && ours && state.requests.deliver();
        self.awaited = innermost.filter(|_| state.requests.is_undelivered());
        // The clock is told without the lock, as at every delivery. Only a clock that asks the task back, in
        // `observe`, could tell the difference.
        drop(state);
        self.core.delivered(delivered)
    }

    /// Passes requests on to `child` for as long as this wait lasts. It has just been entered.
    pub(crate) fn pass_on_to(&self, child: &Arc<Core<C>>) {
        let core = &self.core;
        core.clock.observe(Event::Joining {
            task: core.id,
            on: child.id,
        });
        let mut state = core.state.lock();
        let wait = state
            .waits
            .iter_mut()
            .find(|wait| Some(wait.key) == self.key);
        if let Some(wait) = wait {
            wait.on = Some(Arc::clone(child));
        }
        // Invariant 1: a request from before this wait belongs to the task that is waited for, too. It comes back if
        // that has ended, and then `suspend` sees to the turn in which it is delivered here.
        let pass_on = state.requests.deliver();
        drop(state);
        if pass_on && !child.cancel(Requester::Waiter(core.id)) {
            core.with_requests(Requests::mark);
        }
    }

    /// Ends a turn in which what is waited for was not ready.
    pub(crate) fn suspend(&mut self, cx: &mut Context<'_>) {
        self.suspended = true;
        let mut state = self.core.state.lock();
        let undelivered = state.requests.is_undelivered();
        // The request waited when this turn began and waits still: the innermost wait was not polled in it.
        let innermost = state.waits.last().map(|wait| wait.key);
        self.left_alone = innermost.filter(|_| undelivered && innermost == self.awaited);
        if let Some(wait) = state
            .waits
            .iter_mut()
            .find(|wait| Some(wait.key) == self.key)
        {
            match &mut wait.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
        }
        drop(state);
        // T5: a request from before the wait is delivered there in the next turn. When it was marked there was no waker
        // here to be woken, so without this one that turn would not come.
        if undelivered {
            cx.waker().wake_by_ref();
        }
    }
}

impl<C: Clock> Drop for WaitPoint<C> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            // By its key: waits that are polled side by side need not end in the reverse order of their beginnings.
            self.core.state.lock().waits.retain(|wait| wait.key != key);
        }
    }
}

/// A registration for the end of a task.
pub(crate) struct Joining<C: Clock> {
    child: Arc<Core<C>>,
    key: Option<u64>,
}

impl<C: Clock> Joining<C> {
    pub(crate) fn new(child: Arc<Core<C>>) -> Self {
        Joining { child, key: None }
    }

    /// True once the task has ended; else its end wakes `cx`.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        self.child.join(&mut self.key, cx.waker())
    }

    /// As [`poll`](Self::poll), in a wait that passes requests on.
    pub(crate) fn poll_in(&mut self, point: &WaitPoint<C>, cx: &mut Context<'_>) -> bool {
        let first = self.key.is_none();
        let ended = self.poll(cx);
        if first && !ended {
            point.pass_on_to(&self.child);
        }
        ended
    }
}

impl<C: Clock> Drop for Joining<C> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.child.leave(key);
        }
    }
}
