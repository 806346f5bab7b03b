//! Holds an outcome against what the file expects.

use deadheat::{Verdict, always};

use crate::ast::{self, Expectation, Scenario};
use crate::outcome::{Outcome, instant};

/// Reports each expectation that does not hold, as a violation of the present run.
pub(crate) fn judge(scenario: &Scenario, outcome: &Outcome, verdict: Verdict) {
    for expectation in &scenario.expect {
        match expectation {
            Expectation::Task { task, ends, at } => {
                let found = &outcome.tasks[task.0];
                let name = &found.name;
                if let Some(ends) = ends.as_ref().map(ToString::to_string) {
                    let end = &found.end;
                    always(*end == ends, || {
                        format!("expected task {name} to end {ends}, it is {end}")
                    });
                }
                if let Some(at) = at.map(instant) {
                    let found = found.at_ns;
                    always(found == Some(at.as_nanos()), || {
                        let found = found.map_or_else(
                            || "has not ended".to_owned(),
                            |nanos| format!("ended at {}", deadheat::Instant::from_nanos(nanos)),
                        );
                        format!("expected task {name} to end at {at}, it {found}")
                    });
                }
            }
            Expectation::Scope {
                scope,
                expired,
                state,
                when,
            } => {
                let name = &scenario.scopes[scope.0];
                match outcome.scopes.iter().find(|found| found.name == *name) {
                    None => always(false, || {
                        format!("expected scope {name}, it was never entered")
                    }),
                    Some(found) => {
                        for mismatch in found.mismatches(*expired, *state, *when) {
                            always(false, || {
                                format!("expected otherwise of scope {name}: {mismatch}")
                            });
                        }
                    }
                }
            }
            Expectation::Log { text, count } => {
                let found = logged(outcome, text);
                match count {
                    Some(count) => always(found == *count as usize, || {
                        format!("expected log {text:?} {count} times, found it {found} times")
                    }),
                    None => always(found > 0, || {
                        format!("expected log {text:?}, it never came")
                    }),
                }
            }
            Expectation::Never(text) => {
                let found = logged(outcome, text);
                always(found == 0, || {
                    format!("expected log {text:?} never, found it {found} times")
                });
            }
            Expectation::Verdict(expected) => expect_verdict(*expected, verdict),
        }
    }
}

fn logged(outcome: &Outcome, text: &str) -> usize {
    outcome.log.iter().filter(|line| line.text == text).count()
}

/// An expected `failed` is judged by the program itself, once every check has spoken.
fn expect_verdict(expected: ast::Verdict, found: Verdict) {
    let holds = matches!(
        (expected, found),
        (ast::Verdict::Done, Verdict::Done)
            | (ast::Verdict::Stuck, Verdict::Stuck)
            | (ast::Verdict::Limit, Verdict::Limit(_))
            | (ast::Verdict::Failed, _)
    );
    always(holds, || {
        format!("expected verdict {expected}, it is {found}")
    });
}
