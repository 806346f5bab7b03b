//! The page: what failed, the chart, the lenses, the nearest run that passes, and beside them what made the difference.
//!
//! There is no script in it: what folds is a `details` element, what a pointer shows is a `title`.

use super::chart::{Chart, Lane, Mark};
use super::follow::follow;
use super::lanes;
use super::layout::Axis;
use super::subject::Subject;
use super::svg::escape;
use super::ties::{Tie, ties};
use super::told::Told;
use super::{lens, side, table, words};

const STYLE: &str = include_str!("page.css");
/// Patterns and heads of arrows, which all images of a page share.
const SHARED: &str = r##"<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#eef1f4"/><line x1="0" y1="0" x2="0" y2="6" stroke="#c0c8d0" stroke-width="2"/></pattern>
<pattern id="never" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fdeeec"/><line x1="0" y1="0" x2="0" y2="6" stroke="#e6b0aa" stroke-width="2"/></pattern>
<marker id="mw" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#0b7a75"/></marker>
<marker id="mc" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#c0392b"/></marker>
</defs></svg>
"##;
/// The signs of a chart, and what each means.
const LEGEND: &str = concat!(
    "<p class=\"legend\">",
    "<span><i class=\"sign dep\">◆</i> departure: the only thing in this colour</span>",
    "<span><i class=\"sign\">○</i> on time</span>",
    "<span><i class=\"sign\">├─┤</i> anywhere here is possible</span>",
    "<span><i class=\"sign\">▨</i> waits</span>",
    "<span><i class=\"sign\">▥</i> woken, its turn is late</span>",
    "<span><i class=\"sign\">■</i> runs; ends</span>",
    "<span><i class=\"sign\">⚑</i> deadline, hollow if it was moved from there</span>",
    "<span><i class=\"sign ok\">→</i> wakes</span>",
    "<span><i class=\"sign bad\">⇢</i> cancels</span>",
    "<span><i class=\"sign bad\">✗</i> violated</span>",
    "</p>\n"
);
/// So many lanes are drawn large; of more, those that matter most.
const LARGE: usize = 20;

pub(super) fn page(subject: &Subject<'_>) -> String {
    let run = subject.run();
    let told = Told::of_run(run);
    let chart = follow(&told);
    let nearest = subject
        .failure()
        .and_then(|failure| failure.nearest.as_ref());
    let passing = nearest.map(|nearest| Told::of_trace(&nearest.trace, told.late));
    let passing = passing.map(|told| (follow(&told), told));
    // A run that passes may go on for long; what is to be compared is what the failing run has.
    let longest = chart.end.saturating_add(chart.end / 2);
    let other = passing.as_ref().map_or(0, |(passing, _)| passing.end);
    let end = chart.end.max(other.min(longest));
    let axis = Axis::to(end);
    let found = ties(&told, &chart, axis);
    let name = subject.name();
    let mut main = String::new();
    main.push_str("<h2>This run</h2>\n");
    main.push_str(LEGEND);
    main.push_str(&charts(&chart, axis, &found, "this run"));
    for (number, tie) in found.iter().enumerate() {
        main.push_str(&enlarged(&told, &chart, number, tie));
    }
    if let Some((passing, _)) = &passing {
        main.push_str(
            "<section class=\"nearest\"><h2>The nearest run that passes, on the same axis</h2>\n",
        );
        main.push_str(&charts(passing, axis, &[], "the nearest run that passes"));
        if other > end {
            let ends = words::time(other);
            main.push_str(&format!("<p class=\"more\">It goes on until {ends}.</p>\n"));
        }
        main.push_str("</section>\n");
    }
    main.push_str(&table::table(&told, &chart));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title>\n<style>\n{STYLE}</style></head><body>\n{SHARED}{header}<main><div class=\"pictures\">\n{main}</div>\n{side}</main>\n</body></html>\n",
        title = escape(&name),
        header = side::header(subject),
        side = side::side(subject),
    )
}

fn enlarged(told: &Told<'_>, chart: &Chart, number: usize, tie: &Tie) -> String {
    let (images, hidden) = lens::lens(told, chart, tie);
    let when = match tie.from == tie.to {
        true => words::time(tie.from),
        false => format!("{} to {}", words::time(tie.from), words::time(tie.to)),
    };
    let more = match hidden {
        0 => String::new(),
        hidden => format!("<p class=\"more\">… and {hidden} events more, in the list below</p>\n"),
    };
    format!(
        "<section class=\"tie\"><h2>Lens {}: {when}, event by event (in order, not in scale)</h2>\n{images}{more}</section>\n",
        number + 1
    )
}

/// The lanes that matter, and the others folded.
fn charts(chart: &Chart, axis: Axis, ties: &[Tie], label: &str) -> String {
    let mut order: Vec<usize> = (0..chart.lanes.len()).collect();
    order.sort_by_key(|lane| (std::cmp::Reverse(weight(chart, *lane)), *lane));
    let (large, folded) = order.split_at(order.len().min(LARGE));
    let [mut large, mut folded] = [large.to_vec(), folded.to_vec()];
    large.sort_unstable();
    folded.sort_unstable();
    let mut text = lanes::chart(chart, &large, axis, ties, label);
    if !folded.is_empty() {
        let count = folded.len();
        let image = super::compact::chart(chart, &folded, axis);
        text.push_str(&format!(
            "<details class=\"folded\"><summary>{count} more tasks, of which less is to be told</summary>\n{image}</details>\n"
        ));
    }
    text
}

/// How much a lane has to do with what went wrong.
fn weight(chart: &Chart, index: usize) -> usize {
    let lane: &Lane = &chart.lanes[index];
    let notes = lane.notes.iter().map(|note| match note.mark {
        Mark::Violation | Mark::Departure => 1_000,
        Mark::Cancel => 100,
        Mark::EndsBadly => 60,
        Mark::Fault => 50,
        Mark::Ends | Mark::Log => 0,
    });
    let notes = notes.max().unwrap_or(0);
    let departs = lane.whiskers.iter().any(|whisker| whisker.departs);
    let expired = lane.scopes.iter().any(|bar| bar.expired);
    let open = lane.blocks.iter().any(|block| block.open);
    let first = index == 0;
    notes
        + usize::from(departs) * 1_000
        + usize::from(expired) * 80
        + usize::from(open) * 40
        + usize::from(first) * 70
}
