//! The transitions that a model allows, each with the client that makes it, as a strategy that can stand
//! anywhere in a tuple and shrinks until nothing can be left out.
//!
//! `proptest-state-machine` counts the transitions that a test came to, and begins to shrink by leaving the
//! others out. It takes its strategy to be shrunk before anything else, and a test to count in every run; here
//! the decisions are shrunk first, and a value may take several runs. So every transition counts as seen.
//! It tries to leave out each transition once; see [`Deletions`] for what follows.

mod deletions;

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use proptest::collection::SizeRange;
use proptest::strategy::{BoxedStrategy, NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use proptest_state_machine::{ReferenceStateMachine, strategy::Sequential};

use super::{StateOf, TransitionOf};
use deletions::Deletions;

/// Who makes a transition, from 0, and the transition.
pub(super) type Made<R> = (usize, TransitionOf<R>);

type Inner<R> = Sequential<StateOf<R>, Made<R>, BoxedStrategy<StateOf<R>>, BoxedStrategy<Made<R>>>;

/// A strategy for an initial state, and transitions from there of so many clients; at least one transition,
/// which is the least that `proptest-state-machine` draws.
pub(super) fn transitions<R: ReferenceStateMachine>(
    clients: usize,
    size: SizeRange,
) -> Transitions<R> {
    let (low, high) = size.start_end_incl();
    let clients = clients.max(1);
    let inner = Sequential::new(
        SizeRange::new(low.max(1)..=high.max(1)),
        R::init_state,
        |state, (_, transition)| R::preconditions(state, transition),
        move |state| (0..clients, R::transitions(state)).boxed(),
        |state, (_, transition)| R::apply(state, transition),
    );
    Transitions { inner }
}

pub(super) struct Transitions<R: ReferenceStateMachine> {
    inner: Inner<R>,
}

impl<R: ReferenceStateMachine> fmt::Debug for Transitions<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<R: ReferenceStateMachine> Strategy for Transitions<R> {
    type Tree = Tree<<Inner<R> as Strategy>::Tree, R>;
    type Value = (StateOf<R>, Vec<Made<R>>);

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let inner = self.inner.new_tree(runner)?;
        Ok(Tree {
            inner,
            deletions: None,
            model: PhantomData,
        })
    }
}

/// What the other crate shrinks, and then we.
pub(super) struct Tree<T, R: ReferenceStateMachine> {
    inner: T,
    deletions: Option<(StateOf<R>, Deletions<Made<R>>)>,
    model: PhantomData<fn() -> R>,
}

impl<R, T> ValueTree for Tree<T, R>
where
    R: ReferenceStateMachine,
    T: ValueTree<Value = <Inner<R> as Strategy>::Value>,
{
    type Value = (StateOf<R>, Vec<Made<R>>);

    fn current(&self) -> Self::Value {
        if let Some((initial, deletions)) = &self.deletions {
            return (initial.clone(), deletions.items().to_vec());
        }
        let (initial, transitions, _) = self.inner.current();
        (initial, transitions)
    }

    fn simplify(&mut self) -> bool {
        if self.deletions.is_none() {
            let (initial, transitions, seen) = self.inner.current();
            if let Some(seen) = seen {
                seen.store(transitions.len(), Ordering::SeqCst);
            }
            if self.inner.simplify() {
                return true;
            }
            self.deletions = Some((initial, Deletions::of(transitions)));
        }
        let Some((initial, deletions)) = &mut self.deletions else {
            return false;
        };
        deletions.simplify(|items| is_allowed::<R>(initial, items))
    }

    fn complicate(&mut self) -> bool {
        match &mut self.deletions {
            Some((_, deletions)) => deletions.complicate(),
            None => self.inner.complicate(),
        }
    }
}

/// Whether the model allows these transitions.
fn is_allowed<R: ReferenceStateMachine>(initial: &StateOf<R>, items: &[Made<R>]) -> bool {
    let mut state = initial.clone();
    items.iter().all(|(_, transition)| {
        let allowed = R::preconditions(&state, transition);
        if allowed {
            state = R::apply(state.clone(), transition);
        }
        allowed
    })
}
