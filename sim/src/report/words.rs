//! An event of a trace as a sentence.

use crate::base::printable::cut_line;
use crate::base::time::Instant;
use crate::record::origin::Origin;
use crate::record::trace::{CancelledBy, EventKind, TaskOutcome, Trace, TraceEvent};
use deadheat_timeout::ScopeEnd;

/// Who does what, with times as people write them. Timers may be `late` by so many nanoseconds, which is not told with each
/// that is set.
pub(crate) fn sentence(event: &TraceEvent, late: i64) -> String {
    let what = phrase(&event.what, late);
    match (&event.task, &event.what) {
        // They say whose doing it is as well as they can.
        (None, _) | (_, EventKind::Fault(_) | EventKind::Expire { .. }) => what,
        (Some(task), _) => format!("{task} {what}"),
    }
}

/// What happened, without the task, as it goes on after the task's name.
pub(crate) fn phrase(what: &EventKind, late: i64) -> String {
    match what {
        EventKind::Spawn => "is spawned".to_owned(),
        EventKind::Turn => "takes its turn".to_owned(),
        EventKind::Wake => "is woken".to_owned(),
        EventKind::Arm {
            timer,
            deadline,
            until,
        } => format!("sets timer #{timer} for {}", range(*deadline, *until, late)),
        EventKind::Fire(timer) => format!("timer #{timer} fires"),
        EventKind::Disarm(timer) => format!("drops timer #{timer}"),
        EventKind::Late {
            timer: Some(timer),
            to,
        } => format!("timer #{timer} does not fire before {to}"),
        EventKind::Late { timer: None, to } => format!("takes no turn before {to}"),
        EventKind::Busy(by) => format!("computes for {by} without yielding"),
        EventKind::Enter { scope, deadline } => {
            format!("enters {scope}, with {}", deadline_of(*deadline))
        }
        EventKind::Reschedule { scope, deadline } => {
            format!("moves {scope} to {}", deadline_of(*deadline))
        }
        EventKind::Expire { scope } => format!("the deadline of {scope} is reached"),
        EventKind::Exit { scope, state, end } => {
            format!("leaves {scope} {state}, with {}", end_of(*end))
        }
        EventKind::Cancel(by) => format!("is asked to cancel by {}", asker(by)),
        EventKind::Deliver => "gets its cancel".to_owned(),
        EventKind::Join(task) => format!("waits for {task}"),
        EventKind::Uncancel { remaining } => {
            format!("takes a request to cancel back, {remaining} remain")
        }
        EventKind::End(how) => format!("ends: {}", outcome(*how)),
        EventKind::Draw { value, options } => format!("draws {value} of {options}"),
        EventKind::Fault(text) => format!("fault: {text}"),
        EventKind::Log(text) => format!("says {:?}", cut_line(text)),
    }
}

/// When a timer is set for: a moment, or from when to when if what takes that long is a range.
fn range(deadline: Instant, until: Instant, late: i64) -> String {
    let last = Instant::from_nanos(until.as_nanos().saturating_sub(late));
    match last > deadline {
        true => format!("{deadline} to {last}"),
        false => deadline.to_string(),
    }
}

fn deadline_of(deadline: Option<Instant>) -> String {
    deadline.map_or_else(
        || "no deadline".to_owned(),
        |at| format!("its deadline at {at}"),
    )
}

fn end_of(end: ScopeEnd) -> &'static str {
    match end {
        ScopeEnd::Value => "a value",
        ScopeEnd::Cancelled => "`Cancelled`",
        ScopeEnd::Elapsed => "`Elapsed`",
        ScopeEnd::Error => "an error of its body",
        ScopeEnd::Dropped => "its body dropped",
    }
}

fn outcome(how: TaskOutcome) -> &'static str {
    match how {
        TaskOutcome::Returned => "it returned",
        TaskOutcome::Cancelled => "it was cancelled",
        TaskOutcome::Failed => "it returned an error",
        TaskOutcome::Aborted => "it was aborted",
        TaskOutcome::Panicked => "it panicked",
    }
}

fn asker(by: &CancelledBy) -> String {
    match by {
        CancelledBy::Scope(scope) => format!("the deadline of {scope}"),
        CancelledBy::Task(task) => task.clone(),
        CancelledBy::Waiter(task) => format!("{task}, which waits for it"),
        CancelledBy::Outside => "code outside of the tasks".to_owned(),
    }
}

/// [`sentence`] of an event of a trace: a timer that fires is told with the task that has set it.
pub(crate) fn sentence_in(trace: &Trace, index: usize, late: i64) -> String {
    let event = &trace.events[index];
    let owned = |timer| match owner(&trace.events[..index], timer) {
        Some(owner) => format!("timer #{timer} of {owner}"),
        None => format!("timer #{timer}"),
    };
    match event.what {
        EventKind::Fire(timer) => format!("{} fires", owned(timer)),
        EventKind::Late {
            timer: Some(timer),
            to,
        } => format!("{} does not fire before {to}", owned(timer)),
        _ => sentence(event, late),
    }
}

/// Where the timer was made that fires, is late or is dropped.
pub(crate) fn made(trace: &Trace, index: usize) -> Option<&Origin> {
    let (EventKind::Fire(timer)
    | EventKind::Disarm(timer)
    | EventKind::Late {
        timer: Some(timer), ..
    }) = trace.events[index].what
    else {
        return None;
    };
    set(&trace.events[..index], timer)?.origin.as_ref()
}

/// The task that has set a timer, the last time.
fn owner(events: &[TraceEvent], timer: u64) -> Option<&str> {
    set(events, timer)?.task.as_deref()
}

/// The event by which a timer was set, the last time.
fn set(events: &[TraceEvent], timer: u64) -> Option<&TraceEvent> {
    let sets = |event: &&TraceEvent| matches!(event.what, EventKind::Arm { timer: number, .. } if number == timer);
    events.iter().rfind(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_set_for_a_moment_however_late_it_may_be_and_a_latency_for_a_range() {
        let at = Instant::from_nanos;
        let told = |until, late| {
            let (timer, deadline) = (1, at(10_000_000));
            let until = at(until);
            phrase(
                &EventKind::Arm {
                    timer,
                    deadline,
                    until,
                },
                late,
            )
        };
        assert_eq!(told(10_000_000, 0), "sets timer #1 for 10 ms");
        assert_eq!(told(10_000_001, 1), "sets timer #1 for 10 ms");
        assert_eq!(told(30_000_001, 1), "sets timer #1 for 10 ms to 30 ms");
    }
}
