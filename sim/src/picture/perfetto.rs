//! A run as a timeline in the Trace Event Format, for `ui.perfetto.dev` and `chrome://tracing`.
//!
//! 1. Turns, waits and firings are complete slices (`X`), which never overlap within a row; scopes are nestable
//!    asynchronous ones (`b`, `e`); wakes and cancels are flows (`s`, `f`); all else is an instant (`i`).
//! 2. What happens at one instant is spread, each event some time after the one before, so that it can be seen. The
//!    spread is at most a tenth of the run; `args` have the real nanoseconds.
//!
//! Source: "Trace Event Format", Google, 2016, as Perfetto reads it.

use crate::record::{EventKind, TraceEvent};
use crate::report::words::phrase;

use super::chart::{Chart, Doing};
use super::follow::follow;
use super::json;
use super::told::Told;
use super::value::Value;
use super::words;

type Fields = Vec<(&'static str, Value)>;

/// The row of what concerns no task.
const TIMERS: u64 = 1;

pub(super) fn timeline(name: &str, told: &Told<'_>) -> String {
    let chart = follow(told);
    let (shown, step) = spread(&told.trace.events, chart.end);
    let mut timeline = Timeline {
        told,
        chart: &chart,
        shown,
        step,
        out: Vec::new(),
        flows: 0,
    };
    timeline.names(name);
    timeline.slices();
    timeline.scopes();
    timeline.flows();
    let events = timeline.out.into_iter().map(Value::Object).collect();
    let whole = Value::Object(vec![
        ("displayTimeUnit", "ns".into()),
        ("traceEvents", Value::List(events)),
    ]);
    format!("{whole}\n")
}

/// Where each event is shown, and how far events of one instant are apart.
fn spread(events: &[TraceEvent], end: i64) -> (Vec<i64>, i64) {
    let step = (end / (10 * (events.len() as i64 + 1))).max(1_000);
    let mut last = None;
    let shown = events.iter().map(|event| {
        let at = event.at.as_nanos();
        let at = last.map_or(at, |last: i64| at.max(last.saturating_add(step)));
        last = Some(at);
        at
    });
    (shown.collect(), step)
}

/// Whether what was under way is over.
fn ends(event: &TraceEvent) -> bool {
    starts(event) || matches!(event.what, EventKind::Late { .. })
}

fn starts(event: &TraceEvent) -> bool {
    matches!(event.what, EventKind::Turn | EventKind::Fire(_))
}

struct Timeline<'a> {
    told: &'a Told<'a>,
    chart: &'a Chart,
    shown: Vec<i64>,
    step: i64,
    out: Vec<Fields>,
    flows: u64,
}

