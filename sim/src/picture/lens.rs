//! A tie enlarged: its events in order, not in scale, with the nanoseconds between the moments.

use crate::record::{EventKind, TraceEvent};
use crate::report::words::phrase;

use super::chart::Chart;
use super::lanes::tail;
use super::layout::WIDTH;
use super::svg::Svg;
use super::ties::Tie;
use super::told::Told;
use super::words;

/// How many events stand side by side, and in how many strips.
const ACROSS: usize = 16;
const STRIPS: usize = 3;
const LEFT: f64 = 130.0;
/// How far a box is from the next one, at most and at least.
const STEP: (f64, f64) = (71.0, 57.0);
const HEIGHT: f64 = 24.0;
const BETWEEN: f64 = 7.0;
const GAP: f64 = 34.0;
const ROW: f64 = 50.0;
const HEAD: f64 = 26.0;

/// The images of a tie, and how many of its events they leave out.
pub(super) fn lens(told: &Told<'_>, chart: &Chart, tie: &Tie) -> (String, usize) {
    let shown = |index: &usize| {
        !matches!(
            told.trace.events[*index].what,
            EventKind::Wake | EventKind::Draw { .. } | EventKind::Late { .. }
        )
    };
    let events: Vec<usize> = tie.events.iter().copied().filter(shown).collect();
    let strips: Vec<&[usize]> = events.chunks(ACROSS).take(STRIPS).collect();
    let drawn: usize = strips.iter().map(|strip| strip.len()).sum();
    let images = strips
        .into_iter()
        .map(|strip| Strip::new(told, chart, strip).draw());
    (images.collect(), events.len() - drawn)
}

struct Strip<'a> {
    told: &'a Told<'a>,
    chart: &'a Chart,
    events: &'a [usize],
    /// The lanes of its rows; none is time's.
    rows: Vec<Option<usize>>,
    /// Where each event stands.
    xs: Vec<f64>,
    step: f64,
}

impl<'a> Strip<'a> {
    fn new(told: &'a Told<'a>, chart: &'a Chart, events: &'a [usize]) -> Self {
        let mut rows: Vec<Option<usize>> =
            events.iter().map(|index| chart.lane_of[*index]).collect();
        rows.sort_unstable();
        rows.dedup();
        let at = |index: &usize| told.trace.events[*index].at;
        let changes = |pair: &&[usize]| at(&pair[0]) != at(&pair[1]);
        let gaps = events.windows(2).filter(changes).count() as f64 * GAP;
        let step = (WIDTH - LEFT - gaps) / events.len().max(1) as f64;
        let step = step.clamp(STEP.1, STEP.0);
        let mut xs = Vec::new();
        let mut x = LEFT;
        for (number, index) in events.iter().enumerate() {
            if number > 0 && at(&events[number - 1]) != at(index) {
                x += GAP;
            }
            xs.push(x);
            x += step;
        }
        Strip {
            told,
            chart,
            events,
            rows,
            xs,
            step,
        }
    }

    fn wide(&self) -> f64 {
        self.step - BETWEEN
    }

    fn right(&self) -> f64 {
        self.xs.last().map_or(0.0, |x| x + self.step).max(WIDTH)
    }

