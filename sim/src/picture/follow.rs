//! From the events of a trace to what is drawn: who waited for what from when to when, what each timer came to.

mod timers;

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{CancelledBy, EventKind, Explained, Origin, TaskOutcome, Trace, TraceEvent};

use super::chart::{Arrow, Block, Chart, Doing, Lane, Mark, Note};
use super::told::Told;
use super::{end, words};

/// What a task waits for of which nothing tells.
pub(super) const UNKNOWN: &str = "something to wake it";

#[derive(Debug, Default)]
struct Task {
    /// It waits since then, by this event, for this.
    waits: Option<(i64, usize, String)>,
    /// It was woken then, by this event.
    woken: Option<(i64, usize)>,
    /// For what it waited last, and for how long.
    waited: Option<(String, i64)>,
    joins: Option<String>,
    ended: bool,
}

#[derive(Debug, Clone)]
struct Timer {
    lane: Option<usize>,
    armed: i64,
    deadline: i64,
    /// The last moment that was asked for.
    high: i64,
    event: usize,
    /// It is the deadline of a scope.
    of_scope: bool,
    /// Its task waited for another one while it ran.
    outer: bool,
    origin: Option<Origin>,
}

struct Follower<'a> {
    told: &'a Told<'a>,
    chart: Chart,
    names: BTreeMap<&'a str, usize>,
    tasks: Vec<Task>,
    timers: BTreeMap<u64, Timer>,
    /// The bars that are open: lane and index.
    open: Vec<(usize, usize)>,
    running: Option<usize>,
    /// The turn or the firing that is under way.
    cause: Option<usize>,
    last_at: i64,
    departing: BTreeSet<u64>,
}

/// What is drawn of a run.
pub(super) fn follow(told: &Told<'_>) -> Chart {
    let mut follower = Follower {
        told,
        chart: Chart::default(),
        names: BTreeMap::new(),
        tasks: Vec::new(),
        timers: BTreeMap::new(),
        open: Vec::new(),
        running: None,
        cause: None,
        last_at: 0,
        departing: told
            .departures
            .iter()
            .filter_map(|departure| timer_of(told.trace, departure))
            .collect(),
    };
    for (index, event) in told.trace.events.iter().enumerate() {
        follower.event(index, event);
    }
    follower.stop();
    let last = told
        .trace
        .events
        .last()
        .map_or(0, |event| event.at.as_nanos());
    follower.chart.end = told.at.unwrap_or(last).max(last);
    follower.departures();
    end::close(told, &mut follower.chart);
    follower.leave_open();
    follower.chart
}

/// What a task waits for, behind the word "waits".
pub(super) fn whole(label: &str) -> String {
    match label.starts_with("until ") {
        true => label.to_owned(),
        false => format!("for {label}"),
    }
}

/// The timer that a departure is about, if it is about one.
fn timer_of(trace: &Trace, departure: &Explained) -> Option<u64> {
    match trace.events.get(departure.events_before)?.what {
        EventKind::Late { timer, .. } => timer,
        EventKind::Fire(timer) | EventKind::Arm { timer, .. } => Some(timer),
        _ => None,
    }
}

impl<'a> Follower<'a> {
    fn lane(&mut self, name: &'a str) -> usize {
        let next = self.chart.lanes.len();
        let lane = *self.names.entry(name).or_insert(next);
        if lane == next {
            self.chart.lanes.push(Lane {
                name: name.to_owned(),
                ..Lane::default()
            });
            self.tasks.push(Task::default());
        }
        lane
    }

