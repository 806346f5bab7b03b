//! A lease against its model: planted bugs are found and shrunk, transitions and decisions both, and the
//! fixed twins pass.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use deadheat::property::state_machine::{
    Call, Concurrent, ConcurrentMachine, Sequence, SimulatedMachine, concurrent, sequential,
};
use deadheat::{sleep, spawn};
use deadheat_tests::strategy::cases;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// For so many milliseconds.
    Acquire(u64),
    Release,
    Wait(u64),
}

/// Until when the lease is held, and what time it is.
#[derive(Debug, Clone, Default)]
struct Model {
    until: Option<u64>,
    now: u64,
}

struct Lease;

impl ReferenceStateMachine for Lease {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    /// Waits are whole tens and leases end at fives: no tie, and no lateness, changes what is held.
    fn transitions(_: &Model) -> BoxedStrategy<Step> {
        prop_oneof![
            Just(Step::Release),
            (1..5_u64).prop_map(|n| Step::Wait(10 * n)),
            (1..5_u64).prop_map(|n| Step::Acquire(10 * n + 5)),
        ]
        .boxed()
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        match step {
            Step::Acquire(length) if model.until.is_none() => {
                model.until = Some(model.now + length);
            }
            Step::Acquire(_) => {}
            Step::Release => model.until = None,
            Step::Wait(wait) => {
                model.now += wait;
                model.until = model.until.filter(|until| *until > model.now);
            }
        }
        model
    }
}

/// A lease that ends by a timer. With the bug, the timer of a lease that was released ends the next one.
struct Timed<const BUG: bool> {
    held: Rc<Cell<Option<u32>>>,
    leases: u32,
}

impl<const BUG: bool> Timed<BUG> {
    fn acquire(&mut self, length: u64) {
        if self.held.get().is_some() {
            return;
        }
        self.leases += 1;
        let (held, lease) = (self.held.clone(), self.leases);
        held.set(Some(lease));
        spawn(async move {
            sleep(ms(length)).await;
            if BUG || held.get() == Some(lease) {
                held.set(None);
            }
        });
    }
}

impl<const BUG: bool> SimulatedMachine for Timed<BUG> {
    type Reference = Lease;
    type System = Self;

    async fn start(_: &Model) -> Self {
        Timed {
            held: Rc::default(),
            leases: 0,
        }
    }

    async fn apply(lease: &mut Self, _after: &Model, step: Step) {
        match step {
            Step::Acquire(length) => lease.acquire(length),
            Step::Release => lease.held.set(None),
            Step::Wait(wait) => sleep(ms(wait)).await,
        }
    }

    fn invariants(lease: &Self, model: &Model) {
        assert_eq!(
            lease.held.get().is_some(),
            model.until.is_some(),
            "who holds it"
        );
    }
}

/// The smallest value that fails, and why it does.
fn failing<V: Debug>(
    strategy: impl Strategy<Value = V>,
    check: impl Fn(&V) -> Result<(), TestCaseError>,
) -> Option<(V, String)> {
    let mut config = cases(512);
    config.max_shrink_iters = 20_000;
    match TestRunner::new(config).run(&strategy, |value| check(&value)) {
        Ok(()) => None,
        Err(TestError::Fail(reason, value)) => Some((value, reason.to_string())),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_timer_that_ends_another_lease_is_found_and_shrunk() {
    let found = failing(sequential::<Timed<true>>(1..30, ms(1)), Sequence::check);
    let (sequence, reason) = found.expect("a planted bug");
    let steps = sequence.transitions();
    // A lease, let go; another one, which is held when the timer of the first one fires.
    let [
        Step::Acquire(first),
        Step::Release,
        between @ ..,
        Step::Acquire(_),
        Step::Wait(_),
    ] = steps
    else {
        panic!("{steps:?}");
    };
    assert!(between.len() <= 1, "{steps:?}");
    assert!(reason.contains("who holds it"), "{reason}");
    assert!(
        reason.contains(&format!("says \"Acquire({first})\"")),
        "{reason}"
    );
    assert!(
        format!("{:?}", sequence.decisions()).contains("at most 0 departures"),
        "{sequence:?}"
    );
}

#[test]
fn a_timer_that_knows_its_lease_passes() {
    let found = failing(sequential::<Timed<false>>(1..30, ms(1)), Sequence::check);
    assert!(found.is_none(), "{found:?}");
}

/// The lease as a service that answers after a while. With the bug it looks first and takes later.
struct Served<const BUG: bool>(RefCell<bool>);

impl<const BUG: bool> ConcurrentMachine for Served<BUG> {
    type Reference = Lease;
    type System = Self;
    type Response = bool;

    async fn start(_: &Model) -> Self {
        Served(RefCell::new(false))
    }

    async fn call(lease: &Self, step: Step) -> bool {
        match step {
            Step::Wait(wait) => {
                sleep(ms(wait)).await;
                true
            }
            Step::Release => lease.0.replace(false),
            Step::Acquire(_) => {
                sleep(ms(1)..=ms(9)).await;
                let free = !*lease.0.borrow();
                if BUG {
                    sleep(ms(0)..=ms(2)).await;
                }
                if free {
                    lease.0.replace(true);
                }
                free
            }
        }
    }

    fn explains(before: &Model, call: &Call<Step, bool>) -> Option<Model> {
        let (held, mut after) = (before.until.is_some(), before.clone());
        let answer = match call.transition {
            Step::Wait(_) => true,
            Step::Release => {
                after.until = None;
                held
            }
            Step::Acquire(length) => {
                after.until.get_or_insert(length);
                !held
            }
        };
        (answer == call.response).then_some(after)
    }
}

#[test]
fn two_clients_that_both_get_a_lease_are_found_and_shrunk() {
    let found = failing(
        concurrent::<Served<true>>(3, 1..10, ms(1)),
        Concurrent::check,
    );
    let (calls, reason) = found.expect("a planted bug");
    assert_eq!(calls.calls().len(), 2, "{calls:?}");
    assert_eq!(calls.calls().concat().len(), 2, "{calls:?}");
    assert!(
        reason.contains("no order of the calls explains their answers"),
        "{reason}"
    );
    assert!(reason.contains("= true"), "{reason}");
}

#[test]
fn a_lease_that_is_taken_as_it_is_looked_at_passes() {
    let found = failing(
        concurrent::<Served<false>>(3, 1..10, ms(1)),
        Concurrent::check,
    );
    assert!(found.is_none(), "{found:?}");
}
