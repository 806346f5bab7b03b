//! An event of a trace as a sentence.

use crate::base::printable::cut_line;
use crate::base::time::{Instant, told};
use crate::record::origin::Origin;
use crate::record::panic::PanicReport;
use crate::record::trace::{CancelledBy, EventKind, TaskOutcome, Trace, TraceEvent};
use deadheat_timeout::ScopeEnd;

/// Who does what, with times as people write them. Timers may be `late` by so many nanoseconds, which is not told with each
/// that is set.
pub(crate) fn sentence(event: &TraceEvent, late: i64) -> String {
    let what = phrase(event, late);
    match (&event.task, &event.what) {
        // They say whose doing it is as well as they can.
        (None, _)
        | (
            _,
            EventKind::Fault(_)
            | EventKind::Expire { .. }
            | EventKind::Packet(_)
            | EventKind::Errand { .. },
        ) => what,
        (Some(task), _) => format!("{task} {what}"),
    }
}

/// What happened, without the task, as it goes on after the task's name.
pub(crate) fn phrase(event: &TraceEvent, late: i64) -> String {
    match &event.what {
        EventKind::Spawn => "is spawned".to_owned(),
        EventKind::Turn => "takes its turn".to_owned(),
        EventKind::Wake => "is woken".to_owned(),
        EventKind::Arm {
            timer,
            deadline,
            until,
        } => {
            let last = until.as_nanos().saturating_sub(late);
            let when = when(event.at.as_nanos(), deadline.as_nanos(), last);
            format!("sets timer #{timer} {when}")
        }
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
        EventKind::End(how) => {
            let panic = event.panic.as_deref().map(panicked_with);
            format!("ends: {}{}", outcome(*how), panic.unwrap_or_default())
        }
        EventKind::Draw { value, options } => format!("draws {value} of {options}"),
        EventKind::Fault(text) => format!("fault: {text}"),
        EventKind::Log(text) => format!("says {:?}", cut_line(text)),
        EventKind::Socket(text) | EventKind::Packet(text) | EventKind::File(text) => text.clone(),
        EventKind::Errand { what, now, .. } => format!("{what} {now}"),
    }
}

/// Where a task panicked that others have joined, and the first line of what it said.
fn panicked_with(panic: &PanicReport) -> String {
    let message = panic.message.lines().next().unwrap_or_default();
    format!(" at {}: {message}", panic.place)
}

/// For how long a timer is set, and until when: both may be a range. At the start of a run the two are the same.
fn when(at: i64, deadline: i64, last: i64) -> String {
    let range = |from: i64, to: i64| match to > from {
        true => format!("{} to {}", told(from), told(to)),
        false => told(from),
    };
    let until = format!("until {}", range(deadline, last));
    match deadline.saturating_sub(at) {
        // It is due already.
        ..=0 if last <= at => until,
        _ if at == 0 => format!("for {}", range(deadline, last)),
        least => format!(
            "for {}, {until}",
            range(least.max(0), last.saturating_sub(at))
        ),
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
    if let Some(told) = on_its_way(trace, index) {
        return told;
    }
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

/// What the timer of something that is on its way says by firing, or by being late.
pub(crate) fn on_its_way(trace: &Trace, index: usize) -> Option<String> {
    let (what, before) = (&trace.events[index].what, &trace.events[..index]);
    let (EventKind::Fire(timer)
    | EventKind::Late {
        timer: Some(timer), ..
    }) = what
    else {
        return None;
    };
    let (packet, then) = errand(before, owner(before, *timer)?)?;
    Some(match what {
        EventKind::Late { to, .. } => format!("{packet} is on its way until {to}, at least"),
        _ => format!("{packet} {then}"),
    })
}

/// What a task stands for that is on its way, and what it does once its timer fires.
fn errand<'a>(events: &'a [TraceEvent], task: &str) -> Option<(&'a str, &'a str)> {
    let of_task = |event: &&TraceEvent| event.task.as_deref() == Some(task);
    let mut own = events.iter().filter(of_task);
    own.find_map(|event| match &event.what {
        EventKind::Errand { what, then, .. } => Some((what.as_str(), then.as_str())),
        _ => None,
    })
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
        let told = |now, until, late| {
            let what = EventKind::Arm {
                timer: 1,
                deadline: at(10_000_000),
                until: at(until),
            };
            phrase(&event(now, what), late)
        };
        assert_eq!(told(0, 10_000_000, 0), "sets timer #1 for 10 ms");
        assert_eq!(told(0, 10_000_001, 1), "sets timer #1 for 10 ms");
        assert_eq!(told(0, 30_000_001, 1), "sets timer #1 for 10 ms to 30 ms");
        let later = "sets timer #1 for 4 ms, until 10 ms";
        assert_eq!(told(6_000_000, 10_000_001, 1), later);
        let range = "sets timer #1 for 4 ms to 24 ms, until 10 ms to 30 ms";
        assert_eq!(told(6_000_000, 30_000_000, 0), range);
        let past = "sets timer #1 until 10 ms";
        assert_eq!(told(11_000_000, 10_000_000, 0), past);
    }

    fn event(at: i64, what: EventKind) -> TraceEvent {
        TraceEvent {
            at: Instant::from_nanos(at),
            task: Some("main".to_owned()),
            what,
            origin: None,
            panic: None,
        }
    }

    #[test]
    fn a_task_that_panicked_says_where_and_with_the_first_line_of_what() {
        let mut event = event(0, EventKind::End(TaskOutcome::Panicked));
        assert_eq!(sentence(&event, 0), "main ends: it panicked");
        event.panic = Some(Box::new(PanicReport {
            message: "no work\nfor nobody".to_owned(),
            place: "src/pool.rs:3:5".to_owned(),
            task: "main".to_owned(),
        }));
        let told = "main ends: it panicked at src/pool.rs:3:5: no work";
        assert_eq!(sentence(&event, 0), told);
    }
}