    fn event(&mut self, index: usize, event: &'a TraceEvent) {
        let at = event.at.as_nanos();
        // What comes later is of no turn; a turn that lets time pass has said so.
        let ends = matches!(
            event.what,
            EventKind::Turn | EventKind::Fire(_) | EventKind::Late { .. }
        );
        if ends || at > self.last_at {
            self.stop();
        }
        let lane = event.task.as_deref().map(|name| self.lane(name));
        self.chart.lane_of.push(lane);
        let decided = matches!(event.what, EventKind::Late { .. });
        self.chart.causes.push(self.cause.filter(|_| !decided));
        match (&event.what, lane) {
            (EventKind::Fire(timer), _) => self.fire(index, *timer, at),
            (EventKind::Disarm(timer), _) => self.done(*timer, at, false),
            (EventKind::Arm { .. }, lane) => self.arm(index, event, lane),
            (EventKind::Enter { scope, deadline }, Some(lane)) => {
                self.enter(
                    index,
                    event,
                    lane,
                    scope,
                    deadline.map(crate::Instant::as_nanos),
                );
            }
            (EventKind::Reschedule { scope, deadline }, _) => {
                if let Some(bar) = self.bar(scope) {
                    bar.deadlines
                        .push((at, deadline.map(crate::Instant::as_nanos)));
                }
            }
            (EventKind::Expire { scope }, _) => {
                if let Some(bar) = self.bar(scope) {
                    bar.expired = true;
                }
                self.cause = Some(index);
            }
            (EventKind::Exit { scope, end, .. }, _) => {
                if let Some(bar) = self.bar(scope) {
                    (bar.to, bar.end) = (at, Some(*end));
                }
                self.leave(scope);
            }
            (_, Some(lane)) => self.of_task(index, event, lane, at),
            (_, None) => {}
        }
        self.last_at = match event.what {
            EventKind::Busy(by) => at.saturating_add(by.as_nanos()),
            _ => at,
        };
    }

    fn arm(&mut self, index: usize, event: &TraceEvent, lane: Option<usize>) {
        let EventKind::Arm {
            timer,
            deadline,
            until,
        } = event.what
        else {
            return;
        };
        let high = until.as_nanos().saturating_sub(self.told.late);
        let deadline = deadline.as_nanos();
        let armed = Timer {
            lane: lane.or(self.running),
            armed: event.at.as_nanos(),
            deadline,
            high: high.max(deadline),
            event: index,
            of_scope: self.is_of_scope(lane, deadline, event.origin.as_ref()),
            outer: false,
            origin: event.origin.clone(),
        };
        self.timers.insert(timer, armed);
    }

    fn of_task(&mut self, index: usize, event: &'a TraceEvent, lane: usize, at: i64) {
        match &event.what {
            EventKind::Spawn => {
                self.chart.lanes[lane].spawned.clone_from(&event.origin);
                self.tasks[lane].waits = Some((at, index, String::new()));
                self.tasks[lane].woken = Some((at, index));
            }
            EventKind::Turn => {
                let woken = self.tasks[lane].woken.map(|(_, event)| event);
                self.chart.causes[index] = woken;
                self.close_wait(lane, at);
                (self.running, self.cause) = (Some(lane), Some(index));
            }
            EventKind::Wake => {
                self.tasks[lane].woken.get_or_insert((at, index));
                self.arrow(self.running, lane, index, at, false);
            }
            EventKind::Busy(by) => {
                let to = at.saturating_add(by.as_nanos());
                self.block(lane, Doing::Runs, (at, to), "runs".to_owned(), index);
            }
            EventKind::Cancel(by) => self.cancel(index, lane, by, at),
            EventKind::Deliver => {
                let text = match self.tasks[lane].waited.take() {
                    Some((what, 0)) => format!("cancelled at once, waiting {}", whole(&what)),
                    Some((what, after)) => {
                        let after = words::time(after);
                        format!("cancelled after {after} of waiting {}", whole(&what))
                    }

                    None => "cancelled here".to_owned(),
                };
                self.note(lane, at, Mark::Cancel, text, index);
            }
            EventKind::Join(task) => self.tasks[lane].joins = Some(task.clone()),
            EventKind::End(how) => {
                self.tasks[lane].ended = true;
                let mark = match how {
                    TaskOutcome::Returned => Mark::Ends,
                    _ => Mark::EndsBadly,
                };
                self.note(lane, at, mark, words::outcome(*how).to_owned(), index);
            }
            EventKind::Fault(text) => {
                self.note(lane, at, Mark::Fault, format!("fault {text}"), index)
            }
            EventKind::Log(text) => self.note(lane, at, Mark::Log, text.clone(), index),
            _ => {}
        }
    }

    /// Ends the turn that is under way: its task waits from now on.
    fn stop(&mut self) {
        let Some(lane) = self.running.take() else {
            return;
        };
        let label = self.waits_for(lane);
        let task = &mut self.tasks[lane];
        if !task.ended {
            task.waits = Some((self.last_at, self.chart.causes.len(), label));
        }
    }

