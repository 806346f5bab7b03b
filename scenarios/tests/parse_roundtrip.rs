//! What is printed is read back as the same scenario, and printed again as the same text.
//!
//! The strategy makes steps that speak of anything by any number; `Settle` then makes a scenario of them
//! that a file could hold: each scope once, events numbered by first use, no task that awaits itself.

use deadheat_scenarios::ast::*;
use deadheat_scenarios::parse;
use proptest::prelude::*;

const NASTY: [&str; 22] = [
    "", " ", "\"", "\\", "\n", "\r\n", "\t", "\0", "\u{7f}", "\u{85}", "\u{2028}", "\u{202e}",
    "\u{feff}", "😀", "e\u{301}", "true", "1s", "\"\"\"", "#\"", "*/ // /-", "\\u{0}", "};{",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(&NASTY[..]).prop_map(str::to_owned),
        1 => prop::collection::vec(prop::sample::select(&NASTY[..]), 0..6).prop_map(|v| v.concat()),
        2 => "[a-z ]{1,8}",
        1 => any::<String>(),
    ]
}

fn ns() -> impl Strategy<Value = u64> {
    let round = (
        0..100_u64,
        prop::sample::select(vec![1, 1_000_000, 1_000_000_000]),
    );
    prop_oneof![round.prop_map(|(a, b)| a * b), 0..=i64::MAX as u64]
}

fn latency() -> impl Strategy<Value = Latency> {
    let range = |(a, b): (u64, u64)| Latency::Range {
        low_ns: a.min(b),
        high_ns: a.max(b),
    };
    prop_oneof![ns().prop_map(Latency::Exact), (ns(), ns()).prop_map(range)]
}

fn deadline() -> impl Strategy<Value = Deadline> {
    prop_oneof![
        Just(Deadline::None),
        ns().prop_map(Deadline::After),
        ns().prop_map(Deadline::At)
    ]
}

type Facts = (Option<bool>, Option<ScopeState>, Option<When>);

fn facts() -> impl Strategy<Value = Facts> {
    let state = prop::sample::select(&ScopeState::ALL[..]);
    let when = prop_oneof![Just(When::None), ns().prop_map(When::At)];
    (
        any::<Option<bool>>(),
        prop::option::of(state),
        prop::option::of(when),
    )
}

fn id() -> impl Strategy<Value = usize> {
    0..1_000_usize
}

fn leaf() -> impl Strategy<Value = Step> {
    let scope = || id().prop_map(ScopeId);
    let task = || id().prop_map(TaskId);
    let event = || id().prop_map(EventId);
    prop_oneof![
        latency().prop_map(Step::Sleep),
        Just(Step::Yield),
        latency().prop_map(Step::Busy),
        text().prop_map(Step::Log),
        (task(), prop::option::of(ns()))
            .prop_map(|(task, after)| Step::WaitForTask { task, after }),
        (task(), any::<bool>()).prop_map(|(task, shield)| Step::Await { task, shield }),
        task().prop_map(Step::Cancel),
        Just(Step::Uncancel),
        (scope(), deadline()).prop_map(|(scope, deadline)| Step::Reschedule { scope, deadline }),
        (scope(), any::<i64>()).prop_map(|(scope, by)| Step::Shift { scope, by }),
        (scope(), ns()).prop_map(|(scope, at)| Step::Update { scope, at }),
        scope().prop_map(Step::Reject),
        event().prop_map(Step::Set),
        event().prop_map(Step::Clear),
        event().prop_map(Step::Wait),
        (id(), text()).prop_map(|(queue, value)| Step::Send {
            queue: QueueId(queue),
            value
        }),
        id().prop_map(|queue| Step::Recv(QueueId(queue))),
        Just(Step::Raise),
        text().prop_map(Step::Fail),
        (scope(), facts()).prop_map(|(scope, (expired, state, when))| Step::Check {
            scope,
            expired,
            state,
            when
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (deadline(), body()).prop_map(|(deadline, body)| Step::Timeout {
                scope: ScopeId(0),
                deadline,
                body
            }),
            (prop::option::of(ns()), body())
                .prop_map(|(after, body)| Step::WaitForSteps { after, body }),
            (id(), body()).prop_map(|(semaphore, body)| Step::Acquire {
                semaphore: SemaphoreId(semaphore),
                body
            }),
            (body(), handlers(body()), body(), any::<bool>()).prop_map(
                |(body, handlers, last, has_last)| {
                    let finally = (has_last || handlers.is_empty()).then_some(last);
                    Step::Try {
                        body,
                        handlers,
                        finally,
                    }
                }
            ),
        ]
    })
}

