//! Every step, declaration and expectation of the language, read into the data it stands for.

use deadheat_scenarios::ast::*;
use deadheat_scenarios::parse;

const S: u64 = 1_000_000_000;

/// The scenario around these steps of task 0; task 1 has the scope "far".
fn scenario(steps: &str) -> Scenario {
    let text = format!("scenario s; task main {{ {steps} }}; task ops {{ timeout far {{}} }}");
    parse("steps.kdl", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn step(text: &str) -> Step {
    let mut steps = scenario(text).tasks.remove(0).steps;
    assert_eq!(steps.len(), 1, "one step");
    steps.remove(0)
}

fn expectation(text: &str) -> Expectation {
    let text = format!("scenario s; task main {{ timeout t {{}} }}; expect {{ {text} }}");
    parse("expect.kdl", &text)
        .unwrap_or_else(|error| panic!("{error}"))
        .expect
        .remove(0)
}

#[test]
fn time_passes_in_three_ways() {
    assert_eq!(step("sleep \"3s\""), Step::Sleep(Latency::Exact(3 * S)));
    let range = Latency::Range {
        low_ns: S,
        high_ns: 5 * S,
    };
    assert_eq!(step("sleep \"1s..5s\""), Step::Sleep(range));
    assert_eq!(step("busy \"1s..5s\""), Step::Busy(range));
    assert_eq!(step("yield"), Step::Yield);
}

#[test]
fn a_timeout_has_a_deadline_or_none() {
    let with = |deadline| Step::Timeout {
        scope: ScopeId(0),
        deadline,
        body: vec![Step::Yield],
    };
    assert_eq!(step("timeout t { yield }"), with(Deadline::None));
    assert_eq!(
        step("timeout t after=\"1s\" { yield }"),
        with(Deadline::After(S))
    );
    assert_eq!(step("timeout t at=\"0s\" { yield }"), with(Deadline::At(0)));
}

#[test]
fn wait_for_takes_steps_or_a_task() {
    let body = vec![Step::Yield];
    assert_eq!(
        step("wait-for { yield }"),
        Step::WaitForSteps {
            after: None,
            body: body.clone()
        }
    );
    assert_eq!(
        step("wait-for after=\"1s\" { yield }"),
        Step::WaitForSteps {
            after: Some(S),
            body
        }
    );
    assert_eq!(
        step("wait-for ops"),
        Step::WaitForTask {
            task: TaskId(1),
            after: None
        }
    );
    assert_eq!(
        step("wait-for ops after=\"0s\""),
        Step::WaitForTask {
            task: TaskId(1),
            after: Some(0)
        }
    );
}

#[test]
fn tasks_are_awaited_and_cancelled() {
    let task = TaskId(1);
    assert_eq!(
        step("await ops"),
        Step::Await {
            task,
            shield: false
        }
    );
    assert_eq!(
        step("await ops shield=#true"),
        Step::Await { task, shield: true }
    );
    assert_eq!(
        step("await ops shield=#false"),
        Step::Await {
            task,
            shield: false
        }
    );
    assert_eq!(step("cancel ops"), Step::Cancel(task));
    assert_eq!(step("cancel main"), Step::Cancel(TaskId(0)));
    assert_eq!(step("uncancel"), Step::Uncancel);
}

#[test]
fn deadlines_move() {
    let scope = ScopeId(0);
    let moved = |deadline| Step::Reschedule { scope, deadline };
    assert_eq!(step("reschedule far"), moved(Deadline::None));
    assert_eq!(
        step("reschedule far after=\"1s\""),
        moved(Deadline::After(S))
    );
    assert_eq!(step("reschedule far at=\"1s\""), moved(Deadline::At(S)));
    assert_eq!(
        step("shift far by=\"1s\""),
        Step::Shift {
            scope,
            by: S as i64
        }
    );
    assert_eq!(
        step("shift far by=\"-1s\""),
        Step::Shift {
            scope,
            by: -(S as i64)
        }
    );
    assert_eq!(step("update far at=\"1s\""), Step::Update { scope, at: S });
    assert_eq!(step("reject far"), Step::Reject(scope));
}

#[test]
fn events_queues_and_semaphores_need_no_declaration() {
    let read = scenario("set e; clear e; wait f; send q \"a b\"; recv q; acquire sem { yield }");
    assert_eq!(read.events, ["e", "f"]);
    assert_eq!(
        read.queues,
        [Queue {
            name: "q".into(),
            capacity: None
        }]
    );
    assert_eq!(
        read.semaphores,
        [Semaphore {
            name: "sem".into(),
            permits: 1
        }]
    );
    assert_eq!(
        read.tasks[0].steps,
        [
            Step::Set(EventId(0)),
            Step::Clear(EventId(0)),
            Step::Wait(EventId(1)),
            Step::Send {
                queue: QueueId(0),
                value: "a b".into()
            },
            Step::Recv(QueueId(0)),
            Step::Acquire {
                semaphore: SemaphoreId(0),
                body: vec![Step::Yield]
            },
        ]
    );
}

#[test]
fn declarations_come_first_wherever_they_stand() {
    let text = "task main { acquire b {}; acquire a {}; send q x }
        semaphore a permits=3; semaphore c; queue q capacity=8; scenario s";
    let read = parse("order.kdl", text).unwrap_or_else(|error| panic!("{error}"));
    let semaphore = |name: &str, permits| Semaphore {
        name: name.into(),
        permits,
    };
    assert_eq!(
        read.semaphores,
        [semaphore("a", 3), semaphore("c", 1), semaphore("b", 1)]
    );
    assert_eq!(
        read.queues,
        [Queue {
            name: "q".into(),
            capacity: Some(8)
        }]
    );
}

#[test]
fn try_catches_raises_and_cleans_up() {
    let read = step(
        "try {
            body { fail boom }
            on cancelled { raise }
            on timeout { try { body { raise }; finally {} } }
            on error { fail timeout }
            finally { log done }
        }",
    );
    let handler = |kind, steps| Handler { kind, steps };
    let nested = Step::Try {
        body: vec![Step::Raise],
        handlers: vec![],
        finally: Some(vec![]),
    };
    assert_eq!(
        read,
        Step::Try {
            body: vec![Step::Fail("boom".into())],
            handlers: vec![
                handler(HandlerKind::Cancelled, vec![Step::Raise]),
                handler(HandlerKind::Timeout, vec![nested]),
                handler(HandlerKind::Error, vec![Step::Fail("timeout".into())]),
            ],
            finally: Some(vec![Step::Log("done".into())]),
        }
    );
}

#[test]
fn a_check_may_say_all_or_nothing() {
    let check = |expired, state, when| Step::Check {
        scope: ScopeId(0),
        expired,
        state,
        when,
    };
    assert_eq!(step("check far"), check(None, None, None));
    assert_eq!(
        step("check far when=#null"),
        check(None, None, Some(When::None))
    );
    assert_eq!(
        step("check far when=\"3s\" state=expiring expired=#true"),
        check(
            Some(true),
            Some(ScopeState::Expiring),
            Some(When::At(3 * S))
        )
    );
    for state in ScopeState::ALL {
        assert_eq!(
            step(&format!("check far state={state}")),
            check(None, Some(state), None)
        );
    }
}

#[test]
fn tasks_are_expected_to_end() {
    let task = TaskId(0);
    let ends = |end| Expectation::Task {
        task,
        ends: Some(end),
        at: None,
    };
    assert_eq!(expectation("task main ends=returned"), ends(End::Returned));
    assert_eq!(
        expectation("task main ends=cancelled"),
        ends(End::Cancelled)
    );
    assert_eq!(expectation("task main ends=timeout"), ends(End::Timeout));
    assert_eq!(expectation("task main ends=pending"), ends(End::Pending));
    assert_eq!(
        expectation("task main ends=error:a:b"),
        ends(End::Error("a:b".into()))
    );
    let at = Expectation::Task {
        task,
        ends: None,
        at: Some(S),
    };
    assert_eq!(expectation("task main at=\"1s\""), at);
}

#[test]
fn scopes_logs_and_verdicts_are_expected() {
    let scope = Expectation::Scope {
        scope: ScopeId(0),
        expired: Some(false),
        state: Some(ScopeState::Finished),
        when: Some(When::None),
    };
    assert_eq!(
        expectation("scope t expired=#false state=finished when=#null"),
        scope
    );
    let log = |count| Expectation::Log {
        text: "a".into(),
        count,
    };
    assert_eq!(expectation("log a"), log(None));
    assert_eq!(expectation("log a count=0"), log(Some(0)));
    assert_eq!(expectation("never a"), Expectation::Never("a".into()));
    for verdict in Verdict::ALL {
        assert_eq!(
            expectation(&format!("verdict {verdict}")),
            Expectation::Verdict(verdict)
        );
    }
}

#[test]
fn several_expects_are_one() {
    let text = "expect { never a }; scenario s; task main {}; expect { never b }";
    let read = parse("expect.kdl", text).unwrap_or_else(|error| panic!("{error}"));
    let never = |text: &str| Expectation::Never(text.into());
    assert_eq!(read.expect, [never("a"), never("b")]);
}

#[test]
fn comments_and_left_out_parts_mean_nothing() {
    let noisy = "\u{feff}/- kdl-version 2
        scenario s // the name
        /* a banner ***************** /* and one inside */ */
        task main {
            yield /-1 /-{ sleep \"1s\" }
            /- timeout t { nonsense /- { more } }
            sleep \\ // continued
                \"1s\"; log #\"raw \\n\"#
            log \"\"\"
                two
                lines
                \"\"\"
        }";
    let plain = "scenario s; task main {
        yield; sleep \"1s\"; log \"raw \\\\n\"; log \"two\\nlines\" }";
    assert_eq!(
        parse("a", noisy).map_err(|e| e.to_string()),
        parse("b", plain).map_err(|e| e.to_string())
    );
}

#[test]
fn the_example_of_the_documentation_reads() {
    let text = include_str!("parse_example.kdl");
    let read = parse("parse_example.kdl", text).unwrap_or_else(|error| panic!("{error}"));
    insta::assert_debug_snapshot!(read);
    insta::assert_snapshot!(read.to_string());
}
