//! The detector detects: for each check a history that breaks it and the nearest one that does not.

use deadheat_timeout::{Event, Requester, ScopeEnd, State, TaskEnd};

use super::{Check, Checks};
use crate::base::time::Instant;

type Events = Vec<Event<Instant>>;

fn found(events: &[Event<Instant>]) -> Vec<Check> {
    let mut checks = Checks::default();
    for event in events {
        checks.observe(Instant::START, event);
    }
    checks
        .take_violations()
        .into_iter()
        .map(|violation| violation.check)
        .collect()
}

fn enter(scope: u64) -> Event<Instant> {
    Event::ScopeEntered {
        scope,
        owner: Some(1),
        deadline: Some(Instant::START),
    }
}

fn expire(scope: u64) -> Event<Instant> {
    Event::ScopeExpiring { scope }
}

fn ask(scope: u64) -> Event<Instant> {
    Event::CancelRequested {
        task: 1,
        by: Requester::Scope(scope),
    }
}

fn cancel() -> Event<Instant> {
    Event::CancelRequested {
        task: 1,
        by: Requester::Outside,
    }
}

fn deliver() -> Event<Instant> {
    Event::CancelDelivered { task: 1 }
}

fn exit(scope: u64, state: State, end: ScopeEnd) -> Event<Instant> {
    Event::ScopeExited { scope, state, end }
}

fn ended(end: TaskEnd) -> Event<Instant> {
    Event::TaskEnded { task: 1, end }
}

/// A scope that expires as it should.
fn expiry() -> Events {
    let end = exit(2, State::Expired, ScopeEnd::Elapsed);
    vec![
        enter(2),
        expire(2),
        ask(2),
        deliver(),
        end,
        ended(TaskEnd::Failed),
    ]
}

#[test]
fn a_history_as_it_should_be_breaks_nothing() {
    assert_eq!(found(&expiry()), []);
}

#[test]
fn a_scope_that_expires_without_asking_is_found() {
    let without: Events = expiry()
        .into_iter()
        .filter(|event| *event != ask(2))
        .collect();
    assert_eq!(found(&without), [Check::ExpiredImpliesCancelledByUs]);
}

#[test]
fn a_scope_that_asks_twice_is_found() {
    let mut twice = expiry();
    twice.insert(2, ask(2));
    assert!(found(&twice).contains(&Check::ExpiredImpliesCancelledByUs));
}

#[test]
fn a_scope_that_asks_without_expiring_is_found() {
    let without: Events = expiry()
        .into_iter()
        .filter(|event| *event != expire(2))
        .collect();
    assert!(found(&without).contains(&Check::CancelAttributed));
}

#[test]
fn an_elapsed_of_a_scope_that_did_not_expire_is_found() {
    let events = [enter(2), exit(2, State::Finished, ScopeEnd::Elapsed)];
    assert_eq!(found(&events), [Check::CancelAttributed]);
    assert_eq!(
        found(&[enter(2), exit(2, State::Finished, ScopeEnd::Value)]),
        []
    );
}

#[test]
fn a_request_to_another_task_than_the_owner_is_found() {
    let other = Event::CancelRequested {
        task: 5,
        by: Requester::Scope(2),
    };
    assert!(found(&[enter(2), expire(2), other]).contains(&Check::CancelAttributed));
}

#[test]
fn a_reschedule_or_expiry_after_the_exit_is_found() {
    let left = [enter(2), exit(2, State::Finished, ScopeEnd::Value)];
    let moved = Event::ScopeRescheduled {
        scope: 2,
        deadline: None,
    };
    for late in [moved, expire(2), exit(2, State::Finished, ScopeEnd::Value)] {
        let mut events = left.to_vec();
        events.push(late);
        assert!(
            found(&events).contains(&Check::NothingAfterExit),
            "{late:?}"
        );
    }
    assert_eq!(
        found(&[enter(2), moved, exit(2, State::Finished, ScopeEnd::Value)]),
        []
    );
}

#[test]
fn an_exit_out_of_order_is_found() {
    let leave = |scope| exit(scope, State::Finished, ScopeEnd::Value);
    assert_eq!(found(&[enter(2), enter(3), leave(3), leave(2)]), []);
    assert_eq!(
        found(&[enter(2), enter(3), leave(2), leave(3)]),
        [Check::NestingIsLifo]
    );
}

#[test]
fn a_request_that_is_never_delivered_is_found() {
    let returned = ended(TaskEnd::Returned);
    assert_eq!(found(&[cancel(), returned]), [Check::CancelNeverLost]);
    assert_eq!(found(&[cancel(), deliver(), returned]), []);
    let withdrawn = Event::Uncancelled {
        task: 1,
        remaining: 0,
    };
    assert_eq!(found(&[cancel(), withdrawn, returned]), []);
    let passed_on = Event::Joining { task: 1, on: 7 };
    assert_eq!(found(&[passed_on, cancel(), returned]), []);
}
