//! The chart of a run: a lane for each task on one axis, and the arrows between them.

use super::chart::{Bar, Block, Chart, Doing, Lane, Mark, Note, Whisker};
use super::layout::{Axis, LEFT, Rows, WIDTH};
use super::svg::{Svg, width};
use super::ties::Tie;
use super::words;

/// How many notes a lane shows.
const NOTES: usize = 8;
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
        deadlines: deadlines(chart),
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

/// Every deadline of a scope.
pub(super) fn deadlines(chart: &Chart) -> Vec<i64> {
    let bars = chart.lanes.iter().flat_map(|lane| &lane.scopes);
    bars.flat_map(|bar| bar.deadlines.iter().filter_map(|(_, deadline)| *deadline))
        .collect()
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

    fn whiskers(&mut self, lane: &Lane, top: f64) -> f64 {
        let mut rows = Rows::default();
        let shown = lane.whiskers.iter();
        let mut shown: Vec<&Whisker> = shown
            .filter(|whisker| whisker.departs || !whisker.late || lane.whiskers.len() < 6)
            .collect();
        shown.sort_by_key(|whisker| !whisker.departs);
        for whisker in shown.into_iter().take(6) {
            let (low, high) = (self.axis.x(whisker.low), self.axis.x(whisker.high));
            let label = self.told_of(whisker);
            let size = width(&label) * 1.1 + 20.0;
            let fits = high + size < WIDTH;
            let (from, to) = if fits {
                (low, high + size)
            } else {
                (low - size, high)
            };
            let row = rows.take(from - 6.0, to + 6.0);
            let y = top + row as f64 * ROW + 7.0;
            self.whisker(whisker, y, &label);
            let class = if whisker.departs { "dl" } else { "wl" };
            let x = if fits { high + 12.0 } else { from };
            self.svg.text(class, (x, y + 4.0), &label, "");
        }
        rows.len() as f64 * ROW
    }

    fn whisker(&mut self, whisker: &Whisker, y: f64, label: &str) {
        let (low, high, chosen) = (
            self.axis.x(whisker.low),
            self.axis.x(whisker.high),
            self.axis.x(whisker.chosen),
        );
        let place = whisker
            .origin
            .as_ref()
            .map_or_else(String::new, |origin| format!(", made at {origin}"));
        let title = format!(
            "timer #{}{place}: {} to {}; {label} (event {})",
            whisker.timer,
            words::time(whisker.low),
            words::time(whisker.high),
            whisker.event + 1
        );
        let class = if whisker.late {
            "whisker lateness"
        } else {
            "whisker"
        };
        self.svg.path(
            class,
            &format!(
                "M{low:.1},{y:.1} L{high:.1},{y:.1} M{low:.1},{:.1} l0,8 M{high:.1},{:.1} l0,8",
                y - 4.0,
                y - 4.0
            ),
            &title,
        );
        self.svg.circle("ontime", (low, y), 3.5, &title);
        match (whisker.departs, whisker.fired) {
            (true, _) => self.svg.diamond((chosen, y), &title),
            (false, true) => self.svg.circle("chosen", (chosen, y), 3.0, &title),
            (false, false) => self.svg.cross("given-up", (chosen, y), &title),
        }
    }

    fn told_of(&self, whisker: &Whisker) -> String {
        let at = words::moment(whisker.chosen, &self.deadlines);
        let by = words::time(whisker.chosen.saturating_sub(whisker.low));
        let number = whisker.timer;
        match (whisker.fired, whisker.late) {
            (false, _) => format!("#{number} given up at {at}"),
            (true, true) => format!("#{number} fires at {at}, {by} late"),
            (true, false) if whisker.chosen == whisker.low => {
                format!("#{number} at {at}, on time")
            }
            (true, false) => format!(
                "#{number} at {at} (at the earliest {})",
                words::time(whisker.low)
            ),
        }
    }

    fn notes(&mut self, lane: &Lane, top: f64) -> f64 {
        let flags = lane
            .scopes
            .iter()
            .filter(|bar| bar.expired)
            .filter_map(|bar| {
                let deadline = bar.deadline()?;
                let (name, at) = (&bar.name, words::time(deadline));
                let text = match bar.is_timer {
                    true => format!("{name} fires at {at}"),
                    false => format!("deadline of {name} at {at}: expired"),
                };
                Some((
                    Note {
                        at: deadline,
                        mark: Mark::EndsBadly,
                        text,
                        event: Some(bar.event),
                    },
                    true,
                ))
            });
        let spared = lane
            .scopes
            .iter()
            .filter(|bar| !bar.expired && lane.scopes.len() < 6)
            .filter_map(|bar| {
                let spare = bar.deadline()?.saturating_sub(bar.to);
                let ended = (bar.end.is_some() || bar.is_timer) && spare > 0;
                let text = format!("{} ended with {} to spare", bar.name, words::time(spare));
                ended.then(|| {
                    (
                        Note {
                            at: bar.to,
                            mark: Mark::Log,
                            text,
                            event: Some(bar.event),
                        },
                        true,
                    )
                })
            });
        let own = lane.notes.iter().map(|note| {
            let Note {
                at,
                mark,
                text,
                event,
            } = note;
            (
                Note {
                    at: *at,
                    mark: *mark,
                    text: text.clone(),
                    event: *event,
                },
                false,
            )
        });
        let mut notes: Vec<(Note, bool)> = flags.chain(own).chain(spared).collect();
        notes.sort_by_key(|(note, _)| note.mark);
        let hidden = notes.len().saturating_sub(NOTES);
        notes.truncate(NOTES);
        notes.sort_by_key(|(note, _)| (note.at, note.event));
        let mut rows = Rows::default();
        for (note, is_flag) in &notes {
            self.note(note, *is_flag, top, &mut rows);
        }
        if hidden > 0 {
            let row = rows.take(LEFT, WIDTH);
            let text = format!("… and {hidden} more below, event by event");
            self.svg
                .text("nl", (LEFT + 4.0, top + row as f64 * ROW + 11.0), &text, "");
        }
        rows.len() as f64 * ROW
    }

    fn note(&mut self, note: &Note, is_flag: bool, top: f64, rows: &mut Rows) {
        let x = self.axis.x(note.at);
        let text = words::cut(&note.text, 100);
        let size = width(&text) * 1.08 + 14.0;
        let fits = x + size < WIDTH;
        let (from, to) = if fits {
            (x - 6.0, x + size)
        } else {
            ((x - size).max(0.0), x + 6.0)
        };
        let y = top + rows.take(from, to) as f64 * ROW + 7.0;
        let event = note
            .event
            .map_or_else(String::new, |event| format!(" (event {})", event + 1));
        let title = format!("{} at {}{event}", note.text, words::time(note.at));
        let class = match note.mark {
            Mark::Violation => {
                self.svg.cross("violation", (x, y), &title);
                "bad"
            }
            Mark::Departure => {
                self.svg.diamond((x, y), &title);
                "dl"
            }
            Mark::Cancel => {
                self.svg.text("glyph bad", (x - 5.0, y + 4.0), "✂", &title);
                "bad"
            }
            Mark::Fault => {
                self.svg.text("glyph bad", (x - 5.0, y + 4.0), "ϟ", &title);
                "bad"
            }
            Mark::EndsBadly if is_flag => {
                self.svg.text("glyph bad", (x - 4.0, y + 4.0), "⚑", &title);
                "bad"
            }
            Mark::EndsBadly => {
                self.svg
                    .rect("ends badly", (x - 3.0, y - 3.0), (7.0, 7.0), &title);
                "bad"
            }
            Mark::Ends => {
                self.svg
                    .rect("ends", (x - 3.0, y - 3.0), (7.0, 7.0), &title);
                "ok"
            }
            Mark::Log => {
                self.svg.circle("log", (x, y), 2.0, &title);
                "nl"
            }
        };
        let (anchor, x) = if fits {
            ("", x + 9.0)
        } else {
            (" end", x - 9.0)
        };
        self.svg
            .text(&format!("{class}{anchor}"), (x, y + 4.0), &text, "");
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
            let aside = if arrow.cancels { 4.0 } else { 0.0 };
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
