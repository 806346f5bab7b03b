//! Scopes: whom they ask, when they may move, and in what order they exit.

use std::collections::BTreeMap;

use deadheat::Trace;
use deadheat::record::{CancelledBy, EventKind, TraceEvent};
use deadheat_timeout::State;

use super::{fault, scope_of, task_of};

/// A scope that expires asks its owner to cancel, then and there, and once; a scope that does not
/// expire asks nobody.
///
/// # Errors
///
/// Where that does not hold.
pub fn expired_implies_cancelled_by_us(trace: &Trace) -> Result<(), String> {
    const RULE: &str = "expired implies cancelled by us";
    let mut scopes: BTreeMap<&str, Asking<'_>> = BTreeMap::new();
    for (index, event) in trace.events.iter().enumerate() {
        let Some(name) = scope_of(event) else {
            continue;
        };
        let scope = scopes.entry(name).or_default();
        match &event.what {
            EventKind::Enter { .. } => scope.owner = event.task.as_deref(),
            EventKind::Expire { .. } => {
                scope.expired += 1;
                let (before, after) = trace.events.split_at(index + 1);
                if !asks(after, event, scope.owner) && !has_ended(before, scope.owner) {
                    return Err(fault(RULE, event, "its owner is not asked to cancel"));
                }
            }
            EventKind::Cancel(_) => scope.asked += 1,
            EventKind::Exit { state, .. } => {
                let expired = u32::from(*state == State::Expired);
                if scope.expired != expired {
                    return Err(fault(RULE, event, "it did not expire as often as that"));
                }
            }
            _ => {}
        }
        if scope.asked > scope.expired || scope.asked > 1 {
            return Err(fault(RULE, event, "it asks once too often"));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Asking<'a> {
    owner: Option<&'a str>,
    expired: u32,
    asked: u32,
}

/// Whether the next event of the scope that `expires` is the request to its owner, in the same instant.
fn asks(after: &[TraceEvent], expires: &TraceEvent, owner: Option<&str>) -> bool {
    let now = after.iter().take_while(|event| event.at == expires.at);
    let next = now
        .into_iter()
        .find(|event| scope_of(event) == scope_of(expires));
    next.is_some_and(|event| {
        matches!(event.what, EventKind::Cancel(CancelledBy::Scope(_)))
            && event.task.as_deref() == owner
    })
}

fn has_ended(before: &[TraceEvent], owner: Option<&str>) -> bool {
    let ends = |event: &&TraceEvent| matches!(event.what, EventKind::End(_));
    before
        .iter()
        .filter(ends)
        .any(|event| event.task.as_deref() == owner)
}

/// Nothing happens to a scope before its enter or after its exit, and none moves once it has expired.
///
/// # Errors
///
/// Where that does not hold.
pub fn no_reschedule_after_exit(trace: &Trace) -> Result<(), String> {
    const RULE: &str = "no reschedule after exit";
    let mut states: BTreeMap<&str, State> = BTreeMap::new();
    for event in &trace.events {
        let Some(name) = scope_of(event) else {
            continue;
        };
        let state = states.entry(name).or_insert(State::Created);
        let next = match (&event.what, *state) {
            (EventKind::Enter { .. }, State::Created) => State::Active,
            (EventKind::Reschedule { .. }, State::Active) => State::Active,
            (EventKind::Expire { .. }, State::Active) => State::Expiring,
            (EventKind::Cancel(_), State::Expiring) => State::Expiring,
            (EventKind::Exit { state: to, .. }, State::Active) if *to == State::Finished => *to,
            (EventKind::Exit { state: to, .. }, State::Expiring) if *to == State::Expired => *to,
            _ => return Err(fault(RULE, event, &format!("the scope is {state}"))),
        };
        *state = next;
    }
    Ok(())
}

/// The scopes of a task exit in the reverse order of their enters, before the task ends.
///
/// # Errors
///
/// Where that does not hold.
pub fn correct_nesting(trace: &Trace) -> Result<(), String> {
    const RULE: &str = "correct nesting";
    let mut inside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for event in &trace.events {
        let scopes = inside.entry(task_of(event)).or_default();
        match &event.what {
            EventKind::Enter { scope, .. } => scopes.push(scope),
            EventKind::Exit { scope, .. } if scopes.pop() != Some(scope) => {
                return Err(fault(RULE, event, "it is not the innermost scope"));
            }
            EventKind::End(_) if !scopes.is_empty() => {
                return Err(fault(RULE, event, &format!("it is still in {scopes:?}")));
            }
            _ => {}
        }
    }
    Ok(())
}
