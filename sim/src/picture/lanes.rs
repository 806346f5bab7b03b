//! The chart of a run: a lane for each task on one axis, and the arrows between them.

mod notes;

use super::chart::{Bar, Block, Chart, Doing, Lane};
use super::layout::{Axis, Rows, WIDTH};
use super::svg::{Svg, width};
use super::ties::Tie;
use super::words;

/// How many arrows a chart shows.
const ARROWS: usize = 120;
/// More arrows than these are thin.
const MANY: usize = 16;
/// How many earlier deadlines of a scope are shown.
const MOVES: usize = 4;
const SCOPE: f64 = 15.0;
const BLOCK: f64 = 20.0;
const ROW: f64 = 16.0;

/// A lane that was laid out: where it begins, how high it is, and where its blocks are.
struct Placed {
    top: f64,
    blocks: f64,
    height: f64,
}

pub(super) struct Drawing<'a> {
    pub(super) chart: &'a Chart,
    pub(super) axis: Axis,
    pub(super) deadlines: Vec<i64>,
    pub(super) svg: Svg,
}

/// The chart of these lanes, as an image.
pub(super) fn chart(
    chart: &Chart,
    lanes: &[usize],
    axis: Axis,
    ties: &[Tie],
    label: &str,
) -> String {
    let mut drawing = Drawing {
        chart,
        axis,
        deadlines: chart.deadlines(),
        svg: Svg::default(),
    };
    let mut y = 4.0;
    let mut placed = Vec::new();
    let mut grid = Svg::default();
    let mut fore = Svg::default();
    for (number, index) in lanes.iter().enumerate() {
        let before = std::mem::take(&mut drawing.svg);
        let place = drawing.lane(&chart.lanes[*index], y);
        let own = std::mem::replace(&mut drawing.svg, before);
        let class = format!("lane lane{}", number % 2);
        grid.rect(&class, (0.0, y), (WIDTH, place.height), "");
        fore.body.push_str(&own.body);
        y += place.height;
        placed.push(place);
    }
    for at in axis.ticks() {
        grid.line("grid", (axis.x(at), 0.0), (axis.x(at), y));
        fore.text("ax", (axis.x(at), y + 15.0), &words::time(at), "");
    }
    for (number, tie) in ties.iter().enumerate() {
        let (from, to) = (axis.x(tie.from) - 8.0, axis.x(tie.to) + 8.0);
        grid.rect("mark", (from, 1.0), (to - from, y - 1.0), "enlarged below");
        fore.text(
            "marked",
            (f64::midpoint(from, to), y + 28.0),
            &format!("lens {}", number + 1),
            "",
        );
    }
    drawing.svg.body = grid.body + &fore.body;
    drawing.arrows(lanes, &placed);
    drawing.svg.finish("chart", (WIDTH, y + 32.0), label)
}

