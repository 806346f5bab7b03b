//! The knobs of random programs, and how small a program becomes that shows a bug in a scope.

use std::time::Duration;

use deadheat::record::{CancelledBy, EventKind, TaskOutcome};
use deadheat::search::Single;
use deadheat::{Config, Trace};
use deadheat_scenarios::ScenarioProgram;
use deadheat_scenarios::ast::{Handler, HandlerKind, Scenario, Step};
use deadheat_scenarios::strategy::{Drawn, Programs, StepKind};
use deadheat_tests::strategy::cases;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

fn drawn(programs: &Programs, count: usize) -> Vec<Drawn> {
    let mut runner = TestRunner::new(cases(256));
    let strategy = programs.strategy();
    let mut draw = || strategy.new_tree(&mut runner).expect("a program").current();
    (0..count).map(|_| draw()).collect()
}

/// The words with which the steps of some programs begin.
fn words(programs: &Programs) -> String {
    let text: String = drawn(programs, 200)
        .iter()
        .map(|drawn| drawn.0.to_string())
        .collect();
    let lines = text
        .lines()
        .map(|line| line.trim().split(' ').next().unwrap_or_default());
    let known = [
        "scenario",
        "semaphore",
        "queue",
        "expect",
        "never",
        "task",
        "}",
        "",
    ];
    let mut words: Vec<&str> = lines.filter(|word| !known.contains(word)).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

#[test]
fn only_the_steps_that_are_asked_for_are_drawn() {
    let kinds = [StepKind::Sleep, StepKind::Timeout, StepKind::Cancel];
    assert_eq!(words(&Programs::new().only(kinds)), "cancel sleep timeout");
    assert_eq!(words(&Programs::new().only([])), "yield");
    assert_eq!(words(&Programs::new().only(kinds).depth(0)), "cancel sleep");
    let rare = Programs::new().only(kinds).weight(StepKind::Cancel, 0);
    assert_eq!(words(&rare), "sleep timeout");
}

#[test]
fn tasks_and_steps_are_as_many_as_asked_for() {
    let programs = Programs::new().tasks(5..=6).steps(2).depth(0);
    for Drawn(scenario) in drawn(&programs, 100) {
        assert!((5..=6).contains(&scenario.tasks.len()), "{scenario}");
        assert!(
            scenario.tasks.iter().all(|task| task.steps.len() <= 2),
            "{scenario}"
        );
    }
    let names = &drawn(&programs, 1)[0].0.tasks;
    assert_eq!(names[4].name, "task5");
}

#[test]
fn times_are_those_that_are_asked_for_and_what_is_near() {
    let sleeps = Programs::new().only([StepKind::Sleep]);
    let text = |programs: &Programs| -> String {
        drawn(programs, 100)
            .iter()
            .map(|drawn| drawn.0.to_string())
            .collect()
    };
    let exact = text(&sleeps.clone().times([Duration::from_secs(2)]).near([]));
    assert!(exact.contains("2s"), "{exact}");
    assert!(!exact.contains("ms") && !exact.contains("1s"), "{exact}");
    let near = text(
        &sleeps
            .times([Duration::from_secs(2)])
            .near([Duration::from_nanos(1)]),
    );
    assert!(
        near.contains("1999999999ns") && near.contains("2000000001ns"),
        "{near}"
    );
}

#[test]
fn a_crowd_is_many_tasks_at_few_instants_with_blocks_in_blocks() {
    let mut deepest = 0;
    for Drawn(scenario) in drawn(&Programs::crowd(), 200) {
        assert!((5..=10).contains(&scenario.tasks.len()), "{scenario}");
        let text = scenario.to_string();
        assert!(!text.contains("ns\"") && !text.contains("ms\""), "{text}");
        let indents = text
            .lines()
            .map(|line| line.len() - line.trim_start().len());
        deepest = deepest.max(indents.max().unwrap_or_default() / 4);
    }
    assert!(deepest >= 6, "at most {deepest} deep");
}

/// The planted bug: a scope keeps a cancel request to itself, whoever made it.
fn swallowing(scenario: &Scenario) -> Scenario {
    fn swallow(steps: &mut [Step]) {
        for step in steps {
            let Step::Timeout { body, .. } = step else {
                continue;
            };
            swallow(body);
            let scope = std::mem::replace(step, Step::Yield);
            *step = Step::Try {
                body: vec![scope],
                handlers: vec![Handler {
                    kind: HandlerKind::Cancelled,
                    steps: Vec::new(),
                }],
                finally: None,
            };
        }
    }
    let mut scenario = scenario.clone();
    scenario
        .tasks
        .iter_mut()
        .for_each(|task| swallow(&mut task.steps));
    scenario
}

/// T7: a task that another one asked to cancel ends cancelled.
fn outside_cancels_count(trace: &Trace) -> bool {
    let asked = trace
        .events
        .iter()
        .filter(|event| matches!(event.what, EventKind::Cancel(CancelledBy::Task(_))));
    asked.map(|asked| &asked.task).all(|task| {
        let mut events = trace.events.iter();
        events.any(|event| {
            event.task == *task && event.what == EventKind::End(TaskOutcome::Cancelled)
        })
    })
}

fn holds(scenario: Scenario) -> bool {
    let program = ScenarioProgram::new(scenario);
    let (run, _) = Single::of(&program, &Config::new().trace(true)).fifo();
    outside_cancels_count(run.trace())
}

fn programs() -> Programs {
    Programs::new().only([
        StepKind::Sleep,
        StepKind::Log,
        StepKind::Cancel,
        StepKind::Timeout,
    ])
}

fn count(steps: &[Step]) -> usize {
    let inner = |step: &Step| match step {
        Step::Timeout { body, .. } => count(body),
        _ => 0,
    };
    steps.iter().map(|step| 1 + inner(step)).sum()
}

#[test]
fn a_bug_in_a_scope_shrinks_to_a_handful_of_steps() {
    let mut runner = TestRunner::new(cases(512));
    let found = runner.run(&programs().strategy(), |drawn| {
        prop_assert!(holds(swallowing(&drawn.0)));
        Ok(())
    });
    let Err(TestError::Fail(_, Drawn(least))) = found else {
        panic!("a planted bug: {found:?}");
    };
    let steps: usize = least.tasks.iter().map(|task| count(&task.steps)).sum();
    assert!(steps <= 4, "{least}");
    assert!(holds(least), "without the bug it holds");
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn without_the_bug_every_program_holds(drawn in programs().strategy()) {
        prop_assert!(holds(drawn.0));
    }
}
