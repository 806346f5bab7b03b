//! Tasks that are not `Send`, and that go on only while their set is driven.
//!
//! A set made inside a run spawns tasks of the run, so that their order is a decision. While nobody drives
//! the set (`run_until`, `block_on`, or awaiting it) they take no turn: they wait at a gate. A set made
//! outside of a run is tokio's own, and inside a run all of it is one task.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{JoinHandle, join};
use crate::runtime::context::{self, Owner};
use crate::runtime::{Id, Runtime};

/// A set of tasks that are not `Send`.
pub struct LocalSet(Of);

enum Of {
    Tokio(tokio::task::LocalSet),
    Run(Rc<Local>),
}

/// A set of a run.
struct Local {
    /// Its tasks.
    owner: Arc<Owner>,
    /// The runtime on which it is driven.
    driven_on: RefCell<Arc<Owner>>,
    /// How many drive it.
    drivers: Cell<usize>,
    /// The tasks that wait to be driven.
    at_gate: RefCell<Vec<Waker>>,
    alive: Cell<usize>,
    /// It is awaited itself.
    awaited: Cell<bool>,
    /// Who waits for all tasks to end.
    all_ended: RefCell<Option<Waker>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Local>>> = const { RefCell::new(None) };
}

/// This set is the current one as long as this lives.
struct AsCurrent(Option<Rc<Local>>);

fn enter(local: &Rc<Local>) -> AsCurrent {
    let entered = Some(Rc::clone(local));
    // A thread that ends drops what it has left without a current set.
    AsCurrent(
        CURRENT
            .try_with(|current| current.replace(entered))
            .ok()
            .flatten(),
    )
}

impl Drop for AsCurrent {
    fn drop(&mut self) {
        let left = self.0.take();
        drop(CURRENT.try_with(|current| current.replace(left)));
    }
}

/// Opens the gate as long as it lives.
struct Driving<'a>(&'a Local);

impl<'a> Driving<'a> {
    fn begin(local: &'a Local) -> Self {
        local.drivers.set(local.drivers.get() + 1);
        if let Some(on) = context::here() {
            local.driven_on.replace(on);
        }
        local.at_gate.take().into_iter().for_each(Waker::wake);
        Driving(local)
    }
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        self.0.drivers.set(self.0.drivers.get() - 1);
    }
}

/// Counts a task of a set as long as it lives.
struct Alive(Rc<Local>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.set(self.0.alive.get() - 1);
        if self.0.alive.get() == 0
            && let Some(waiting) = self.0.all_ended.take()
        {
            waiting.wake();
        }
    }
}

impl Local {
    #[track_caller]
    fn spawn<F>(self: &Rc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.alive.set(self.alive.get() + 1);
        let task = Gated {
            future: Some(Box::pin(future)),
            alive: Alive(Rc::clone(self)),
        };
        join::spawn_on(&self.owner, task)
    }
}

/// A task that takes turns only while its set is driven. It is dropped as one of the set, too.
struct Gated<F> {
    future: Option<Pin<Box<F>>>,
    alive: Alive,
}

impl<F: Future> Future for Gated<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let local = Rc::clone(&self.alive.0);
        if local.drivers.get() == 0 {
            local.at_gate.borrow_mut().push(cx.waker().clone());
            return Poll::Pending;
        }
        let on = Arc::clone(&local.driven_on.borrow());
        let (_on, _current) = (context::enter(&on), enter(&local));
        let polled = match &mut self.future {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending,
        };
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

impl<F> Drop for Gated<F> {
    fn drop(&mut self) {
        let _current = enter(&self.alive.0);
        self.future = None;
    }
}

impl LocalSet {
    /// An empty set.
    pub fn new() -> LocalSet {
        let Some(on) = context::here() else {
            return LocalSet(Of::Tokio(tokio::task::LocalSet::new()));
        };
        LocalSet(Of::Run(Rc::new(Local {
            owner: Owner::new(on.is_current_thread, 1, None),
            driven_on: RefCell::new(on),
            drivers: Cell::new(0),
            at_gate: RefCell::default(),
            alive: Cell::new(0),
            awaited: Cell::new(false),
            all_ended: RefCell::default(),
        })))
    }

    /// Makes it the set of [`spawn_local`] until the guard is dropped.
    pub fn enter(&self) -> LocalEnterGuard {
        LocalEnterGuard {
            _guard: match &self.0 {
                Of::Tokio(set) => Guard::Tokio {
                    _guard: set.enter(),
                },
                Of::Run(local) => Guard::Run {
                    _current: enter(local),
                },
            },
        }
    }

    /// Spawns a task that takes its turns while the set is driven.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match &self.0 {
            Of::Tokio(set) => set.spawn_local(future).into(),
            Of::Run(local) => local.spawn(future),
        }
    }

    /// Waits for a future in a plain function, and drives the set meanwhile.
    ///
    /// # Panics
    ///
    /// In an asynchronous function that runs on a runtime.
    #[track_caller]
    pub fn block_on<F: Future>(&self, runtime: &Runtime, future: F) -> F::Output {
        runtime.block_on(self.run_until(future))
    }

    /// Waits for a future, and drives the set meanwhile.
    ///
    /// # Cancel safety
    ///
    /// It is as safe as the future; the tasks stay.
    pub async fn run_until<F: Future>(&self, future: F) -> F::Output {
        let local = match &self.0 {
            Of::Tokio(set) => return set.run_until(future).await,
            Of::Run(local) => local,
        };
        let mut future = pin!(future);
        let _driving = Driving::begin(local);
        poll_fn(|cx| {
            let _current = enter(local);
            future.as_mut().poll(cx)
        })
        .await
    }

    /// Which set it is.
    pub fn id(&self) -> Id {
        match &self.0 {
            Of::Tokio(set) => set.id().into(),
            Of::Run(local) => Id::of_run(local.owner.number),
        }
    }
}

/// Drives the set until all of its tasks have ended.
impl Future for LocalSet {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let local = match &mut self.0 {
            Of::Tokio(set) => return Pin::new(set).poll(cx),
            Of::Run(local) => local,
        };
        if local.alive.get() == 0 {
            if local.awaited.replace(false) {
                local.drivers.set(local.drivers.get() - 1);
            }
            return Poll::Ready(());
        }
        if !local.awaited.replace(true) {
            // Until all have ended, or the set is dropped.
            std::mem::forget(Driving::begin(local));
        }
        local.all_ended.replace(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        if let Of::Run(local) = &self.0 {
            let _current = enter(local);
            local.owner.close();
        }
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish()
    }
}

/// A set is the current one as long as this lives.
#[must_use = "dropped at once it does nothing"]
pub struct LocalEnterGuard {
    _guard: Guard,
}

enum Guard {
    Tokio {
        _guard: tokio::task::LocalEnterGuard,
    },
    Run {
        _current: AsCurrent,
    },
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish()
    }
}

/// Spawns a task that is not `Send` on the current [`LocalSet`].
///
/// # Panics
///
/// Outside of one.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match CURRENT.with_borrow(Clone::clone) {
        Some(local) => local.spawn(future),
        None => tokio::task::spawn_local(future).into(),
    }
}