fn handlers(body: impl Strategy<Value = Vec<Step>>) -> impl Strategy<Value = Vec<Handler>> {
    let kinds = Just(HandlerKind::ALL.to_vec()).prop_shuffle();
    (kinds, prop::collection::vec(body, 0..=3)).prop_map(|(kinds, bodies)| {
        kinds
            .into_iter()
            .zip(bodies)
            .map(|(kind, steps)| Handler { kind, steps })
            .collect()
    })
}

fn expectation() -> impl Strategy<Value = Expectation> {
    let end = prop_oneof![
        Just(End::Returned),
        Just(End::Cancelled),
        Just(End::Timeout),
        Just(End::Pending),
        text().prop_map(End::Error)
    ];
    prop_oneof![
        (id(), end, prop::option::of(ns())).prop_map(|(task, end, at)| Expectation::Task {
            task: TaskId(task),
            ends: Some(end),
            at
        }),
        (id(), any::<bool>(), facts()).prop_map(|(scope, expired, (_, state, when))| {
            Expectation::Scope {
                scope: ScopeId(scope),
                expired: Some(expired),
                state,
                when,
            }
        }),
        (text(), any::<Option<u32>>()).prop_map(|(text, count)| Expectation::Log { text, count }),
        text().prop_map(Expectation::Never),
        prop::sample::select(&Verdict::ALL[..]).prop_map(Expectation::Verdict),
    ]
}

