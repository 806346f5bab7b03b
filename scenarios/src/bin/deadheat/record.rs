//! One run as `--json` prints it: the keys and their order are a contract.

use deadheat::Run;
use deadheat_scenarios::{LogLine, Outcome, ScopeOutcome, TaskOutcome};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    scenario: &'a str,
    verdict: String,
    scheduler: &'a str,
    seed: u64,
    steps: u64,
    tasks: &'a [TaskOutcome],
    scopes: &'a [ScopeOutcome],
    log: &'a [LogLine],
    violations: Vec<ViolationRecord>,
    replay: String,
}

#[derive(Debug, Serialize)]
struct ViolationRecord {
    check: String,
    at_ns: i64,
    text: String,
    /// Where in the sources it was stated or caused, if that is a line of a program.
    place: Option<String>,
}

impl<'a> Record<'a> {
    pub(crate) fn of(scenario: &'a str, run: &'a Run, outcome: Option<&'a Outcome>) -> Self {
        Record {
            scenario,
            verdict: run.verdict.to_string(),
            scheduler: run.scheduler,
            seed: run.seed(),
            steps: run.steps,
            tasks: outcome.map_or(&[], |outcome| &outcome.tasks),
            scopes: outcome.map_or(&[], |outcome| &outcome.scopes),
            log: outcome.map_or(&[], |outcome| &outcome.log),
            violations: violations(run),
            replay: run.token.to_string(),
        }
    }
}

fn violations(run: &Run) -> Vec<ViolationRecord> {
    let violations = run.violations.iter().map(|violation| ViolationRecord {
        check: violation.check.to_string(),
        at_ns: violation.at.as_nanos(),
        text: violation.text.clone(),
        place: violation.place.as_ref().map(ToString::to_string),
    });
    let panic = run.panic.iter().map(|panic| ViolationRecord {
        check: "no task panics".to_owned(),
        at_ns: run.at.as_nanos(),
        text: panic.to_string(),
        place: Some(panic.place.clone()),
    });
    violations.chain(panic).collect()
}