    fn event(&self, number: usize) -> &'a TraceEvent {
        &self.told.trace.events[self.events[number]]
    }

    fn at(&self, number: usize) -> i64 {
        self.event(number).at.as_nanos()
    }

    fn row(&self, number: usize) -> f64 {
        let lane = self.chart.lane_of[self.events[number]];
        let row = self.rows.iter().position(|row| *row == lane).unwrap_or(0);
        HEAD + row as f64 * ROW + 18.0
    }

    fn draw(&self) -> String {
        let mut svg = Svg::default();
        let height = HEAD + self.rows.len() as f64 * ROW;
        self.names(&mut svg);
        self.moments(&mut svg, height);
        self.arrows(&mut svg);
        for number in 0..self.events.len() {
            self.event_box(&mut svg, number);
        }
        let right = self.right();
        svg.finish(
            "lens",
            (right, height + 20.0),
            "events in order, not in scale",
        )
    }

    fn names(&self, svg: &mut Svg) {
        for (row, lane) in self.rows.iter().enumerate() {
            let y = HEAD + row as f64 * ROW;
            svg.rect(
                &format!("lane lane{}", row % 2),
                (0.0, y),
                (self.right(), ROW),
                "",
            );
            let lane = lane.map(|lane| &self.chart.lanes[lane]);
            let name = lane.map_or("timers", |lane| &lane.name);
            svg.text("name", (10.0, y + 20.0), &words::cut(name, 14), name);
            if let Some(origin) = lane.and_then(|lane| lane.spawned.as_ref()) {
                svg.text(
                    "place",
                    (10.0, y + 35.0),
                    &tail(&origin.at.to_string(), 19),
                    "",
                );
            }
        }
    }

    /// Above the boxes the moments, and between two of them how far they are apart.
    fn moments(&self, svg: &mut Svg, height: f64) {
        let mut first = 0;
        for number in 1..=self.events.len() {
            if number < self.events.len() && self.at(number) == self.at(first) {
                continue;
            }
            let (from, to) = (self.xs[first], self.xs[number - 1] + self.wide());
            svg.rect("instant", (from, 2.0), (to - from, 18.0), "");
            let text = words::time(self.at(first));
            svg.text("axm", (f64::midpoint(from, to), 15.0), &text, "");
            if number < self.events.len() {
                let x = f64::midpoint(to, self.xs[number]);
                svg.line("apart", (x, 2.0), (x, height));
                let apart = words::time(self.at(number).saturating_sub(self.at(first)));
                svg.text("apt", (x, height + 14.0), &format!("{apart} later"), "");
            }
            first = number;
        }
    }

    fn event_box(&self, svg: &mut Svg, number: usize) {
        let (event, index) = (self.event(number), self.events[number]);
        let (x, y) = (self.xs[number], self.row(number));
        let class = match event.what {
            EventKind::Expire { .. }
            | EventKind::Cancel(_)
            | EventKind::Deliver
            | EventKind::Fault(_) => "event bad",
            EventKind::End(crate::record::TaskOutcome::Returned) => "event ok",
            EventKind::End(_) => "event bad",
            EventKind::Turn | EventKind::Spawn => "event turn",
            _ => "event",
        };
        let place = event
            .origin
            .as_ref()
            .map_or_else(String::new, |origin| format!(", at {origin}"));
        let task = event
            .task
            .as_deref()
            .map_or_else(String::new, |task| format!("{task} "));
        let title = format!(
            "event {}: {task}{}{place}, at {} ns",
            index + 1,
            phrase(event, self.told.late),
            event.at.as_nanos()
        );
        svg.rect(class, (x, y), (self.wide(), HEIGHT), &title);
        svg.text(
            "evt",
            (x + self.wide() / 2.0, y + 16.0),
            &words::cut(&words::short(event), (self.wide() / 5.7) as usize),
            &title,
        );
        let departs = self
            .chart
            .departures
            .iter()
            .find(|(of, _)| self.is_of(*of, index));
        if let Some((_, departure)) = departs {
            let departure = &self.told.departures[*departure];
            let title = match departure.choices() {
                Some(choices) => format!("{}; {choices}", departure.text),
                None => departure.text.clone(),
            };
            svg.diamond((x + self.wide() / 2.0, y - 1.0), &title);
        }
    }

    /// Whether a departure is about this event: it is the one that was decided, or the firing of what was late.
    fn is_of(&self, decided: usize, index: usize) -> bool {
        let events = &self.told.trace.events;
        match (
            events.get(decided).map(|event| &event.what),
            &events[index].what,
        ) {
            (
                Some(EventKind::Late {
                    timer: Some(late), ..
                }),
                EventKind::Fire(timer),
            ) => late == timer && index > decided,
            (Some(EventKind::Late { .. }), _) => false,
            _ => decided == index,
        }
    }

    /// What brought about what, where both are shown.
    fn arrows(&self, svg: &mut Svg) {
        for number in 1..self.events.len() {
            let index = self.events[number];
            let is_turn = matches!(self.event(number).what, EventKind::Turn);
            let cause = match is_turn {
                // A turn is brought about by a wake, and that by what was under way then.
                true => {
                    self.chart.causes[index].and_then(|wake| self.chart.causes[wake].or(Some(wake)))
                }
                false => self.chart.causes[index],
            };
            let bad = matches!(
                self.event(number).what,
                EventKind::Cancel(_) | EventKind::Expire { .. } | EventKind::Deliver
            );
            let class = if bad { "cancels" } else { "wakes" };
            let Some(from) = cause.and_then(|cause| self.events.iter().position(|of| *of == cause))
            else {
                continue;
            };
            if from >= number {
                continue;
            }
            let (y0, y1) = (self.row(from), self.row(number));
            let (x0, x1) = (
                self.xs[from] + self.wide() / 2.0,
                self.xs[number] + self.wide() / 2.0,
            );
            match y0 == y1 {
                true if from + 1 == number => {
                    svg.line(
                        class,
                        (self.xs[from] + self.wide(), y0 + 12.0),
                        (self.xs[number], y1 + 12.0),
                    );
                }
                true => {}
                false if y0 < y1 => svg.arrow(class, (x0, y0 + HEIGHT), (x1, y1 - 2.0), ""),
                false => svg.arrow(class, (x0, y0), (x1, y1 + HEIGHT + 2.0), ""),
            }
        }
    }
}
