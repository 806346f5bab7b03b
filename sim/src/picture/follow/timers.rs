//! Of a trace: scopes and timers, what departed, and what is still open at the end.

use crate::record::{EventKind, Origin, TraceEvent};

use super::super::chart::{Bar, Doing, Mark, Whisker};
use super::{Follower, Timer, timer_of};

impl Follower<'_> {
    pub(super) fn enter(
        &mut self,
        index: usize,
        event: &TraceEvent,
        lane: usize,
        scope: &str,
        deadline: Option<i64>,
    ) {
        let at = event.at.as_nanos();
        let bar = Bar {
            is_timer: false,
            name: scope.to_owned(),
            from: at,
            to: i64::MAX,
            deadlines: vec![(at, deadline)],
            expired: false,
            end: None,
            event: index,
            origin: event.origin.clone(),
        };
        self.open.push((lane, self.chart.lanes[lane].scopes.len()));
        self.chart.lanes[lane].scopes.push(bar);
        // Its timer may have been armed just before.
        let last = self.timers.values_mut().max_by_key(|timer| timer.event);
        if let Some(timer) =
            last.filter(|timer| timer.armed == at && Some(timer.deadline) == deadline)
        {
            timer.of_scope |= timer.event + 1 == index;
        }
    }

    pub(super) fn bar(&mut self, scope: &str) -> Option<&mut Bar> {
        let open = self.open.iter().rev();
        let mut named =
            open.filter(|(lane, bar)| self.chart.lanes[*lane].scopes[*bar].name == scope);
        let (lane, bar) = named.next().copied()?;
        self.chart.lanes[lane].scopes.get_mut(bar)
    }

    pub(super) fn leave(&mut self, scope: &str) {
        let lanes = &self.chart.lanes;
        let named = |(lane, bar): &(usize, usize)| lanes[*lane].scopes[*bar].name == scope;
        if let Some(index) = self.open.iter().rposition(named) {
            self.open.remove(index);
        }
    }

    /// Whether a timer that is armed now is the deadline of an open scope. One that was made at another line is not.
    pub(super) fn is_of_scope(
        &self,
        lane: Option<usize>,
        deadline: i64,
        made: Option<&Origin>,
    ) -> bool {
        let own = |(of, bar): &&(usize, usize)| {
            let scope = &self.chart.lanes[*of].scopes[*bar];
            let elsewhere = |(made, entered)| made != entered;
            lane.or(self.running).is_none_or(|lane| lane == *of)
                && scope.deadline() == Some(deadline)
                && !made.zip(scope.origin.as_ref()).is_some_and(elsewhere)
        };
        let taken = |lane: usize| {
            let timers = self.timers.values();
            let mut same = timers.filter(|timer| timer.lane == Some(lane) && timer.of_scope);
            same.any(|timer| timer.deadline == deadline)
        };
        self.open.iter().any(|bar| own(&bar) && !taken(bar.0))
    }

    pub(super) fn fire(&mut self, index: usize, timer: u64, at: i64) {
        self.chart.causes[index] = self.timers.get(&timer).map(|timer| timer.event);
        self.cause = Some(index);
        self.done(timer, at, true);
    }

    /// A timer fired or was given up: if it could have been otherwise, there is a whisker.
    pub(super) fn done(&mut self, number: u64, at: i64, fired: bool) {
        let Some(timer) = self.timers.remove(&number) else {
            return;
        };
        let Some(lane) = timer.lane else { return };
        self.beside(number, &timer, lane, at, fired);
        let is_range = timer.high > timer.deadline;
        let is_late = fired && at > timer.high.max(timer.armed);
        if !(is_range || is_late) {
            return;
        }
        self.chart.lanes[lane].whiskers.push(Whisker {
            timer: number,
            low: timer.deadline.max(timer.armed),
            high: timer.high.max(match fired {
                true => at,
                false => timer.deadline,
            }),
            chosen: at,
            fired,
            late: is_late,
            departs: fired && self.departing.contains(&number),
            event: timer.event,
            origin: timer.origin,
        });
    }

    /// A timer beside which its task waited for others is drawn as a scope is.
    fn beside(&mut self, number: u64, timer: &Timer, lane: usize, at: i64, fired: bool) {
        if timer.of_scope || !timer.outer {
            return;
        }
        self.chart.lanes[lane].scopes.push(Bar {
            is_timer: true,
            name: format!("timer #{number}"),
            from: timer.armed,
            to: at,
            deadlines: vec![(timer.armed, Some(timer.deadline))],
            expired: fired,
            end: None,
            event: timer.event,
            origin: timer.origin.clone(),
        });
    }

    /// Departures that no whisker shows are notes.
    pub(super) fn departures(&mut self) {
        for (number, departure) in self.told.departures.iter().enumerate() {
            let event = departure.events_before;
            self.chart.departures.push((event, number));
            let timer = timer_of(self.told.trace, departure);
            let mut whiskers = self.chart.lanes.iter().flat_map(|lane| &lane.whiskers);
            if timer.is_some_and(|timer| {
                whiskers.any(|whisker| whisker.timer == timer && whisker.departs)
            }) {
                continue;
            }
            // The fault itself has a note.
            let notes = self.chart.lanes.iter_mut().flat_map(|lane| &mut lane.notes);
            let mut faults = notes.filter(|note| note.mark == Mark::Fault);
            if let Some(note) = faults.find(|note| note.event == Some(event)) {
                note.mark = Mark::Departure;
                continue;
            }
            let lane = self.chart.lane_of.get(event).copied().flatten();
            let armed = timer.and_then(|timer| self.armed_in(timer));
            if let Some(lane) = armed.or(lane).or((!self.tasks.is_empty()).then_some(0)) {
                let at = departure.at.as_nanos();
                self.note(lane, at, Mark::Departure, departure.text.clone(), event);
            }
        }
    }

    /// The lane in which a timer was armed.
    fn armed_in(&self, number: u64) -> Option<usize> {
        let events = self.told.trace.events.iter().zip(&self.chart.lane_of);
        let armed = |event: &TraceEvent| matches!(event.what, EventKind::Arm { timer, .. } if timer == number);
        events
            .filter(|(event, _)| armed(event))
            .find_map(|(_, lane)| *lane)
    }

    /// What had not ended goes to the end of the picture.
    pub(super) fn leave_open(&mut self) {
        let end = self.chart.end;
        for lane in 0..self.tasks.len() {
            let name = self.chart.lanes[lane].name.clone();
            let pending = self
                .told
                .pending
                .iter()
                .find(|pending| pending.task == name);
            let Some((from, event, mut label)) = self.tasks[lane].waits.take() else {
                continue;
            };
            if let Some(words) = pending.and_then(|pending| pending.waits_for.clone()) {
                label = words;
            }
            let before = self.chart.lanes[lane].blocks.len();
            self.block(lane, Doing::Waits, (from, end), label, event);
            if let Some(block) = self.chart.lanes[lane].blocks.get_mut(before) {
                block.open = true;
            }
        }
    }
}
