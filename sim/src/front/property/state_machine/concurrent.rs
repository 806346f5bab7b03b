//! A system that several clients call at once: some order of the calls must explain all answers.
//!
//! This is linearizability (Herlihy and Wing, 1990) of the calls that ended; a call that never ends makes
//! the run stuck, and so fails by itself.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use proptest::collection::SizeRange;
use proptest::strategy::Strategy;
use proptest::test_runner::TestCaseError;
use proptest_state_machine::ReferenceStateMachine;

use super::super::{Decisions, decisions};
use super::history::{Call, Explained, explain};
use super::note;
use super::transitions::{Made, transitions};
use super::{StateOf, TransitionOf};
use crate::program::here::now;
use crate::program::spawn::spawn_named;

/// A system under test that several clients call at once.
///
/// # Examples
///
/// Numbers that are given out, by a counter that is read and written in two steps:
///
/// ```
/// use deadheat::property::state_machine::{Call, ConcurrentMachine, concurrent};
/// use proptest::{prelude::*, test_runner::TestRunner};
/// use proptest_state_machine::ReferenceStateMachine;
/// use std::{cell::Cell, time::Duration};
///
/// #[derive(Debug, Clone)]
/// struct Next;
///
/// struct Model;
///
/// impl ReferenceStateMachine for Model {
///     type State = u32;
///     type Transition = Next;
///
///     fn init_state() -> BoxedStrategy<u32> {
///         Just(0).boxed()
///     }
///
///     fn transitions(_: &u32) -> BoxedStrategy<Next> {
///         Just(Next).boxed()
///     }
///
///     fn apply(given: u32, _: &Next) -> u32 {
///         given + 1
///     }
/// }
///
/// struct Numbers;
///
/// impl ConcurrentMachine for Numbers {
///     type Reference = Model;
///     type System = Cell<u32>;
///     type Response = u32;
///
///     async fn start(given: &u32) -> Cell<u32> {
///         Cell::new(*given)
///     }
///
///     async fn call(given: &Cell<u32>, _: Next) -> u32 {
///         let next = given.get();
///         deadheat::yield_now().await; // here somebody else may read
///         given.set(next + 1);
///         next
///     }
///
///     fn explains(given: &u32, call: &Call<Next, u32>) -> Option<u32> {
///         (call.response == *given).then_some(given + 1)
///     }
/// }
///
/// let calls = concurrent::<Numbers>(2, 2..5, Duration::ZERO);
/// let found = TestRunner::deterministic().run(&calls, |calls| calls.check());
/// assert!(found.unwrap_err().to_string().contains("no order of the calls explains their answers"));
/// ```
pub trait ConcurrentMachine: 'static {
    /// The model: its states and transitions; what a transition comes to says [`explains`](Self::explains).
    type Reference: ReferenceStateMachine;
    /// The system, which the clients share.
    type System: 'static;
    /// What a call answers.
    type Response: fmt::Debug + 'static;

    /// Makes the system as the model begins. Called inside the run.
    fn start(initial: &StateOf<Self::Reference>) -> impl Future<Output = Self::System>;

    /// Makes a call.
    fn call(
        system: &Self::System,
        transition: TransitionOf<Self::Reference>,
    ) -> impl Future<Output = Self::Response>;

    /// The model's state after a call, if the call may have been answered so in the state `before`; none if
    /// not.
    fn explains(
        before: &StateOf<Self::Reference>,
        call: &Call<TransitionOf<Self::Reference>, Self::Response>,
    ) -> Option<StateOf<Self::Reference>>;
}

/// Calls of several clients, and the decisions of the run in which they are made.
pub struct Concurrent<M: ConcurrentMachine> {
    decisions: Decisions,
    initial: StateOf<M::Reference>,
    transitions: Vec<Made<M::Reference>>,
}

/// A strategy for calls of up to so many clients, with the decisions of a run in which timers may be up to
/// `late` late. At least one call is drawn. Simplest is that the first client makes all calls.
///
/// [`ConcurrentMachine`] has an example.
///
/// The calls are valid one after the other; in another order the model's preconditions may not hold, which
/// [`explains`](ConcurrentMachine::explains) has to know.
pub fn concurrent<M: ConcurrentMachine>(
    clients: usize,
    size: impl Into<SizeRange>,
    late: Duration,
) -> impl Strategy<Value = Concurrent<M>> {
    let transitions = transitions::<M::Reference>(clients, size.into());
    let parts = (decisions(late), transitions);
    parts.prop_map(|(decisions, (initial, transitions))| Concurrent {
        decisions,
        initial,
        transitions,
    })
}

