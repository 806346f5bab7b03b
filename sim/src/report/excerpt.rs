//! Which events of a run a report shows, and how: those around each departure, where the run was lost, what came at the same
//! moment, what the program says itself, and the end.

use std::fmt::{self, Write};

use crate::base::printable;
use crate::invariant::Violation;
use crate::record::trace::{EventKind, Trace, TraceEvent};
use crate::report::carriers;
use crate::report::columns;
use crate::report::words;

/// How many of the last events.
const LAST: usize = 8;
/// How many before a departure.
const BEFORE: usize = 2;
/// How many after a departure, and before a check did not hold.
const AFTER: usize = 6;
/// How many of those that speak for themselves (see `is_told`), at most: the last ones.
const TOLD_MAX: usize = 24;
/// How many departures have the events around them shown.
const DEPARTURES_MAX: usize = 6;
/// How many checks that did not hold stand among the events.
const VIOLATED_MAX: usize = 4;
/// How many timers of one moment.
const TIES_MAX: usize = 8;

/// A trace, and what a report refers to in it, by how many events came before.
pub(crate) struct Excerpt<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) departures: Vec<usize>,
    /// Where the run was lost.
    pub(crate) lost: Option<usize>,
    /// What did not hold.
    pub(crate) violated: &'a [Violation],
    /// How late timers may be.
    pub(crate) late: i64,
}

impl Excerpt<'_> {
    /// How many events came before a check did not hold.
    fn before(&self, violation: &Violation) -> usize {
        let events = &self.trace.events;
        let by_time = || events.partition_point(|event| event.at <= violation.at);
        violation.events_before.unwrap_or_else(by_time)
    }
}

/// Writes the events that a report shows.
pub(crate) fn write(excerpt: &Excerpt<'_>, f: &mut impl Write) -> fmt::Result {
    let trace = excerpt.trace;
    let marked = !excerpt.departures.is_empty() || excerpt.lost.is_some();
    let legend = match marked {
        true => "   (▸ not as FIFO and on time, ✗ lost from here on)",
        false => "",
    };
    writeln!(f, "\n  What happened{legend}")?;
    let widest = trace.events.iter().zip(shown(excerpt));
    let widest = widest.filter(|(_, shown)| *shown);
    let widest = widest
        .map(|(event, _)| event.at.to_string().chars().count())
        .max();
    let widest = widest.unwrap_or(0);
    let mut violated: Vec<(usize, &Violation)> = excerpt
        .violated
        .iter()
        .take(VIOLATED_MAX)
        .map(|violation| (excerpt.before(violation), violation))
        .collect();
    violated.sort_by_key(|(before, _)| *before);
    let mut violated = violated.into_iter().peekable();
    let (mut hidden, mut rows) = (0, Vec::new());
    let silent = carriers::turns(&trace.events);
    let mut said = None;
    for (index, (event, shown)) in trace.events.iter().zip(shown(excerpt)).enumerate() {
        while let Some((_, violation)) = violated.next_if(|(before, _)| *before <= index) {
            rows.extend(left_out(&mut hidden));
            rows.push(violated_row(violation, widest));
        }
        if !shown {
            hidden += usize::from(!is_a_detail(event) && !silent.contains(&index));
            continue;
        }
        rows.extend(left_out(&mut hidden));
        let mark = match (
            excerpt.departures.contains(&index),
            excerpt.lost == Some(index),
        ) {
            (true, _) => '▸',
            (false, true) => '✗',
            (false, false) => ' ',
        };
        let row = row(excerpt, index, mark, widest);
        // A packet that arrives as its timer fires, and that it arrives.
        let unmarked: String = row.0.chars().skip(3).collect();
        let is_said = said.as_ref() == Some(&unmarked);
        said = Some(unmarked);
        if !(is_said && matches!(event.what, EventKind::Packet(_))) {
            rows.push(row);
        }
    }
    rows.extend(violated.map(|(_, violation)| violated_row(violation, widest)));
    if trace.truncated {
        let text = "    … and more, of which no events were kept: the run is longer than the limit on a trace";
        rows.push((text.to_owned(), String::new()));
    }
    columns::write(&rows, f)
}

/// What stands for events that are not shown.
fn left_out(hidden: &mut usize) -> Option<(String, String)> {
    (std::mem::take(hidden) > 0).then(|| ("    …".to_owned(), String::new()))
}

