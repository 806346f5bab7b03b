//! Beside the picture, in words: what failed, what made the difference, from where on, at which lines, how to see it again.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::record::{EventKind, Explained, Line, Origin, Run};
use crate::report::Failure;

use super::subject::Subject;
use super::svg::escape;
use super::words;

/// Lines of the sources before and after one that is shown.
const AROUND: u32 = 2;
/// How many files and departures are shown.
const FILES: usize = 4;
const DEPARTURES: usize = 20;

/// The head of the page.
pub(super) fn header(subject: &Subject<'_>) -> String {
    let (run, failure) = (subject.run(), subject.failure());
    let failed = failure.is_some() || run.verdict == Verdict::Failed;
    let (class, word) = if failed {
        ("failed", "FAILED")
    } else {
        ("passed", "passed")
    };
    let mut facts = Vec::new();
    if let Some((number, of)) = failure.and_then(|failure| failure.number) {
        facts.push(format!("run {} of {of}", number + 1));
    }
    facts.push(format!("seed {}", run.seed()));
    facts.push(format!("ends at {}", words::time(run.at.as_nanos())));
    if let Some(before) = failure.and_then(|failure| failure.departures_before) {
        facts.push(format!(
            "shrunk from {before} departures to {}",
            run.departures.len()
        ));
    }
    let reasons: String = reasons(run)
        .iter()
        .map(|reason| {
            let lines: Vec<String> = reason.lines().map(escape).collect();
            format!("<p class=\"reason\">{}</p>\n", lines.join("<br>"))
        })
        .collect();
    let replay = failure
        .map(|failure| failure.replay.as_slice())
        .unwrap_or_default();
    let replay: String = replay
        .iter()
        .map(|line| format!("<p><code class=\"replay\">{}</code></p>\n", escape(line)))
        .collect();
    format!(
        "<header class=\"{class}\"><h1>{word} · {}</h1>\n{reasons}<p>{}</p>\n{replay}</header>\n",
        escape(&subject.name()),
        escape(&facts.join(" · "))
    )
}

fn reasons(run: &Run) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(panic) = &run.panic {
        reasons.push(format!(
            "{} panicked at {}: {}",
            panic.task, panic.place, panic.message
        ));
        let first = run.panicked_first.as_ref();
        reasons.extend(
            first.map(|first| format!("raised first at {}, by {}", first.place, first.task)),
        );
    }
    let violations = run.violations.iter().take(4);
    reasons.extend(violations.map(|violation| {
        let place = violation.place.as_ref();
        let place = place.map_or_else(String::new, |line| format!(" ({line})"));
        let at = words::time(violation.at.as_nanos());
        format!("violated at {at}: {violation}{place}")
    }));
    match run.verdict {
        Verdict::Stuck => reasons.push("stuck: nothing can ever happen again".to_owned()),
        Verdict::Limit(limit) => reasons.push(format!("limit: {limit} was reached")),
        Verdict::Done | Verdict::Failed => {}
    }
    if run.trace.is_none() {
        reasons.push("of this run there is no trace, so there is nothing to draw".to_owned());
    }
    if run.trace.as_ref().is_some_and(|trace| trace.truncated) {
        reasons.push("the trace was too long to be kept: its end is missing here".to_owned());
    }
    reasons
}

pub(super) fn side(subject: &Subject<'_>) -> String {
    let run = subject.run();
    let mut text = String::from("<aside>\n");
    text.push_str(&difference(run, subject.failure()));
    if let Some(fate) = subject.failure().and_then(|failure| failure.fate.as_ref()) {
        text.push_str(&format!(
            "<h2>Point of no return</h2>\n<p>At {}: {}. After it {of} of {of} random continuations fail; before it {} of {of}.</p>\n",
            fate.event.at,
            escape(&fate.sentence),
            fate.before,
            of = fate.continuations
        ));
    }
    if let Some(slack) = subject.failure().and_then(|failure| failure.slack.as_ref()) {
        text.push_str(&format!(
            "<h2>Slack</h2>\n<p>{}</p>\n",
            escape(&slack.to_string())
        ));
    }
    text.push_str(&notes(subject.failure()));
    text.push_str(&sources(subject));
    text.push_str(&pending(run));
    text.push_str("<p class=\"hint\">A pointer that rests on anything shows its event, its nanoseconds and its place; the list below has the same for print.</p>\n</aside>\n");
    text
}

/// What else is to be said, such as what was not looked for.
fn notes(failure: Option<&Failure>) -> String {
    let notes = failure.iter().flat_map(|failure| &failure.notes);
    let notes: String = notes
        .map(|note| format!("<p>{}</p>\n", escape(note)))
        .collect();
    match notes.is_empty() {
        true => notes,
        false => format!("<h2>Notes</h2>\n{notes}"),
    }
}

