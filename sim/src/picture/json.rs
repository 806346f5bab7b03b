//! A trace as JSON: a line an event, each with fields of its own, as a schema says.

use crate::record::{CancelledBy, EventKind, Line, TraceEvent};

use super::fields::{self, Kind};
use super::follow::follow;
use super::told::Told;
use super::value::Value;
use super::words;

/// The lines of a run.
pub(super) fn lines(told: &Told<'_>) -> String {
    let causes = follow(told).causes;
    let mut text = String::new();
    for (index, event) in told.trace.events.iter().enumerate() {
        let cause = causes.get(index).copied().flatten();
        let value = line(told, index, event, cause);
        text.push_str(&format!("{value}\n"));
    }
    if told.trace.truncated {
        let value = Value::Object(vec![("kind", "truncated".into())]);
        text.push_str(&format!("{value}\n"));
    }
    text
}

fn line(told: &Told<'_>, index: usize, event: &TraceEvent, cause: Option<usize>) -> Value {
    let kind = kind(&event.what);
    let mut fields: Vec<(&'static str, Value)> = vec![
        ("event", ((index + 1) as u64).into()),
        ("at_ns", event.at.as_nanos().into()),
        ("task", event.task.as_deref().into()),
        ("kind", kind.name.into()),
    ];
    fields.extend(own(&event.what));
    if let Some(cause) = cause {
        fields.push(("caused_by", ((cause + 1) as u64).into()));
    }
    if let Some(origin) = &event.origin {
        fields.push(("place", place(&origin.at)));
        if let Some(within) = &origin.within {
            fields.push(("within", place(within)));
        }
    }
    let departs = told
        .departures
        .iter()
        .find(|departure| departure.events_before == index);
    if let Some(departure) = departs {
        fields.push(("departure", departure.text.as_str().into()));
    }
    Value::Object(fields)
}

/// A line of the sources.
pub(super) fn place(line: &Line) -> Value {
    let mut fields = vec![
        ("file", Value::text(line.file.clone())),
        ("line", u64::from(line.line).into()),
    ];
    if line.column > 0 {
        fields.push(("column", u64::from(line.column).into()));
    }
    Value::Object(fields)
}

/// Of which kind an event is.
pub(super) fn kind(what: &EventKind) -> &'static Kind {
    let name = match what {
        EventKind::Spawn => "spawn",
        EventKind::Turn => "turn",
        EventKind::Wake => "wake",
        EventKind::Arm { .. } => "arm",
        EventKind::Fire(_) => "fire",
        EventKind::Disarm(_) => "disarm",
        EventKind::Late { .. } => "late",
        EventKind::Busy(_) => "busy",
        EventKind::Enter { .. } => "enter",
        EventKind::Reschedule { .. } => "reschedule",
        EventKind::Expire { .. } => "expire",
        EventKind::Exit { .. } => "exit",
        EventKind::Cancel(_) => "cancel",
        EventKind::Deliver => "deliver",
        EventKind::Join(_) => "join",
        EventKind::Uncancel { .. } => "uncancel",
        EventKind::End(_) => "end",
        EventKind::Draw { .. } => "draw",
        EventKind::Fault(_) => "fault",
        EventKind::Log(_) => "log",
        EventKind::Socket(_) => "socket",
        EventKind::Packet(_) => "packet",
        EventKind::File(_) => "file",
        EventKind::Errand { .. } => "errand",
    };
    let known = fields::KINDS.iter().find(|kind| kind.name == name);
    known.unwrap_or(&fields::KINDS[0])
}