/// Names that differ, so that the last of them can be taken away.
fn names(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(text(), 1..=most)
        .prop_map(|names| names.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let bodies = prop::collection::vec(prop::collection::vec(step(), 0..5), 3);
    let expect = prop::collection::vec(expectation(), 0..4);
    let counts = prop::collection::vec((1..=u32::MAX, prop::option::of(1..=u32::MAX)), 3);
    let named = (text(), names(3), names(3), names(3), names(8));
    (named, bodies, expect, counts).prop_map(|(named, bodies, expect, counts)| {
        let (name, task_names, semaphores, queues, events) = named;
        let tasks = task_names.into_iter().zip(bodies);
        let mut scenario = Scenario {
            name,
            semaphores: (semaphores.into_iter().zip(&counts))
                .map(|(name, (permits, _))| Semaphore {
                    name,
                    permits: *permits,
                })
                .collect(),
            queues: (queues.into_iter().zip(&counts))
                .map(|(name, (_, capacity))| Queue {
                    name,
                    capacity: *capacity,
                })
                .collect(),
            events,
            scopes: Vec::new(),
            tasks: tasks.map(|(name, steps)| Task { name, steps }).collect(),
            expect,
            places: Places::default(),
        };
        settle(&mut scenario);
        scenario
    })
}

/// Turns any numbers into those that a file would give.
struct Settle {
    task: usize,
    tasks: usize,
    scopes: usize,
    seen_scopes: usize,
    semaphores: usize,
    queues: usize,
    events: usize,
    seen_events: Vec<usize>,
    handlers: usize,
}

fn settle(scenario: &mut Scenario) {
    let scopes = scenario
        .tasks
        .iter()
        .map(|task| count_scopes(&task.steps))
        .sum();
    let mut settle = Settle {
        task: 0,
        tasks: scenario.tasks.len(),
        scopes,
        seen_scopes: 0,
        semaphores: scenario.semaphores.len(),
        queues: scenario.queues.len(),
        events: scenario.events.len(),
        seen_events: Vec::new(),
        handlers: 0,
    };
    for (index, task) in scenario.tasks.iter_mut().enumerate() {
        settle.task = index;
        settle.steps(&mut task.steps);
    }
    scenario
        .expect
        .retain_mut(|expectation| settle.expectation(expectation));
    scenario.scopes = (0..scopes)
        .map(|n| format!("{n}{}", NASTY[n % NASTY.len()]))
        .collect();
    scenario.events = settle
        .seen_events
        .iter()
        .map(|n| scenario.events[*n].clone())
        .collect();
}

fn count_scopes(steps: &[Step]) -> usize {
    let one = |step: &Step| match step {
        Step::Timeout { body, .. } => 1 + count_scopes(body),
        Step::WaitForSteps { body, .. } | Step::Acquire { body, .. } => count_scopes(body),
        Step::Try {
            body,
            handlers,
            finally,
        } => {
            let handlers = handlers.iter().map(|handler| count_scopes(&handler.steps));
            count_scopes(body)
                + handlers.sum::<usize>()
                + finally.as_deref().map_or(0, count_scopes)
        }
        _ => 0,
    };
    steps.iter().map(one).sum()
}

impl Settle {
    fn steps(&mut self, steps: &mut [Step]) {
        steps.iter_mut().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &mut Step) {
        match step {
            Step::Timeout { scope, body, .. } => {
                *scope = ScopeId(self.seen_scopes);
                self.seen_scopes += 1;
                self.steps(body);
            }
            Step::WaitForSteps { body, .. } => self.steps(body),
            Step::Acquire { semaphore, body } => {
                semaphore.0 %= self.semaphores;
                self.steps(body);
            }
            Step::Try {
                body,
                handlers,
                finally,
            } => {
                self.steps(body);
                for handler in handlers {
                    self.handlers += 1;
                    self.steps(&mut handler.steps);
                    self.handlers -= 1;
                }
                finally.iter_mut().for_each(|steps| self.steps(steps));
            }
            Step::WaitForTask { task, .. } | Step::Await { task, .. } => {
                task.0 %= self.tasks;
                if task.0 == self.task {
                    *step = Step::Cancel(*task);
                }
            }
            Step::Cancel(task) => task.0 %= self.tasks,
            Step::Raise if self.handlers == 0 => *step = Step::Yield,
            Step::Reschedule { scope, .. }
            | Step::Shift { scope, .. }
            | Step::Update { scope, .. }
            | Step::Reject(scope)
            | Step::Check { scope, .. } => match scope.0.checked_rem(self.scopes) {
                Some(known) => scope.0 = known,
                None => *step = Step::Yield,
            },
            Step::Set(event) | Step::Clear(event) | Step::Wait(event) => self.event(event),
            Step::Send { queue, .. } | Step::Recv(queue) => queue.0 %= self.queues,
            _ => {}
        }
    }

    fn event(&mut self, event: &mut EventId) {
        let raw = event.0 % self.events;
        let known = self.seen_events.iter().position(|seen| *seen == raw);
        event.0 = known.unwrap_or_else(|| {
            self.seen_events.push(raw);
            self.seen_events.len() - 1
        });
    }

    /// Whether the expectation speaks of something that there is.
    fn expectation(&self, expectation: &mut Expectation) -> bool {
        match expectation {
            Expectation::Task { task, .. } => task.0 %= self.tasks,
            Expectation::Scope { scope, .. } => match scope.0.checked_rem(self.scopes) {
                Some(known) => scope.0 = known,
                None => return false,
            },
            _ => {}
        }
        true
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(scenario in scenario()) {
        let printed = scenario.to_string();
        let read = parse("printed.kdl", &printed);
        prop_assert_eq!(read.map_err(|error| format!("{error}\n{printed}")), Ok(scenario));
    }

    #[test]
    fn no_text_makes_the_parser_panic(words in any::<String>(), head in any::<bool>()) {
        let text = if head { format!("scenario s; task main {{ {words} }}") } else { words };
        let _ = parse("any.kdl", &text);
    }
}

/// A scenario built by hand may hold an index that points nowhere; that is for the reader to refuse.
#[test]
fn an_index_that_points_nowhere_is_printed_as_its_number() {
    let steps = vec![
        Step::Cancel(TaskId(7)),
        Step::Set(EventId(7)),
        Step::Recv(QueueId(7)),
    ];
    let scenario = Scenario {
        name: "loose ends".to_owned(),
        semaphores: Vec::new(),
        queues: Vec::new(),
        events: Vec::new(),
        scopes: Vec::new(),
        tasks: vec![Task {
            name: "main".to_owned(),
            steps,
        }],
        expect: Vec::new(),
        places: Places::default(),
    };
    let printed = scenario.to_string();
    assert!(
        printed.contains("cancel \"#7\"\n    set \"#7\"\n    recv \"#7\""),
        "{printed}"
    );
    let error = parse("loose.kdl", &printed).unwrap_err().to_string();
    assert_eq!(error, "loose.kdl:3:12: unknown task \"#7\"");
}