impl Timeline<'_> {
    fn row(lane: Option<usize>) -> u64 {
        lane.map_or(TIMERS, |lane| lane as u64 + 2)
    }

    fn mark(
        &mut self,
        phase: &'static str,
        category: &'static str,
        name: String,
        at: i64,
        row: u64,
    ) -> &mut Fields {
        self.out.push(vec![
            ("ph", phase.into()),
            ("cat", category.into()),
            ("name", Value::text(name)),
            ("ts", Value::Thousandths(at.into())),
            ("pid", 1_u64.into()),
            ("tid", row.into()),
        ]);
        let last = self.out.len() - 1;
        &mut self.out[last]
    }

    fn names(&mut self, name: &str) {
        let mut meta = |what: &'static str, row: u64, args: Fields| {
            self.out.push(vec![
                ("ph", "M".into()),
                ("name", what.into()),
                ("pid", 1_u64.into()),
                ("tid", row.into()),
                ("args", Value::Object(args)),
            ]);
        };
        meta("process_name", TIMERS, vec![("name", name.into())]);
        let rows = self.chart.lanes.iter().map(|lane| lane.name.as_str());
        for (index, name) in ["timers"].into_iter().chain(rows).enumerate() {
            let row = index as u64 + 1;
            meta("thread_name", row, vec![("name", name.into())]);
            meta("thread_sort_index", row, vec![("sort_index", row.into())]);
        }
    }

    fn args(&self, index: usize) -> Fields {
        let event = &self.told.trace.events[index];
        let mut args: Fields = vec![
            ("event", ((index + 1) as u64).into()),
            ("at_ns", event.at.as_nanos().into()),
            ("what", Value::text(phrase(event, self.told.late))),
        ];
        args.extend(json::own(&event.what));
        if let Some(origin) = &event.origin {
            args.push(("place", Value::text(origin.to_string())));
        }
        let departs = self
            .told
            .departures
            .iter()
            .find(|departure| departure.events_before == index);
        if let Some(departure) = departs {
            args.push(("departure", departure.text.as_str().into()));
        }
        args
    }

    /// Turns and firings, the waits between turns, and a mark for each other event.
    fn slices(&mut self) {
        let events = &self.told.trace.events;
        let mut free: Vec<Option<i64>> = vec![None; self.chart.lanes.len()];
        let mut index = 0;
        while index < events.len() {
            let lane = self.chart.lane_of[index];
            if !starts(&events[index]) {
                self.instant(index);
                if let (EventKind::Spawn, Some(lane)) = (&events[index].what, lane) {
                    free[lane] = Some(self.shown[index]);
                }
                index += 1;
                continue;
            }
            let rest = events[index + 1..].iter().position(ends);
            let last = rest.map_or(events.len() - 1, |next| index + next);
            if let Some(lane) = lane {
                self.waited(lane, index, free[lane]);
                free[lane] = Some(self.shown[last].saturating_add(self.step));
            }
            let name = words::brief(&events[index]);
            self.slice(
                name,
                "turn",
                lane,
                (
                    self.shown[index],
                    self.shown[last].saturating_add(self.step),
                ),
                self.args(index),
            );
            (index + 1..=last).for_each(|inner| self.instant(inner));
            index = last + 1;
        }
        self.open(&free);
    }

    fn slice(
        &mut self,
        name: String,
        category: &'static str,
        lane: Option<usize>,
        (from, to): (i64, i64),
        args: Fields,
    ) {
        let fields = self.mark("X", category, name, from, Self::row(lane));
        fields.push((
            "dur",
            Value::Thousandths(to.saturating_sub(from).max(0).into()),
        ));
        fields.push(("args", Value::Object(args)));
    }

    fn instant(&mut self, index: usize) {
        let event = &self.told.trace.events[index];
        let (args, at) = (self.args(index), self.shown[index]);
        let row = Self::row(self.chart.lane_of[index]);
        let fields = self.mark("i", "event", words::brief(event), at, row);
        fields.push(("s", "t".into()));
        fields.push(("args", Value::Object(args)));
    }

    /// Before a turn its task waited, until it was woken, and then for its turn.
    fn waited(&mut self, lane: usize, turn: usize, free: Option<i64>) {
        let Some(from) = free else { return };
        let at = self.told.trace.events[turn].at.as_nanos();
        let wake = self.chart.causes[turn];
        let woken = wake
            .map_or(self.shown[turn], |wake| self.shown[wake])
            .max(from);
        let real = wake.map_or(at, |wake| self.told.trace.events[wake].at.as_nanos());
        let blocks = &self.chart.lanes[lane].blocks;
        let known = |of: &&super::chart::Block| of.doing == Doing::Waits && of.to == real;
        if woken > from {
            let known = blocks.iter().find(known);
            let (label, since) = known.map_or((super::follow::UNKNOWN, real), |block| {
                (&block.label, block.from)
            });
            let label = format!("waits {}", super::follow::whole(label));
            let args = vec![("from_ns", since.into()), ("to_ns", real.into())];
            self.slice(label, "wait", Some(lane), (from, woken), args);
        }
        if self.shown[turn] > woken {
            let args = vec![("from_ns", real.into()), ("to_ns", at.into())];
            self.slice(
                "is ready".to_owned(),
                "ready",
                Some(lane),
                (woken, self.shown[turn]),
                args,
            );
        }
    }

    /// Those that still wait at the end.
    fn open(&mut self, free: &[Option<i64>]) {
        for (lane, free) in free.iter().enumerate() {
            let block = self.chart.lanes[lane]
                .blocks
                .iter()
                .find(|block| block.open);
            let Some((block, from)) = block.zip(*free) else {
                continue;
            };
            let args = vec![("from_ns", block.from.into()), ("to_ns", Value::Null)];
            let end = self.chart.end.max(from.saturating_add(self.step));
            self.slice(
                format!("waits {}, for ever", super::follow::whole(&block.label)),
                "wait",
                Some(lane),
                (from, end),
                args,
            );
        }
    }

    fn scopes(&mut self) {
        let mut number = 0_u64;
        let bars: Vec<_> = self
            .chart
            .lanes
            .iter()
            .enumerate()
            .flat_map(|(lane, of)| of.scopes.iter().map(move |bar| (lane, bar)))
            .collect();
        for (lane, bar) in bars {
            let events = self.told.trace.events.iter().enumerate().skip(bar.event);
            let is_exit = |(index, event): &(usize, &TraceEvent)| {
                let own =
                    matches!(&event.what, EventKind::Exit { scope, .. } if *scope == bar.name);
                own && event.at.as_nanos() == bar.to && *index > bar.event
            };
            let exit = events.clone().find(is_exit).map(|(index, _)| index);
            let from = self.shown[bar.event];
            let to = exit.map_or(self.chart.end.max(from), |exit| self.shown[exit]);
            let mut args = self.args(bar.event);
            args.push(("expired", Value::Bool(bar.expired)));
            number += 1;
            for (phase, at) in [("b", from), ("e", to)] {
                let fields = self.mark(phase, "scope", bar.name.clone(), at, Self::row(Some(lane)));
                fields.push(("id", number.into()));
                fields.push(("args", Value::Object(std::mem::take(&mut args))));
            }
        }
    }

    /// From what wakes or cancels a task to the turn that it takes then.
    fn flows(&mut self) {
        let events = &self.told.trace.events;
        for (index, event) in events.iter().enumerate() {
            let Some(lane) = self.chart.lane_of[index] else {
                continue;
            };
            let name = match event.what {
                EventKind::Wake => "wakes",
                EventKind::Cancel(_) => "cancels",
                _ => continue,
            };
            let Some(cause) = self.turn_of(index) else {
                continue;
            };
            let later = events.iter().enumerate().skip(index + 1);
            let mut own = later.filter(|(of, _)| self.chart.lane_of[*of] == Some(lane));
            let Some((turn, _)) = own.find(|(_, event)| event.what == EventKind::Turn) else {
                continue;
            };
            let rows = [Self::row(self.chart.lane_of[cause]), Self::row(Some(lane))];
            self.flows += 1;
            let id = self.flows;
            let (from, to) = (self.shown[index], self.shown[turn]);
            self.mark("s", "flow", name.to_owned(), from, rows[0])
                .push(("id", id.into()));
            let fields = self.mark("f", "flow", name.to_owned(), to, rows[1]);
            fields.push(("id", id.into()));
            fields.push(("bp", "e".into()));
        }
    }

    /// The turn or firing in which something happened.
    fn turn_of(&self, index: usize) -> Option<usize> {
        let before = &self.told.trace.events[..index];
        before.iter().rposition(starts)
    }
}