fn difference(run: &Run, failure: Option<&Failure>) -> String {
    let mut text = String::from("<h2>What made the difference</h2>\n");
    if run.departures.is_empty() {
        text.push_str("<p>Nothing: in order and on time it is the same.</p>\n");
        return text;
    }
    text.push_str("<p>All in order and on time, except:</p>\n<ol>\n");
    let shown = of_timers(run);
    for index in shown.iter().copied().take(DEPARTURES) {
        let departure = &run.departures[index];
        let decisive = failure.is_some_and(|failure| failure.decisive.get(index) == Some(&true));
        let decisive = if decisive {
            " <b>Without it, it passes.</b>"
        } else {
            ""
        };
        let place = departure
            .origin
            .as_ref()
            .map_or_else(String::new, |origin| {
                format!("<br><code>{}</code>", escape(&origin.to_string()))
            });
        let choices = departure.choices();
        let choices = choices.map_or_else(String::new, |choices| {
            format!("<br><small>{}</small>", escape(&choices))
        });
        text.push_str(&format!(
            "<li><span class=\"dep\">◆</span> at {}: {}.{decisive}{place}{choices}</li>\n",
            words::time(departure.at.as_nanos()),
            escape(&departure.text)
        ));
    }
    text.push_str("</ol>\n");
    if let Some(more @ 1..) = shown.len().checked_sub(DEPARTURES) {
        text.push_str(&format!("<p>… and {more} more</p>\n"));
    }
    text
}

/// The departures that are shown: a timer that is late in steps is late once, until the last.
fn of_timers(run: &Run) -> Vec<usize> {
    let late = |departure: &Explained| match run.trace().events.get(departure.events_before)?.what {
        EventKind::Late { timer, .. } => timer,
        _ => None,
    };
    let timers: Vec<Option<u64>> = run.departures.iter().map(late).collect();
    let is_last =
        |index: &usize| timers[*index].is_none() || !timers[index + 1..].contains(&timers[*index]);
    (0..timers.len()).filter(is_last).collect()
}

/// The lines of departures, of scopes that expired, of a panic.
fn sources(subject: &Subject<'_>) -> String {
    let run = subject.run();
    let mut places: BTreeMap<String, BTreeMap<u32, &'static str>> = BTreeMap::new();
    let mut add = |line: &Line, class: &'static str| {
        let marked = places.entry(line.file.clone()).or_default();
        marked.entry(line.line).or_insert(class);
    };
    let departures = run
        .departures
        .iter()
        .filter_map(|departure| departure.origin.as_ref());
    departures.for_each(|origin: &Origin| add(&origin.at, "dep"));
    let violated = run.violations.iter().filter_map(|of| of.place.as_ref());
    violated.for_each(|place| add(place, "bad"));
    for panic in run.panicked_first.iter().chain(&run.panic) {
        let mut parts = panic.place.rsplitn(3, ':').skip(1);
        let line = parts.next().and_then(|line| line.parse().ok());
        if let Some((file, line)) = parts.next().zip(line) {
            add(
                &Line {
                    file: file.to_owned(),
                    line,
                    column: 0,
                },
                "bad",
            );
        }
    }
    let trace = run.trace();
    let expired = trace.events.iter().filter_map(|event| match &event.what {
        EventKind::Expire { scope } => Some(scope),
        _ => None,
    });
    let expired: std::collections::BTreeSet<&String> = expired.collect();
    for event in &trace.events {
        if let (EventKind::Enter { scope, .. }, Some(origin)) = (&event.what, &event.origin)
            && expired.contains(scope)
        {
            add(&origin.at, "bad");
        }
    }
    let files = places.iter().take(FILES);
    let shown: String = files
        .filter_map(|(file, lines)| excerpt(subject, file, lines))
        .collect();
    match shown.is_empty() {
        true => String::new(),
        false => format!("<h2>Where</h2>\n{shown}"),
    }
}

fn excerpt(
    subject: &Subject<'_>,
    file: &str,
    marked: &BTreeMap<u32, &'static str>,
) -> Option<String> {
    let source = subject.source(file)?;
    let lines: Vec<&str> = source.lines().collect();
    let mut text = format!("<p class=\"file\"><code>{}</code></p>\n<pre>", escape(file));
    let near = |number: u32| marked.keys().any(|line| line.abs_diff(number) <= AROUND);
    let mut last = 0;
    for number in (1..=lines.len() as u32).filter(|number| near(*number)) {
        if last != 0 && number > last + 1 {
            text.push_str("   …\n");
        }
        last = number;
        let line = escape(&words::cut(lines[number as usize - 1], 100));
        match marked.get(&number) {
            Some(class) => text.push_str(&format!(
                "<mark class=\"{class}\">{number:>4} {line}</mark>\n"
            )),
            None => text.push_str(&format!("{number:>4} {line}\n")),
        }
    }
    text.push_str("</pre>\n");
    (last != 0).then_some(text)
}

fn pending(run: &Run) -> String {
    if run.pending.is_empty() {
        return String::new();
    }
    let shown = run.pending.iter().take(DEPARTURES);
    let shown: String = shown
        .map(|pending| {
            let held = pending.held().into_iter();
            let held: String = held.map(|held| format!("<br>{}", escape(&held))).collect();
            format!("<li>{}{held}</li>\n", escape(&pending.to_string()))
        })
        .collect();
    format!("<h2>Who still waits</h2>\n<ul>\n{shown}</ul>\n")
}
