//! Every event in a table that is folded: number, moment, task, what, place, and what brought it about.

use crate::report::words::phrase;

use super::chart::Chart;
use super::svg::escape;
use super::told::Told;
use super::words;

/// How many events are listed.
const LISTED: usize = 1_000;

pub(super) fn table(told: &Told<'_>, chart: &Chart) -> String {
    let events = &told.trace.events;
    let mut rows = String::new();
    for (index, event) in events.iter().take(LISTED).enumerate() {
        let departs = told
            .departures
            .iter()
            .find(|departure| departure.events_before == index);
        let departs = departs.map_or_else(String::new, |departure| {
            format!(" <b class=\"dep\">◆ {}</b>", escape(&departure.text))
        });
        let task = event.task.as_deref().unwrap_or("timers");
        let place = event
            .origin
            .as_ref()
            .map_or_else(String::new, |origin| origin.to_string());
        let cause = chart.causes.get(index).copied().flatten();
        let cause = cause.map_or_else(String::new, |cause| {
            let number = cause + 1;
            format!(
                "<a href=\"#e{number}\">{number}</a> {}",
                escape(&words::brief(&events[cause]))
            )
        });
        rows.push_str(&format!(
            "<tr id=\"e{n}\"><td>{n}<td>{at}<td>{nanos}<td>{task}<td>{what}{departs}<td>{place}<td>{cause}\n",
            n = index + 1,
            at = words::time(event.at.as_nanos()),
            nanos = event.at.as_nanos(),
            task = escape(task),
            what = escape(&phrase(event, told.late)),
            place = escape(&place),
        ));
    }
    let more = match events.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(
            "<p class=\"more\">… and {more} events more, which `--trace text` and `--trace json` have</p>"
        ),
    };
    format!(
        "<details class=\"events\"><summary>All {} events</summary>\n<table><tr><th>event<th>at<th>ns<th>task<th>what<th>place<th>brought about by\n{rows}</table>{more}</details>\n",
        events.len()
    )
}
