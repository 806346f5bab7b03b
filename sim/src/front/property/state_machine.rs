//! An adapter for `proptest-state-machine`: transitions are asynchronous and run inside a simulation, whose
//! decisions are part of the value that proptest shrinks.
//!
//! The model is a [`ReferenceStateMachine`], as for that crate. The system under test is a
//! [`SimulatedMachine`], to which transitions happen one after the other; or a [`ConcurrentMachine`], which
//! several clients call at once and whose answers some order of the calls must explain.
//!
//! Deliberately not here: the crate's `StateMachineTest` and its macro, whose transitions cannot wait.
//!
//! Feature `state-machine`.

mod concurrent;
mod history;
mod transitions;

use std::fmt;
use std::future::{Future, ready};
use std::time::Duration;

use proptest::collection::SizeRange;
use proptest::strategy::Strategy;
use proptest::test_runner::TestCaseError;
use proptest_state_machine::ReferenceStateMachine;

use super::{Decisions, decisions};
use crate::engine::inside::inside;
use transitions::transitions;

pub use concurrent::{Concurrent, ConcurrentMachine, concurrent};
pub use history::Call;

/// The state of a machine's model.
pub type StateOf<R> = <R as ReferenceStateMachine>::State;
/// A transition of a machine's model.
pub type TransitionOf<R> = <R as ReferenceStateMachine>::Transition;

/// A system under test whose transitions happen one after the other.
///
/// # Examples
///
/// A counter that is emptied by a timer, and its model:
///
/// ```
/// use deadheat::property::state_machine::{SimulatedMachine, sequential};
/// use deadheat::sleep;
/// use proptest::prelude::*;
/// use proptest_state_machine::ReferenceStateMachine;
/// use std::{cell::Cell, rc::Rc, time::Duration};
///
/// #[derive(Debug, Clone)]
/// enum Step {
///     Add,
///     Wait, // until the counter was emptied
/// }
///
/// struct Model;
///
/// impl ReferenceStateMachine for Model {
///     type State = u32;
///     type Transition = Step;
///
///     fn init_state() -> BoxedStrategy<u32> {
///         Just(0).boxed()
///     }
///
///     fn transitions(_: &u32) -> BoxedStrategy<Step> {
///         prop_oneof![Just(Step::Add), Just(Step::Wait)].boxed()
///     }
///
///     fn apply(count: u32, step: &Step) -> u32 {
///         match step {
///             Step::Add => count + 1,
///             Step::Wait => 0,
///         }
///     }
/// }
///
/// struct Counter;
///
/// impl SimulatedMachine for Counter {
///     type Reference = Model;
///     type System = Rc<Cell<u32>>;
///
///     async fn start(count: &u32) -> Self::System {
///         Rc::new(Cell::new(*count))
///     }
///
///     async fn apply(counter: &mut Self::System, after: &u32, step: Step) {
///         match step {
///             Step::Add => counter.set(counter.get() + 1),
///             Step::Wait => {
///                 let timer = counter.clone();
///                 deadheat::spawn(async move {
///                     sleep(Duration::from_millis(5)).await;
///                     timer.set(0);
///                 });
///                 sleep(Duration::from_millis(10)).await;
///             }
///         }
///         assert_eq!(counter.get(), *after);
///     }
/// }
///
/// proptest!(|(sequence in sequential::<Counter>(1..10, Duration::from_millis(1)))| {
///     sequence.check()?;
/// });
/// ```
pub trait SimulatedMachine: 'static {
    /// The model.
    type Reference: ReferenceStateMachine;
    /// The system.
    type System: 'static;

    /// Makes the system as the model begins. Called inside the run.
    fn start(initial: &StateOf<Self::Reference>) -> impl Future<Output = Self::System>;

    /// Makes a transition, and checks what it must come to: `after` is the model's state after it.
    fn apply(
        system: &mut Self::System,
        after: &StateOf<Self::Reference>,
        transition: TransitionOf<Self::Reference>,
    ) -> impl Future<Output = ()>;

    /// Checks what holds between transitions: at the start and after each of them.
    fn invariants(system: &Self::System, state: &StateOf<Self::Reference>) {
        let _ = (system, state);
    }

    /// Ends the system, and checks what it leaves behind.
    fn end(system: Self::System, state: &StateOf<Self::Reference>) -> impl Future<Output = ()> {
        let _ = (system, state);
        ready(())
    }
}

/// Transitions, and the decisions of the run in which they are made.
pub struct Sequence<M: SimulatedMachine> {
    decisions: Decisions,
    initial: StateOf<M::Reference>,
    transitions: Vec<TransitionOf<M::Reference>>,
}

/// A strategy for transitions that the model allows, with the decisions of a run in which timers may be up
/// to `late` late. At least one transition is drawn.
///
/// [`SimulatedMachine`] has an example.
pub fn sequential<M: SimulatedMachine>(
    size: impl Into<SizeRange>,
    late: Duration,
) -> impl Strategy<Value = Sequence<M>> {
    let parts = (decisions(late), transitions::<M::Reference>(1, size.into()));
    parts.prop_map(|(decisions, (initial, transitions))| Sequence {
        decisions,
        initial,
        transitions: transitions.into_iter().map(|(_, made)| made).collect(),
    })
}

impl<M: SimulatedMachine> Sequence<M> {
    /// The transitions.
    pub fn transitions(&self) -> &[TransitionOf<M::Reference>] {
        &self.transitions
    }

    /// The decisions.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }
}

impl<M> Sequence<M>
where
    M: SimulatedMachine,
    StateOf<M::Reference>: Send + Sync + 'static,
    TransitionOf<M::Reference>: Send + Sync + 'static,
{
    /// Makes the transitions inside a run; each is logged in its trace.
    ///
    /// [`SimulatedMachine`] has an example.
    ///
    /// # Errors
    ///
    /// The report of the run as a failed case: a panic in the machine's functions, or whatever else makes a
    /// run fail.
    ///
    /// # Panics
    ///
    /// As [`Decisions::check`].
    #[track_caller]
    pub fn check(&self) -> Result<(), TestCaseError> {
        let start = || {
            let (initial, transitions) = (self.initial.clone(), self.transitions.clone());
            run::<M>(initial, transitions)
        };
        self.decisions.check(start)
    }
}

async fn run<M: SimulatedMachine>(
    mut state: StateOf<M::Reference>,
    transitions: Vec<TransitionOf<M::Reference>>,
) {
    let mut system = M::start(&state).await;
    M::invariants(&system, &state);
    for transition in transitions {
        note(&format!("{transition:?}"));
        state = M::Reference::apply(state, &transition);
        M::apply(&mut system, &state, transition).await;
        M::invariants(&system, &state);
    }
    M::end(system, &state).await;
}

impl<M: SimulatedMachine> Clone for Sequence<M> {
    fn clone(&self) -> Self {
        Sequence {
            decisions: self.decisions.clone(),
            initial: self.initial.clone(),
            transitions: self.transitions.clone(),
        }
    }
}

impl<M: SimulatedMachine> fmt::Debug for Sequence<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequence")
            .field("initial", &self.initial)
            .field("transitions", &self.transitions)
            .field("decisions", &self.decisions)
            .finish()
    }
}

/// Records an event that no line of the program causes.
fn note(text: &str) {
    inside("log", |world| {
        let raw = world.recorder.text(text);
        world.record(raw);
    });
}