/// The fields that only events of its kind have.
pub(super) fn own(what: &EventKind) -> Vec<(&'static str, Value)> {
    let nanos = |at: &crate::Instant| Value::from(at.as_nanos());
    let text = |text: &String| Value::text(text.clone());
    match what {
        EventKind::Spawn | EventKind::Turn | EventKind::Wake | EventKind::Deliver => Vec::new(),
        EventKind::Arm {
            timer,
            deadline,
            until,
        } => vec![
            ("timer", (*timer).into()),
            ("deadline_ns", nanos(deadline)),
            ("until_ns", nanos(until)),
        ],
        EventKind::Fire(timer) | EventKind::Disarm(timer) => vec![("timer", (*timer).into())],
        EventKind::Late { timer, to } => vec![("timer", (*timer).into()), ("until_ns", nanos(to))],
        EventKind::Busy(by) => vec![("busy_ns", nanos(by))],
        EventKind::Enter { scope, deadline } | EventKind::Reschedule { scope, deadline } => vec![
            ("scope", text(scope)),
            ("deadline_ns", deadline.map(crate::Instant::as_nanos).into()),
        ],
        EventKind::Expire { scope } => vec![("scope", text(scope))],
        EventKind::Exit { scope, state, end } => vec![
            ("scope", text(scope)),
            ("state", Value::text(state.to_string())),
            ("end", Value::text(format!("{end:?}").to_lowercase())),
        ],
        EventKind::Cancel(by) => {
            let (who, name) = match by {
                CancelledBy::Scope(name) => ("scope", Some(name)),
                CancelledBy::Task(name) => ("task", Some(name)),
                CancelledBy::Waiter(name) => ("waiter", Some(name)),
                CancelledBy::Outside => ("outside", None),
            };
            vec![
                ("by", who.into()),
                ("by_name", name.map(String::as_str).into()),
            ]
        }
        EventKind::Join(task) => vec![("on", text(task))],
        EventKind::Uncancel { remaining } => vec![("remaining", u64::from(*remaining).into())],
        EventKind::End(how) => vec![("end", words::outcome(*how).into())],
        EventKind::Draw { value, options } => {
            vec![("value", (*value).into()), ("options", (*options).into())]
        }
        EventKind::Fault(told)
        | EventKind::Log(told)
        | EventKind::Socket(told)
        | EventKind::Packet(told)
        | EventKind::File(told) => vec![("text", text(told))],
        EventKind::Errand { what, now, then } => {
            vec![
                ("what", text(what)),
                ("now", text(now)),
                ("then", text(then)),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::record::Trace;

    const ONE_OF_EACH: &str = r#"deadheat trace 1
      0.000s  a         spawn
      0.000s  a         turn
      0.000s  a         wake
      0.000s  a         arm #1 deadline=1.000s until=2.000s
      0.000s  -         fire #1
      0.000s  a         disarm #1
      0.000s  -         late #1 to=1.000s
      0.000s  a         busy 1.000s
      0.000s  a         enter s deadline=1.000s
      0.000s  a         reschedule s deadline=none
      0.000s  a         expire s
      0.000s  a         exit s state=expired end=elapsed
      0.000s  a         cancel by=scope s
      0.000s  a         deliver
      0.000s  a         join b
      0.000s  a         uncancel remaining=0
      0.000s  a         end returned
      0.000s  a         draw 1/2
      0.000s  a         fault "f fails"
      0.000s  a         log "l"
      0.000s  a         socket "s"
      0.000s  a         packet "p"
      0.000s  a         file "f"
      0.000s  a         errand "p" "sets out" "arrives"
"#;

    #[test]
    fn each_kind_of_event_has_the_fields_of_its_kind_and_no_kind_is_left_out() {
        let trace = Trace::parse(ONE_OF_EACH).unwrap();
        let mut kinds = BTreeSet::new();
        for event in &trace.events {
            let kind = kind(&event.what);
            let named: Vec<_> = own(&event.what).into_iter().map(|(name, _)| name).collect();
            let asked: Vec<_> = kind.fields.iter().map(|field| field.name).collect();
            assert_eq!(named, asked, "{event}");
            kinds.insert(kind.name);
        }
        assert_eq!(kinds.len(), fields::KINDS.len());
    }
}