    /// What a task waits for, as far as events tell it: its own timer, or the end of a task. Of several timers it is the
    /// first that comes due; the others stand beside.
    fn waits_for(&mut self, lane: usize) -> String {
        let own = |timer: &&mut Timer| timer.lane == Some(lane) && !timer.of_scope;
        let timers = self
            .timers
            .iter_mut()
            .map(|(number, timer)| (*number, timer));
        let mut timers: Vec<_> = timers.filter(|(_, timer)| own(timer)).collect();
        timers.sort_by_key(|(_, timer)| (timer.outer, timer.deadline, timer.event));
        timers
            .iter_mut()
            .skip(1)
            .for_each(|(_, timer)| timer.outer = true);
        match (timers.first(), &self.tasks[lane].joins) {
            (_, Some(task)) => format!("the end of {task}"),
            (Some((number, timer)), None) => {
                let (low, high) = (timer.deadline - timer.armed, timer.high - timer.armed);
                let low = words::time(low.max(0));
                match timer.high > timer.deadline {
                    true => format!("sleep {low} to {}  #{number}", words::time(high)),
                    false => format!("sleep {low}  #{number}"),
                }
            }
            (None, None) => UNKNOWN.to_owned(),
        }
    }

    fn close_wait(&mut self, lane: usize, at: i64) {
        let task = &mut self.tasks[lane];
        let (waits, woken) = (task.waits.take(), task.woken.take());
        task.joins = None;
        let Some((from, event, label)) = waits else {
            return;
        };
        let until = woken.map_or(at, |(woken, _)| woken.max(from));
        let label = match woken.and_then(|(_, wake)| self.waker(wake, lane)) {
            Some(waker) if label == UNKNOWN || label.starts_with("sleep ") => {
                format!("until {waker} wakes it")
            }
            _ => label,
        };
        self.tasks[lane].waited = Some((label.clone(), until - from));
        self.block(lane, Doing::Waits, (from, until), label, event);
        let (woken, by) = (until, woken.map_or(event, |(_, event)| event));
        self.block(
            lane,
            Doing::Stalls,
            (woken, at),
            "its turn is late".to_owned(),
            by,
        );
    }

    /// The task in whose turn another one was woken.
    fn waker(&self, wake: usize, woken: usize) -> Option<&str> {
        let cause = self.chart.causes.get(wake).copied().flatten()?;
        let lane = self.chart.lane_of.get(cause).copied().flatten();
        let lane = lane.filter(|lane| *lane != woken)?;
        Some(&self.chart.lanes[lane].name)
    }

    fn block(
        &mut self,
        lane: usize,
        doing: Doing,
        (from, to): (i64, i64),
        label: String,
        event: usize,
    ) {
        if to <= from {
            return;
        }
        let does = match doing {
            Doing::Waits => format!("waits {}", whole(&label)),
            Doing::Stalls | Doing::Runs => label.clone(),
        };
        let name = &self.chart.lanes[lane].name;
        let (begin, end) = (words::time(from), words::time(to));
        let title = format!("{name} {does}, from {begin} to {end}");
        let block = Block {
            doing,
            from,
            to,
            label,
            open: false,
            event,
            title,
        };
        self.chart.lanes[lane].blocks.push(block);
    }

    fn note(&mut self, lane: usize, at: i64, mark: Mark, text: String, event: usize) {
        let event = Some(event);
        self.chart.lanes[lane].notes.push(Note {
            at,
            mark,
            text,
            event,
        });
    }

    fn arrow(&mut self, from: Option<usize>, to: usize, event: usize, at: i64, cancels: bool) {
        if let Some(from) = from.filter(|from| *from != to) {
            self.chart.arrows.push(Arrow {
                from,
                to,
                at,
                cancels,
                event,
            });
        }
    }

    fn cancel(&mut self, index: usize, lane: usize, by: &'a CancelledBy, at: i64) {
        let from = match by {
            CancelledBy::Scope(scope) => {
                let named = |(lane, bar): &&(usize, usize)| {
                    self.chart.lanes[*lane].scopes[*bar].name == *scope
                };
                self.open.iter().rev().find(named).map(|(lane, _)| *lane)
            }
            CancelledBy::Task(task) | CancelledBy::Waiter(task) => Some(self.lane(task)),
            CancelledBy::Outside => None,
        };
        if from != Some(lane) {
            let asked = match by {
                CancelledBy::Scope(name) => format!("scope {name} asks to cancel"),
                CancelledBy::Task(name) | CancelledBy::Waiter(name) => {
                    format!("{name} asks to cancel")
                }
                CancelledBy::Outside => "asked to cancel from outside".to_owned(),
            };
            self.note(lane, at, Mark::Cancel, asked, index);
        }
        self.arrow(from, lane, index, at, true);
    }
}