impl<M: ConcurrentMachine> Concurrent<M> {
    /// The calls of each client that makes any.
    pub fn calls(&self) -> Vec<Vec<TransitionOf<M::Reference>>> {
        let mut calls: Vec<Vec<_>> = Vec::new();
        for (client, transition) in &self.transitions {
            while calls.len() <= *client {
                calls.push(Vec::new());
            }
            calls[*client].push(transition.clone());
        }
        calls.retain(|calls| !calls.is_empty());
        calls
    }

    /// The decisions.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }
}

impl<M> Concurrent<M>
where
    M: ConcurrentMachine,
    StateOf<M::Reference>: Send + Sync + 'static,
    TransitionOf<M::Reference>: Send + Sync + 'static,
{
    /// Makes the calls inside a run, each client in a task of its own; each call and its answer is logged in
    /// the trace.
    ///
    /// [`ConcurrentMachine`] has an example.
    ///
    /// # Errors
    ///
    /// The report of the run as a failed case: no order of the calls explains their answers, or whatever
    /// else makes a run fail.
    ///
    /// # Panics
    ///
    /// As [`Decisions::check`].
    #[track_caller]
    pub fn check(&self) -> Result<(), TestCaseError> {
        let start = || run::<M>(self.initial.clone(), self.calls());
        self.decisions.check(start)
    }
}

type Calls<M> = Vec<
    Call<TransitionOf<<M as ConcurrentMachine>::Reference>, <M as ConcurrentMachine>::Response>,
>;

/// What the clients of a run share.
struct Shared<M: ConcurrentMachine> {
    system: M::System,
    /// Counts the begins and ends of calls.
    clock: Cell<u64>,
    calls: RefCell<Calls<M>>,
}

impl<M: ConcurrentMachine> Shared<M> {
    fn tick(&self) -> u64 {
        self.clock.replace(self.clock.get() + 1)
    }

    async fn call(&self, client: usize, transition: TransitionOf<M::Reference>) {
        note(&format!("{transition:?}"));
        let (begun, begun_at) = (self.tick(), now());
        let response = M::call(&self.system, transition.clone()).await;
        note(&format!("{transition:?} = {response:?}"));
        let (ended, ended_at) = (self.tick(), now());
        self.calls.borrow_mut().push(Call {
            client,
            transition,
            response,
            begun_at,
            ended_at,
            order: (begun, ended),
        });
    }
}

async fn run<M: ConcurrentMachine>(
    initial: StateOf<M::Reference>,
    clients: Vec<Vec<TransitionOf<M::Reference>>>,
) {
    let shared: Rc<Shared<M>> = Rc::new(Shared {
        system: M::start(&initial).await,
        clock: Cell::new(0),
        calls: RefCell::new(Vec::new()),
    });
    let clients = clients
        .into_iter()
        .enumerate()
        .map(|(client, transitions)| {
            let shared = Rc::clone(&shared);
            spawn_named(format!("client-{}", client + 1), async move {
                for transition in transitions {
                    shared.call(client, transition).await;
                }
            })
        });
    for client in clients.collect::<Vec<_>>() {
        // It ended, or the run is over.
        client.await.ok();
    }
    let calls = shared.calls.take();
    match explain(&initial, &calls, M::explains) {
        Explained::Yes => {}
        Explained::No => panic!(
            "no order of the calls explains their answers:{}",
            Listed(&calls)
        ),
        Explained::Unknown => panic!(
            "there are too many orders of {} calls to try: draw fewer calls, or fewer clients",
            calls.len()
        ),
    }
}

/// Calls as they are shown, in the order in which they ended.
struct Listed<'a, T, R>(&'a [Call<T, R>]);

impl<T: fmt::Debug, R: fmt::Debug> fmt::Display for Listed<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|call| write!(f, "\n    {call:?}"))
    }
}

impl<M: ConcurrentMachine> Clone for Concurrent<M> {
    fn clone(&self) -> Self {
        Concurrent {
            decisions: self.decisions.clone(),
            initial: self.initial.clone(),
            transitions: self.transitions.clone(),
        }
    }
}

impl<M: ConcurrentMachine> fmt::Debug for Concurrent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Concurrent")
            .field("initial", &self.initial)
            .field("clients", &self.calls())
            .field("decisions", &self.decisions)
            .finish()
    }
}
