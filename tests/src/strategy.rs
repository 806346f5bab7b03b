//! Random scenarios for property tests, with an eye for coincidences.
//!
//! 1. Every scenario is valid: printed and read it is the same one.
//! 2. Every scenario ends or gets stuck within a few hundred steps, and every check in it holds in
//!    every order, so a run that fails has found a bug.
//! 3. A smaller draw is a duller scenario: fewer and shorter tasks, `yield` before `sleep` before the
//!    rest, whole seconds before anything near them.
//!
//! The steps are drawn with any numbers for names; [`settle`] then makes them point at something.

use std::fmt;

use deadheat_scenarios::ScenarioProgram;
use deadheat_scenarios::ast::*;
use deadheat_scenarios::fuzzing::settle;
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::RngSeed;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// A scenario that shows itself as a file when a test fails.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn(pub Scenario);

impl Drawn {
    /// Ready to be run.
    pub fn program(&self) -> ScenarioProgram {
        ScenarioProgram::new(self.0.clone())
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

/// How many cases a property is tried with: always the same ones, unless `PROPTEST_RNG_SEED` says
/// otherwise; `PROPTEST_CASES` is how many in place of 256, and scales `cases` with it.
pub fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    let scale = |asked: u32| u64::from(asked) * u64::from(cases) / 256;
    config.cases = u32::try_from(scale(config.cases).max(1)).unwrap_or(u32::MAX);
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config.failure_persistence = None;
    config
}

/// One to four tasks, every kind of step, blocks up to four deep.
pub fn scenario() -> impl Strategy<Value = Drawn> {
    of_tasks(4, 6, 4)
}

/// One to three tasks of a few steps, whose every order can be tried.
pub fn small_scenario() -> impl Strategy<Value = Drawn> {
    of_tasks(3, 3, 2)
}

fn of_tasks(tasks: usize, steps: usize, depth: u32) -> impl Strategy<Value = Drawn> {
    let bodies = prop::collection::vec(prop::collection::vec(step(depth), 0..=steps), 1..=tasks);
    let permits = prop_oneof![3 => Just(1_u32), 1 => 2..=3_u32];
    (bodies, permits, prop::option::of(1..=2_u32)).prop_map(|(bodies, permits, capacity)| {
        let tasks = ["main", "ops", "work", "side"].iter().zip(bodies);
        let mut scenario = Scenario {
            name: "drawn".to_owned(),
            semaphores: vec![Semaphore {
                name: "pool".to_owned(),
                permits,
            }],
            queues: vec![Queue {
                name: "jobs".to_owned(),
                capacity,
            }],
            events: Vec::new(),
            scopes: Vec::new(),
            tasks: tasks
                .map(|(name, steps)| Task {
                    name: (*name).to_owned(),
                    steps,
                })
                .collect(),
            expect: vec![Expectation::Never("what nobody logs".to_owned())],
        };
        settle(&mut scenario);
        Drawn(scenario)
    })
}

/// Few times, so that many meet; and some that meet nearly.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        12 => (0..=4_u64).prop_map(|n| n * SECOND),
        4 => (1..=3_u64).prop_map(|n| n * MS),
        2 => (1..=2_u64, 0..=2_u64).prop_map(|(s, ms)| s * SECOND + (ms + 1) * MS - 2 * MS),
        1 => (1..=3_u64).prop_map(|n| n * SECOND - 1),
        1 => (0..=2_u64).prop_map(|n| n * SECOND + 1),
    ]
}

fn latency() -> impl Strategy<Value = Latency> {
    let range = |(a, b): (u64, u64)| Latency::Range {
        low_ns: a.min(b),
        high_ns: a.max(b),
    };
    prop_oneof![
        3 => time().prop_map(Latency::Exact),
        1 => (time(), time()).prop_map(range),
    ]
}

fn deadline() -> impl Strategy<Value = Deadline> {
    prop_oneof![
        5 => time().prop_map(Deadline::After),
        2 => time().prop_map(Deadline::At),
        1 => Just(Deadline::None),
    ]
}

fn limit() -> impl Strategy<Value = Option<u64>> {
    prop::option::weighted(0.8, time())
}