impl Drawing<'_> {
    fn lane(&mut self, lane: &Lane, top: f64) -> Placed {
        let mut y = top + 4.0;
        y += self.scopes(lane, y);
        let blocks = y;
        for block in &lane.blocks {
            self.block(block, blocks);
        }
        y += BLOCK;
        y += self.whiskers(lane, y);
        y += self.notes(lane, y);
        let height = (y - top + 4.0).max(46.0);
        self.flags(lane, top, height);
        self.svg.text(
            "name",
            (10.0, top + 19.0),
            &words::cut(&lane.name, 17),
            &lane.name,
        );
        if let Some(origin) = &lane.spawned {
            let place = origin.at.to_string();
            self.svg.text(
                "place",
                (10.0, top + 34.0),
                &tail(&place, 22),
                &format!("spawned at {origin}"),
            );
        }
        Placed {
            top,
            blocks,
            height,
        }
    }

    fn scopes(&mut self, lane: &Lane, top: f64) -> f64 {
        let mut rows = Rows::default();
        let mut labels = Vec::new();
        for bar in &lane.scopes {
            let (from, to) = (
                self.axis.x(bar.from),
                self.axis.x(bar.to).max(self.axis.x(bar.from) + 2.0),
            );
            let label = label_of(bar);
            let inside = width(&label) + 8.0 <= to - from;
            let right = if inside { to } else { to + width(&label) + 8.0 };
            let row = rows.take(from, right + 2.0);
            let y = top + row as f64 * SCOPE;
            let class = if bar.expired {
                "scope expired"
            } else {
                "scope"
            };
            self.svg
                .rect(class, (from, y), (to - from, SCOPE - 3.0), &title_of(bar));
            labels.push((if inside { from + 4.0 } else { to + 4.0 }, y + 10.0, label));
        }
        for (x, y, label) in labels {
            self.svg.text("sl", (x, y), &label, "");
        }
        rows.len() as f64 * SCOPE
    }

    /// Where deadlines are, from the top of a lane to its end; those that were moved are hollow.
    fn flags(&mut self, lane: &Lane, top: f64, height: f64) {
        for bar in &lane.scopes {
            let moved = bar.deadlines.len().saturating_sub(1);
            let earlier = bar
                .deadlines
                .iter()
                .take(moved)
                .skip(moved.saturating_sub(MOVES));
            for (since, deadline) in earlier {
                let Some(deadline) = deadline else { continue };
                let title = format!(
                    "{}: deadline {} until it was moved, set at {}",
                    bar.name,
                    words::time(*deadline),
                    words::time(*since)
                );
                self.flag("flag moved", *deadline, top, height, &title);
            }
            let Some(deadline) = bar.deadline() else {
                continue;
            };
            if deadline > self.chart.end && moved == 0 && !bar.expired {
                continue;
            }
            let class = if bar.expired { "flag expired" } else { "flag" };
            self.flag(class, deadline, top, height, &title_of(bar));
        }
    }

    fn flag(&mut self, class: &str, at: i64, top: f64, height: f64, title: &str) {
        let x = self.axis.x(at);
        self.svg.line(
            &format!("{class} pole"),
            (x, top + 2.0),
            (x, top + height - 2.0),
        );
        self.svg.path(
            class,
            &format!("M{x:.1},{:.1} l9,4 -9,4 z", top + 2.0),
            title,
        );
    }

    fn block(&mut self, block: &Block, top: f64) {
        let (from, to) = (self.axis.x(block.from), self.axis.x(block.to));
        let class = match (block.doing, block.open) {
            (Doing::Waits, true) => "wait open",
            (Doing::Waits, false) => "wait",
            (Doing::Stalls, _) => "stall",
            (Doing::Runs, _) => "run",
        };
        let title = format!("{} (event {})", block.title, block.event + 1);
        self.svg
            .rect(class, (from, top), (to - from, BLOCK - 4.0), &title);
        let suffix = if block.open { ": never comes" } else { "" };
        let label = format!("{}{suffix}", block.label);
        let room = ((to - from - 6.0) / 6.4) as usize;
        let is_plain = block.label == super::follow::UNKNOWN && !block.open;
        if room >= 6 && (width(&label) < to - from - 6.0 || room >= 14) && !is_plain {
            self.svg.text(
                "lb",
                (from + 4.0, top + 12.0),
                &words::cut(&label, room),
                "",
            );
        }
    }

    fn arrows(&mut self, lanes: &[usize], placed: &[Placed]) {
        let find = |lane: usize| {
            lanes
                .iter()
                .position(|shown| *shown == lane)
                .map(|at| &placed[at])
        };
        let mut arrows: Vec<_> = self.chart.arrows.iter().collect();
        arrows.sort_by_key(|arrow| !arrow.cancels);
        let many = arrows.len() > MANY;
        for arrow in arrows.into_iter().take(ARROWS) {
            let (Some(from), Some(to)) = (find(arrow.from), find(arrow.to)) else {
                continue;
            };
            // A cancel mostly comes with a wake, which would hide it.
            // To the left: what is written stands to the right of its moment.
            let aside = if arrow.cancels { -4.0 } else { 0.0 };
            let x = self.axis.x(arrow.at) + aside;
            let down = from.top < to.top;
            let (y0, y1) = match down {
                true => (from.blocks + BLOCK - 4.0, to.blocks),
                false => (from.blocks, to.blocks + BLOCK - 4.0),
            };
            let (class, verb) = match arrow.cancels {
                true => ("cancels", "asks to cancel"),
                false if many => ("wakes many", "wakes"),
                false => ("wakes", "wakes"),
            };
            let names = (
                &self.chart.lanes[arrow.from].name,
                &self.chart.lanes[arrow.to].name,
            );
            let title = format!(
                "{} {verb} {} at {} (event {})",
                names.0,
                names.1,
                words::time(arrow.at),
                arrow.event + 1
            );
            self.svg.arrow(class, (x, y0), (x, y1), &title);
        }
    }
}

fn label_of(bar: &Bar) -> String {
    let kind = if bar.is_timer { "" } else { "scope " };
    let allowed = bar
        .deadlines
        .first()
        .and_then(|(since, deadline)| Some(deadline.as_ref()? - since));
    match allowed {
        Some(allowed) => format!(
            "{kind}{} ≤ {}",
            words::cut(&bar.name, 24),
            words::time(allowed)
        ),
        None => format!("{kind}{}", words::cut(&bar.name, 24)),
    }
}

fn title_of(bar: &Bar) -> String {
    let place = bar
        .origin
        .as_ref()
        .map_or_else(String::new, |origin| format!(" at {origin}"));
    let deadline = bar
        .deadline()
        .map_or_else(|| "none".to_owned(), words::time);
    let moved = match bar.deadlines.len() {
        0 | 1 => String::new(),
        times => format!(", moved {} times", times - 1),
    };
    let end = match (bar.expired, bar.end) {
        (true, Some(end)) => format!("expired, ended in {}", words::end_of_scope(end)),
        (true, None) if bar.is_timer => "it fired".to_owned(),
        (true, None) => "expired, never left".to_owned(),
        (false, Some(end)) => format!("ended in {}", words::end_of_scope(end)),
        (false, None) if bar.is_timer => format!("given up at {}", words::time(bar.to)),
        (false, None) => "never left".to_owned(),
    };
    format!(
        "{}: from {}{place}, deadline {deadline}{moved}; {end} (event {})",
        bar.name,
        words::time(bar.from),
        bar.event + 1
    )
}

/// The end of a path, which says more than its beginning.
pub(super) fn tail(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let end: String = text.chars().skip(length - most + 1).collect();
    format!("…{end}")
}
