//! Holds an outcome against what the file expects.

use deadheat::invariant::Check;
use deadheat::program::violate_at;
use deadheat::{Instant, Verdict, now};

use crate::ast::{self, Expectation, Scenario};
use crate::interpret::stage::Stage;
use crate::outcome::{Outcome, instant};

/// Reports each expectation that does not hold, as a violation of the present run at the moment at
/// which that could be seen.
pub(crate) fn judge(stage: &Stage, outcome: &Outcome, verdict: Verdict) {
    let scenario = &stage.scenario;
    for (index, expectation) in scenario.expect.iter().enumerate() {
        stage.reaches(|stage| stage.scenario.places.expect.get(index).copied());
        for Broken { at, text } in broken(scenario, expectation, outcome, verdict) {
            violate_at(Check::Stated, at.unwrap_or_else(now), text);
        }
    }
}

/// An expectation that does not hold.
struct Broken {
    /// When that could be seen; none: at the end.
    at: Option<Instant>,
    text: String,
}

impl Broken {
    fn at_end(text: String) -> Self {
        Broken { at: None, text }
    }
}

fn broken(
    scenario: &Scenario,
    expectation: &Expectation,
    outcome: &Outcome,
    verdict: Verdict,
) -> Vec<Broken> {
    match expectation {
        Expectation::Task { task, ends, at } => {
            task_ends(outcome, task.0, ends.as_ref(), at.map(instant))
        }
        Expectation::Scope {
            scope,
            expired,
            state,
            when,
        } => {
            let name = &scenario.scopes[scope.0];
            let Some(found) = outcome.scopes.iter().find(|found| found.name == *name) else {
                let text = format!("expected scope {name} to be entered, it never was");
                return vec![Broken::at_end(text)];
            };
            let mismatches = found.mismatches(*expired, *state, *when).into_iter();
            mismatches
                .map(|text| Broken::at_end(format!("expected scope {name} {text}")))
                .collect()
        }
        Expectation::Log { text, count } => logged(outcome, text, *count),
        Expectation::Never(text) => logged(outcome, text, Some(0)),
        Expectation::Verdict(expected) => verdict_is(*expected, verdict),
    }
}

fn task_ends(
    outcome: &Outcome,
    task: usize,
    ends: Option<&ast::End>,
    at: Option<Instant>,
) -> Vec<Broken> {
    let found = &outcome.tasks[task];
    let (name, end) = (&found.name, &found.end);
    let ended_at = found.at_ns.map(Instant::from_nanos);
    let mut broken = Vec::new();
    if let Some(ends) = ends.filter(|ends| ends.to_string() != *end) {
        let text = format!("task {name} should {}; it {}", should(ends), did(end));
        broken.push(Broken { at: ended_at, text });
    }
    if let Some(at) = at.filter(|at| ended_at != Some(*at)) {
        let found =
            ended_at.map_or_else(|| "has not ended".to_owned(), |at| format!("ended at {at}"));
        let text = format!("task {name} should have ended at {at}; it {found}");
        broken.push(Broken { at: ended_at, text });
    }
    broken
}

/// What a task should have done.
fn should(ends: &ast::End) -> String {
    match ends {
        ast::End::Returned => "have returned".to_owned(),
        ast::End::Cancelled => "have been cancelled".to_owned(),
        ast::End::Timeout => "have ended in a timeout".to_owned(),
        ast::End::Error(name) => format!("have ended in the error {name}"),
        ast::End::Pending => "not have ended".to_owned(),
    }
}

/// What it did, by the word for its end.
fn did(end: &str) -> String {
    match end {
        "returned" => "returned".to_owned(),
        "cancelled" => "was cancelled".to_owned(),
        "timeout" => "ended in a timeout".to_owned(),
        "pending" => "has not ended".to_owned(),
        end => match end.strip_prefix("error:") {
            Some(name) => format!("ended in the error {name}"),
            None => format!("ended as {end}"),
        },
    }
}

/// A text that was logged too often is seen at the first time too many.
fn logged(outcome: &Outcome, text: &str, count: Option<u32>) -> Vec<Broken> {
    let times: Vec<i64> = outcome
        .log
        .iter()
        .filter(|line| line.text == text)
        .map(|line| line.at_ns)
        .collect();
    let found = times.len();
    let told = match count {
        None if found == 0 => format!("expected log {text:?}, it was never said"),
        Some(0) if found > 0 => format!("expected log {text:?} never, found it {}", often(found)),
        Some(count) if found != count as usize => {
            let count = often(count as usize);
            format!("expected log {text:?} {count}, found it {}", often(found))
        }
        _ => return Vec::new(),
    };
    let too_many = count.and_then(|count| times.get(count as usize));
    let at = too_many.map(|nanos| Instant::from_nanos(*nanos));
    vec![Broken { at, text: told }]
}

fn often(times: usize) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        times => format!("{times} times"),
    }
}

/// An expected `failed` is judged by the program itself, once every check has spoken.
fn verdict_is(expected: ast::Verdict, found: Verdict) -> Vec<Broken> {
    let holds = matches!(
        (expected, found),
        (ast::Verdict::Done, Verdict::Done)
            | (ast::Verdict::Stuck, Verdict::Stuck)
            | (ast::Verdict::Limit, Verdict::Limit(_))
            | (ast::Verdict::Failed, _)
    );
    if holds {
        return Vec::new();
    }
    vec![Broken::at_end(format!(
        "expected verdict {expected}, it is {found}"
    ))]
}