/// Any number; [`settle`] makes it one of those that there are.
fn id() -> impl Strategy<Value = usize> {
    0..24_usize
}

fn step(depth: u32) -> impl Strategy<Value = Step> {
    leaf().prop_recursive(depth, 16, 3, |inner| {
        let inner = prop_oneof![2 => leaf(), 1 => inner];
        prop_oneof![5 => leaf(), 6 => block(inner)]
    })
}

fn leaf() -> Union<BoxedStrategy<Step>> {
    Union::new_weighted(vec![
        (2, Just(Step::Yield).boxed()),
        (6, latency().prop_map(Step::Sleep).boxed()),
        (1, latency().prop_map(Step::Busy).boxed()),
        (1, "[ab]".prop_map(Step::Log).boxed()),
        (6, about_tasks()),
        (3, about_scopes()),
        (5, about_what_is_shared()),
        (2, about_errors()),
    ])
}

fn about_tasks() -> BoxedStrategy<Step> {
    let task = || id().prop_map(TaskId);
    prop_oneof![
        4 => task().prop_map(Step::Cancel),
        1 => Just(Step::Uncancel),
        2 => (task(), any::<bool>()).prop_map(|(task, shield)| Step::Await { task, shield }),
        2 => (task(), limit()).prop_map(|(task, after)| Step::WaitForTask { task, after }),
    ]
    .boxed()
}

fn about_scopes() -> BoxedStrategy<Step> {
    let scope = || id().prop_map(ScopeId);
    let shift = (time(), any::<bool>()).prop_map(|(by, earlier)| {
        let by = by as i64;
        if earlier { -by } else { by }
    });
    prop_oneof![
        3 => (scope(), deadline()).prop_map(|(scope, deadline)| Step::Reschedule { scope, deadline }),
        1 => (scope(), shift).prop_map(|(scope, by)| Step::Shift { scope, by }),
        1 => (scope(), time()).prop_map(|(scope, at)| Step::Update { scope, at }),
        1 => scope().prop_map(Step::Reject),
        2 => (scope(), any::<bool>(), any::<bool>()).prop_map(|(scope, state, when)| Step::Check {
            scope,
            expired: Some(false),
            state: state.then_some(ScopeState::Created),
            when: when.then_some(When::None),
        }),
    ]
    .boxed()
}

fn about_what_is_shared() -> BoxedStrategy<Step> {
    let event = || id().prop_map(EventId);
    let queue = QueueId(0);
    prop_oneof![
        2 => event().prop_map(Step::Set),
        1 => event().prop_map(Step::Clear),
        3 => event().prop_map(Step::Wait),
        2 => "[xy]".prop_map(move |value| Step::Send { queue, value }),
        2 => Just(Step::Recv(queue)),
    ]
    .boxed()
}

fn about_errors() -> BoxedStrategy<Step> {
    prop_oneof![
        2 => Just(Step::Raise),
        1 => prop::sample::select(vec!["oops", "timeout"]).prop_map(|name| Step::Fail(name.to_owned())),
    ]
    .boxed()
}

fn block(inner: impl Strategy<Value = Step> + Clone + 'static) -> BoxedStrategy<Step> {
    let body = || prop::collection::vec(inner.clone(), 0..=3);
    let handlers =
        prop::collection::vec((prop::sample::select(&HandlerKind::ALL[..]), body()), 0..=2)
            .prop_map(|handlers| {
                let handlers = handlers.into_iter();
                handlers
                    .map(|(kind, steps)| Handler { kind, steps })
                    .collect()
            });
    prop_oneof![
        4 => (deadline(), body()).prop_map(|(deadline, body)| Step::Timeout {
            scope: ScopeId(0),
            deadline,
            body,
        }),
        2 => (body(), handlers, prop::option::of(body())).prop_map(|(body, handlers, finally)| {
            Step::Try { body, handlers, finally }
        }),
        1 => (limit(), body()).prop_map(|(after, body)| Step::WaitForSteps { after, body }),
        2 => body().prop_map(|body| Step::Acquire {
            semaphore: SemaphoreId(0),
            body,
        }),
    ]
    .boxed()
}
