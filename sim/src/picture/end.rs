//! What is drawn at the end of a run: what did not hold, and what was still open.

use super::chart::{Chart, Mark, Note};
use super::told::Told;

/// Puts violations and a panic where they were seen, and ends the bars that nobody left.
pub(super) fn close(told: &Told<'_>, chart: &mut Chart) {
    let end = chart.end;
    let bars = chart.lanes.iter_mut().flat_map(|lane| &mut lane.scopes);
    bars.filter(|bar| bar.to == i64::MAX)
        .for_each(|bar| bar.to = end);
    for violation in told.violations {
        let at = violation.at.as_nanos();
        let lane = of_text(chart, &violation.text).or_else(|| last_at(told, chart, at));
        let place = violation.place.as_ref();
        // There is no room for a path; the page has it above.
        let place = place.map_or_else(String::new, |line| {
            let line = line.to_string();
            format!(" ({})", line.rsplit('/').next().unwrap_or(&line))
        });
        add(chart, lane, at, format!("{violation}{place}"));
    }
    if let Some(panic) = told.panic {
        let lane = chart.lanes.iter().position(|lane| lane.name == panic.task);
        let text = format!(
            "panicked: {}",
            panic.message.lines().next().unwrap_or_default()
        );
        let at = last_of(told, chart, lane).unwrap_or(end);
        add(chart, lane.or_else(|| last_at(told, chart, end)), at, text);
    }
}

fn add(chart: &mut Chart, lane: Option<usize>, at: i64, text: String) {
    if let Some(lane) = lane.and_then(|lane| chart.lanes.get_mut(lane)) {
        let (mark, event) = (Mark::Violation, None);
        lane.notes.push(Note {
            at,
            mark,
            text,
            event,
        });
    }
}

/// The task that a violation names first.
fn of_text(chart: &Chart, text: &str) -> Option<usize> {
    let named = |name: &str| {
        [
            format!("task {name} "),
            format!("task \"{name}\""),
            format!("task {name}:"),
        ]
        .iter()
        .any(|named| text.contains(named))
    };
    chart.lanes.iter().position(|lane| named(&lane.name))
}

/// The task of the last event up to a moment.
fn last_at(told: &Told<'_>, chart: &Chart, at: i64) -> Option<usize> {
    let events = told.trace.events.iter().zip(&chart.lane_of);
    let before = events.filter(|(event, _)| event.at.as_nanos() <= at);
    before.filter_map(|(_, lane)| *lane).next_back()
}

/// When a task did something for the last time.
fn last_of(told: &Told<'_>, chart: &Chart, lane: Option<usize>) -> Option<i64> {
    let events = told.trace.events.iter().zip(&chart.lane_of);
    let own = events.filter(|(_, of)| lane.is_some() && **of == lane);
    own.map(|(event, _)| event.at.as_nanos()).next_back()
}
