//! The steps of random programs, with any numbers for names.

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::Union;

use crate::ast::{
    EventId, Handler, HandlerKind, QueueId, ScopeId, ScopeState, SemaphoreId, Step, TaskId, When,
};

use super::kinds::{StepKind, Weights};
use super::times::Times;

/// What steps are drawn from.
pub(super) struct Steps {
    times: Times,
    weights: Weights,
}

/// Any number; `settle` makes it one of those that there are.
fn id() -> impl Strategy<Value = usize> {
    0..24_usize
}

impl Steps {
    pub(super) fn new(times: &Times, weights: &Weights) -> Self {
        Steps {
            times: times.clone(),
            weights: weights.clone(),
        }
    }

    pub(super) fn step(&self, depth: u32) -> BoxedStrategy<Step> {
        let leaf = self.leaf();
        let blocks = self.weights.drawn(true);
        if depth == 0 || blocks.is_empty() {
            return leaf.boxed();
        }
        // An inner copy of what a recursive strategy builds anew at each depth.
        let Steps { times, .. } = self;
        let (times, again) = (times.clone(), leaf.clone());
        leaf.prop_recursive(depth, 16, 3, move |inner| {
            let inner = prop_oneof![2 => again.clone(), 1 => inner].boxed();
            let kinds = blocks.iter();
            let kinds = kinds.map(|(weight, kind)| (*weight, block(*kind, &times, &inner)));
            prop_oneof![5 => again.clone(), 6 => Union::new_weighted(kinds.collect())]
        })
        .boxed()
    }

    fn leaf(&self) -> Union<BoxedStrategy<Step>> {
        let mut kinds = self.weights.drawn(false);
        if kinds.is_empty() {
            kinds.push((1, StepKind::Yield));
        }
        let leaf = |(weight, kind)| (weight, plain(kind, &self.times));
        Union::new_weighted(kinds.into_iter().map(leaf).collect())
    }
}

/// A step without a block.
fn plain(kind: StepKind, times: &Times) -> BoxedStrategy<Step> {
    let task = || id().prop_map(TaskId);
    match kind {
        StepKind::Sleep => times.latency().prop_map(Step::Sleep).boxed(),
        StepKind::Busy => times.latency().prop_map(Step::Busy).boxed(),
        StepKind::Log => "[ab]".prop_map(Step::Log).boxed(),
        StepKind::Cancel => task().prop_map(Step::Cancel).boxed(),
        StepKind::Uncancel => Just(Step::Uncancel).boxed(),
        StepKind::Await => (task(), any::<bool>())
            .prop_map(|(task, shield)| Step::Await { task, shield })
            .boxed(),
        StepKind::WaitForTask => (task(), times.limit())
            .prop_map(|(task, after)| Step::WaitForTask { task, after })
            .boxed(),
        StepKind::Reschedule => moved(times),
        StepKind::Check => check(),
        StepKind::Event => event(),
        StepKind::Queue => queue(),
        StepKind::Raise => Just(Step::Raise).boxed(),
        StepKind::Fail => select(vec!["oops", "timeout"])
            .prop_map(|name| Step::Fail(name.to_owned()))
            .boxed(),
        _ => Just(Step::Yield).boxed(),
    }
}

fn moved(times: &Times) -> BoxedStrategy<Step> {
    let scope = || id().prop_map(ScopeId);
    let shift = (times.time(), any::<bool>()).prop_map(|(by, earlier)| {
        let by = by as i64;
        if earlier { -by } else { by }
    });
    prop_oneof![
        3 => (scope(), times.deadline())
            .prop_map(|(scope, deadline)| Step::Reschedule { scope, deadline }),
        1 => (scope(), shift).prop_map(|(scope, by)| Step::Shift { scope, by }),
        1 => (scope(), times.time()).prop_map(|(scope, at)| Step::Update { scope, at }),
        1 => scope().prop_map(Step::Reject),
    ]
    .boxed()
}

fn check() -> BoxedStrategy<Step> {
    let parts = (id(), any::<bool>(), any::<bool>());
    parts
        .prop_map(|(scope, state, when)| Step::Check {
            scope: ScopeId(scope),
            expired: Some(false),
            state: state.then_some(ScopeState::Created),
            when: when.then_some(When::None),
        })
        .boxed()
}

fn event() -> BoxedStrategy<Step> {
    let event = || id().prop_map(EventId);
    prop_oneof![
        2 => event().prop_map(Step::Set),
        1 => event().prop_map(Step::Clear),
        3 => event().prop_map(Step::Wait),
    ]
    .boxed()
}

fn queue() -> BoxedStrategy<Step> {
    let queue = QueueId(0);
    prop_oneof![
        "[xy]".prop_map(move |value| Step::Send { queue, value }),
        Just(Step::Recv(queue)),
    ]
    .boxed()
}

/// A step with a block of steps like `inner`.
fn block(kind: StepKind, times: &Times, inner: &BoxedStrategy<Step>) -> BoxedStrategy<Step> {
    let body = || vec(inner.clone(), 0..=3);
    match kind {
        StepKind::Timeout => (times.deadline(), body())
            .prop_map(|(deadline, body)| Step::Timeout {
                scope: ScopeId(0),
                deadline,
                body,
            })
            .boxed(),
        StepKind::WaitForSteps => (times.limit(), body())
            .prop_map(|(after, body)| Step::WaitForSteps { after, body })
            .boxed(),
        StepKind::Acquire => body()
            .prop_map(|body| Step::Acquire {
                semaphore: SemaphoreId(0),
                body,
            })
            .boxed(),
        _ => attempt(inner),
    }
}

fn attempt(inner: &BoxedStrategy<Step>) -> BoxedStrategy<Step> {
    let body = || vec(inner.clone(), 0..=3);
    let handler = (select(&HandlerKind::ALL[..]), body());
    let handlers = vec(
        handler.prop_map(|(kind, steps)| Handler { kind, steps }),
        0..=2,
    );
    (body(), handlers, proptest::option::of(body()))
        .prop_map(|(body, handlers, finally)| Step::Try {
            body,
            handlers,
            finally,
        })
        .boxed()
}
