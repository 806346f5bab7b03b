//! How times and events are written in a picture, in a few words; whole sentences are the report's (`report/words.rs`).

use crate::base::time::told;
use crate::record::{EventKind, TaskOutcome, TraceEvent};

/// A moment this near to a deadline is told from there.
const NEAR: i64 = 1_000;

/// A moment or a span, as reports write it.
pub(super) fn time(nanos: i64) -> String {
    told(nanos)
}

/// A moment, from a deadline that is very near if there is one.
pub(super) fn moment(nanos: i64, deadlines: &[i64]) -> String {
    let by = |deadline: &i64| nanos.saturating_sub(*deadline);
    let near = deadlines
        .iter()
        .find(|deadline| (1..=NEAR).contains(&by(deadline).abs()));
    match near {
        Some(deadline) if by(deadline) < 0 => {
            format!("{} − {}", time(*deadline), time(-by(deadline)))
        }
        Some(deadline) => format!("{} + {}", time(*deadline), time(by(deadline))),
        None => time(nanos),
    }
}

/// An event in two or three words.
pub(super) fn brief(event: &TraceEvent) -> String {
    match &event.what {
        EventKind::Arm { timer, .. } => format!("set #{timer}"),
        EventKind::Late {
            timer: Some(timer), ..
        } => format!("late #{timer}"),
        EventKind::Late { timer: None, .. } => "turn is late".to_owned(),
        EventKind::Busy(by) => format!("runs {}", time(by.as_nanos())),
        EventKind::Enter { scope, .. } => format!("enter {scope}"),
        EventKind::Reschedule { scope, .. } => format!("move {scope}"),
        EventKind::Expire { scope } => format!("{scope} expires"),
        EventKind::Exit { scope, .. } => format!("exit {scope}"),
        EventKind::Cancel(_) => "asked to cancel".to_owned(),
        EventKind::Deliver => "cancelled".to_owned(),
        EventKind::Uncancel { .. } => "uncancel".to_owned(),
        EventKind::End(how) => outcome(*how).to_owned(),
        EventKind::Draw { value, options } => format!("draw {value}/{options}"),
        EventKind::Fault(text)
        | EventKind::Log(text)
        | EventKind::Socket(text)
        | EventKind::Packet(text)
        | EventKind::File(text) => text.clone(),
        EventKind::Errand { what, now, .. } => format!("{what} {now}"),
        other => other.to_string(),
    }
}

/// An event in a word or two, for a small box.
pub(super) fn short(event: &TraceEvent) -> String {
    match &event.what {
        EventKind::Enter { .. } => "enter".to_owned(),
        EventKind::Reschedule { .. } => "move".to_owned(),
        EventKind::Expire { .. } => "expire".to_owned(),
        EventKind::Exit { .. } => "exit".to_owned(),
        EventKind::Cancel(_) => "cancel".to_owned(),
        EventKind::Join(_) => "join".to_owned(),
        EventKind::Late { timer: None, .. } => "late".to_owned(),
        _ => brief(event),
    }
}

/// What came out of a scope.
pub(super) fn end_of_scope(end: deadheat_timeout::ScopeEnd) -> &'static str {
    use deadheat_timeout::ScopeEnd;
    match end {
        ScopeEnd::Value => "a value",
        ScopeEnd::Cancelled => "a cancel",
        ScopeEnd::Elapsed => "Elapsed",
        ScopeEnd::Error => "another error",
        ScopeEnd::Dropped => "nothing: dropped",
    }
}

pub(super) fn outcome(how: TaskOutcome) -> &'static str {
    match how {
        TaskOutcome::Returned => "returned",
        TaskOutcome::Cancelled => "cancelled",
        TaskOutcome::Failed => "failed",
        TaskOutcome::Aborted => "aborted",
        TaskOutcome::Panicked => "panicked",
    }
}

/// At most so many characters of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_in_a_report() {
        let told = [0, 1_500, 99_999_999, 1_000_000_001, -5_000_000].map(time);
        let expected = ["0 ms", "1.5 µs", "100 ms − 1 ns", "1 s + 1 ns", "-5 ms"];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_moment_beside_a_deadline_is_told_from_there() {
        let told =
            [99_999_999, 100_000_000, 100_000_001, 60_000_000].map(|at| moment(at, &[100_000_000]));
        assert_eq!(told, ["100 ms − 1 ns", "100 ms", "100 ms + 1 ns", "60 ms"]);
    }
}