/// A check that did not hold, among the events.
fn violated_row(violation: &Violation, widest: usize) -> (String, String) {
    let at = violation.at.to_string();
    let text = violation.to_string();
    let text = format!("  ! {at:>widest$}   violated: {}", printable::line(&text));
    let place = violation.place.as_ref();
    (
        text,
        place.map_or_else(String::new, |line| line.to_string()),
    )
}

/// All events of a run in the words of a report, a line each; those that departures brought about are marked.
pub(crate) fn whole(excerpt: &Excerpt<'_>) -> String {
    let ats = excerpt
        .trace
        .events
        .iter()
        .map(|event| event.at.to_string());
    let widest = ats.map(|at| at.chars().count()).max().unwrap_or(0);
    let mark = |index| match excerpt.departures.contains(&index) {
        true => '▸',
        false => ' ',
    };
    let indices = 0..excerpt.trace.events.len();
    let rows: Vec<_> = indices
        .map(|index| row(excerpt, index, mark(index), widest))
        .collect();
    let mut text = "  All that happened   (▸ not as FIFO and on time)\n".to_owned();
    // A string takes whatever is written.
    let _ = columns::write(&rows, &mut text);
    text
}

fn row(excerpt: &Excerpt<'_>, index: usize, mark: char, widest: usize) -> (String, String) {
    let trace = excerpt.trace;
    let event = &trace.events[index];
    let at = event.at.to_string();
    let text = words::sentence_in(trace, index, excerpt.late);
    let origin = event.origin.as_ref().or_else(|| words::made(trace, index));
    let place = origin.map(ToString::to_string);
    let text = format!("  {mark} {at:>widest$}   {}", printable::line(&text));
    (text, place.unwrap_or_default())
}

/// Whether an event is worth showing wherever it stands: logs, faults, cancels, and expired scopes.
fn is_told(event: &TraceEvent) -> bool {
    matches!(
        event.what,
        EventKind::Log(_) | EventKind::Fault(_) | EventKind::Cancel(_) | EventKind::Expire { .. }
    )
}

/// Whether an event says nothing to a reader: what was drawn, and that a task is woken, which its turn says again.
fn is_a_detail(event: &TraceEvent) -> bool {
    matches!(event.what, EventKind::Draw { .. } | EventKind::Wake)
}

fn shown(excerpt: &Excerpt<'_>) -> Vec<bool> {
    let events = &excerpt.trace.events;
    let mut shown = vec![false; events.len()];
    let told = events.iter().enumerate();
    // The latest: they are nearest to what went wrong.
    let told = told
        .rev()
        .filter(|(_, event)| is_told(event))
        .take(TOLD_MAX);
    told.for_each(|(index, _)| shown[index] = true);
    let silent = carriers::turns(events);
    let mut show = |from: usize, to: usize| {
        let (from, to) = carriers::widened(&silent, from, to);
        let to = to.min(events.len());
        shown[from.min(to)..to].fill(true);
    };
    let departures = excerpt.departures.iter().take(DEPARTURES_MAX);
    for at in departures.copied().chain(excerpt.lost) {
        show(at.saturating_sub(BEFORE), at + AFTER);
    }
    for violation in excerpt.violated.iter().take(VIOLATED_MAX) {
        let after = excerpt.before(violation);
        show(after.saturating_sub(AFTER), after);
    }
    show(events.len().saturating_sub(LAST), events.len());
    show_ties(events, &mut shown);
    let details = events.iter().map(is_a_detail);
    let details = shown.iter_mut().zip(details);
    details.for_each(|(shown, is_a_detail)| *shown &= !is_a_detail);
    let marked = |index| excerpt.departures.contains(&index) || excerpt.lost == Some(index);
    for index in silent {
        shown[index] &= marked(index);
    }
    shown
}

/// What fires at the same moment as something that is shown, is shown too: which came first may be the whole matter.
fn show_ties(events: &[TraceEvent], shown: &mut [bool]) {
    let fires = |event: &TraceEvent| matches!(event.what, EventKind::Fire(_));
    let mut begin = 0;
    for of_a_moment in events.chunk_by(|one, next| one.at == next.at) {
        let range = begin..begin + of_a_moment.len();
        begin = range.end;
        let is_shown = range
            .clone()
            .any(|index| shown[index] && fires(&events[index]));
        if is_shown {
            let fires = range.filter(|index| fires(&events[*index]));
            fires.take(TIES_MAX).for_each(|index| shown[index] = true);
        }
    }
}
