//! A trace in other forms: JSON lines, a Perfetto timeline, a page that stands by itself.

use deadheat::Trace;
use deadheat::record::EventKind;
use serde_json::{Value, json};

/// One JSON object a line: `at_ns`, `task`, `what` (the text form of the event).
pub fn json(trace: &Trace) -> String {
    let lines = trace.events.iter().map(|event| {
        let what = event.what.to_string();
        let value = json!({ "at_ns": event.at.as_nanos(), "task": event.task, "what": what });
        format!("{value}\n")
    });
    lines.collect()
}

/// A timeline for `ui.perfetto.dev`, in the Trace Event Format: a row a task, a slice a scope, a mark
/// an event. One virtual nanosecond is one nanosecond there.
pub fn perfetto(trace: &Trace) -> String {
    let mut rows: Vec<&str> = Vec::new();
    let mut events: Vec<Value> = Vec::new();
    for event in &trace.events {
        let task = event.task.as_deref().unwrap_or("time");
        let row = rows.iter().position(|row| *row == task).unwrap_or_else(|| {
            rows.push(task);
            rows.len() - 1
        });
        let at = event.at.as_nanos() as f64 / 1_000.0;
        let mark = |phase: &str, name: String| json!({ "ph": phase, "name": name, "ts": at, "pid": 1, "tid": row + 1, "s": "t" });
        events.push(match &event.what {
            EventKind::Enter { scope, .. } => mark("B", scope.clone()),
            EventKind::Exit { scope, .. } => mark("E", scope.clone()),
            what => mark("i", what.to_string()),
        });
    }
    let names = rows.iter().enumerate().map(|(row, name)| {
        let args = json!({ "name": name });
        json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": row + 1, "args": args })
    });
    let all: Vec<Value> = names.chain(events).collect();
    json!({ "displayTimeUnit": "ns", "traceEvents": all }).to_string()
}

/// A page with a table of the events, one column a task, that needs nothing else.
pub fn html(title: &str, trace: &Trace) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for event in &trace.events {
        let task = event.task.as_deref().unwrap_or("time");
        if !columns.contains(&task) {
            columns.push(task);
        }
    }
    let head: String = columns
        .iter()
        .map(|name| format!("<th>{}</th>", escape(name)))
        .collect();
    let mut rows = String::new();
    let mut last = None;
    for event in &trace.events {
        let task = event.task.as_deref().unwrap_or("time");
        let at = if last.replace(event.at) == Some(event.at) {
            String::new()
        } else {
            event.at.to_string()
        };
        let cells: String = columns
            .iter()
            .map(|column| {
                let text = if *column == task {
                    escape(&event.what.to_string())
                } else {
                    String::new()
                };
                format!("<td>{text}</td>")
            })
            .collect();
        rows.push_str(&format!("<tr><th>{at}</th>{cells}</tr>\n"));
    }
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font:14px monospace}}table{{border-collapse:collapse}}\
         th,td{{padding:2px 12px;text-align:left;border-bottom:1px solid #ddd}}\
         tr>th:first-child{{text-align:right}}</style>\n\
         <h1>{title}</h1>\n<table><tr><th>time</th>{head}</tr>\n{rows}</table>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
