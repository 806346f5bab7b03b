//! Many tasks on little room: a thin row for each, with its waits, its scopes and its marks.

use super::chart::{Chart, Doing, Mark};
use super::layout::{Axis, WIDTH};
use super::svg::Svg;
use super::words;

const ROW: f64 = 14.0;

/// Thin rows for these lanes.
pub(super) fn chart(chart: &Chart, lanes: &[usize], axis: Axis) -> String {
    let mut svg = Svg::default();
    for (row, index) in lanes.iter().enumerate() {
        let (lane, y) = (&chart.lanes[*index], row as f64 * ROW);
        svg.rect(&format!("lane lane{}", row % 2), (0.0, y), (WIDTH, ROW), "");
        svg.text(
            "thin",
            (10.0, y + 10.5),
            &words::cut(&lane.name, 20),
            &lane.name,
        );
        for block in &lane.blocks {
            let class = match (block.doing, block.open) {
                (Doing::Waits, true) => "wait open",
                (Doing::Waits, false) => "wait",
                (Doing::Stalls, _) => "stall",
                (Doing::Runs, _) => "run",
            };
            let (from, to) = (axis.x(block.from), axis.x(block.to));
            svg.rect(class, (from, y + 2.0), (to - from, 6.0), &block.title);
        }
        for bar in &lane.scopes {
            let (from, to) = (axis.x(bar.from), axis.x(bar.to));
            let class = if bar.expired {
                "scope expired"
            } else {
                "scope"
            };
            svg.rect(class, (from, y + 9.0), (to - from, 3.0), &bar.name);
        }
        for note in &lane.notes {
            let (x, y) = (axis.x(note.at), y + 5.0);
            match note.mark {
                Mark::Ends => svg.rect("ends", (x - 2.0, y - 2.0), (5.0, 5.0), &note.text),
                Mark::EndsBadly => {
                    svg.rect("ends badly", (x - 2.0, y - 2.0), (5.0, 5.0), &note.text)
                }
                Mark::Fault | Mark::Cancel => svg.cross("given-up", (x, y), &note.text),
                Mark::Log | Mark::Violation | Mark::Departure => {}
            }
        }
    }
    let height = lanes.len() as f64 * ROW;
    for at in axis.ticks() {
        svg.line("grid", (axis.x(at), 0.0), (axis.x(at), height));
        svg.text("ax", (axis.x(at), height + 13.0), &words::time(at), "");
    }
    svg.finish("chart compact", (WIDTH, height + 20.0), "more tasks")
}
