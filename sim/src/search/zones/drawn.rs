//! The path of a drawn run: what the system of its timers is, with all that happened in it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::differences::Var;
use crate::decide::scheduler::Choice;
use crate::decide::scheduler::planned::Met;
use crate::record::timeline::{Moment, Timeline};
use crate::search::zones::groups::Ahead;
use crate::search::zones::path::{Armed, BUSY, Path, Relation};

/// A place of a drawn run where time passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    /// Its node in the path.
    pub(super) node: usize,
    /// How many turns and timers there were before it, and how many other decisions.
    pub(super) steps: usize,
    pub(super) others: usize,
    /// When it was left.
    pub(super) from: Var,
    /// One of the timers that were due next.
    pub(super) first: u64,
}

/// A drawn run as a path.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) path: Path,
    pub(super) passed: Vec<Passed>,
    /// The turns and timers, in order.
    pub(super) steps: Vec<Choice>,
}

/// A drawn run as it is read.
struct Reading<'a> {
    drawn: Drawn,
    met: &'a Met,
    /// When each timer fired.
    fired: BTreeMap<u64, i64>,
    now: i64,
    instant: Var,
    ahead: Vec<(Ahead, i64)>,
    others: usize,
}

/// Reads a drawn run, as far as its times are sums.
pub(super) fn read(timeline: &Timeline, met: &Met) -> Drawn {
    let fires = timeline
        .moments
        .iter()
        .filter_map(|(at, moment)| match moment {
            Moment::Fired { timer } => Some((*timer, *at)),
            _ => None,
        });
    let mut reading = Reading {
        drawn: Drawn {
            path: Path::new(),
            passed: Vec::new(),
            steps: Vec::new(),
        },
        met,
        fired: fires.collect(),
        now: 0,
        instant: Var::ORIGIN,
        ahead: Vec::new(),
        others: 0,
    };
    let mut asked = met.asked.iter();
    for (at, moment) in &timeline.moments {
        let is_other = match moment {
            Moment::Asked => *asked.next().unwrap_or(&false),
            _ => false,
        };
        reading.others += usize::from(is_other);
        if !reading.moment(*at, *moment) {
            break;
        }
    }
    reading.drawn
}

impl Reading<'_> {
    /// False if what happened is no sum.
    fn moment(&mut self, at: i64, moment: Moment) -> bool {
        while self.now < at {
            if !self.pass(at) {
                return false;
            }
        }
        match moment {
            Moment::Armed {
                timer,
                deadline,
                until,
                ..
            } => self.armed(timer, deadline, until),
            Moment::Gone { timer } => self.ahead.retain(|(of, _)| of.timer != timer),
            Moment::Busy { by } => {
                let end = self.drawn.path.busy(self.instant, by);
                let timer = BUSY + end.index() as u64;
                let at = self.now.saturating_add(by);
                self.ahead.push((Ahead { timer, fires: end }, at));
            }
            Moment::Fired { timer } => {
                self.drawn.steps.push(Choice::Fire(timer));
                // One that could have been due before is due now at the latest.
                self.ahead.retain(|(of, _)| of.timer != timer);
            }
            Moment::Turned { task } => self.drawn.steps.push(Choice::Turn(task)),
            Moment::Asked | Moment::Late | Moment::Drew => {}
        }
        true
    }

    /// Time passes to the next deadline.
    fn pass(&mut self, to: i64) -> bool {
        let next = self.ahead.iter().map(|(_, at)| *at).min();
        let Some(next) = next.filter(|next| *next <= to) else {
            return false;
        };
        let due = |(_, at): &&(Ahead, i64)| *at == next;
        let group: Vec<Ahead> = self.ahead.iter().filter(due).map(|(of, _)| *of).collect();
        let ahead: Vec<Ahead> = self.ahead.iter().map(|(of, _)| *of).collect();
        self.drawn.passed.push(Passed {
            node: self.drawn.path.nodes.len(),
            steps: self.drawn.steps.len(),
            others: self.others,
            from: self.instant,
            first: group[0].timer,
        });
        let timers = group.iter().map(|of| of.timer).collect();
        let fits = self.drawn.path.passed_as(&ahead, timers);
        self.instant = group[0].fires;
        self.ahead.retain(|(_, at)| *at != next);
        self.now = next;
        fits
    }

    fn armed(&mut self, timer: u64, deadline: i64, until: i64) {
        let (low, span) = match self.met.settled.get(&timer) {
            // The least is no settled one: how long it takes is decided as time passes.
            Some((options, by)) if *by > 0 => (deadline - *by as i64, (*options - 1) as i64),
            _ => (deadline, until.max(deadline) - deadline),
        };
        let span = if deadline < self.now { 0 } else { span };
        let at = self.fired.get(&timer).copied();
        let at = at.unwrap_or_else(|| low.saturating_add(span));
        let due = at <= self.now;
        let armed = Armed {
            timer,
            fires: Var::ORIGIN,
            relation: Relation {
                to: self.instant,
                by: low.saturating_sub(self.now),
                span,
            },
            at: self.instant,
            due,
            first: (Rc::new(OnceCell::new()), low),
            corrections: 0,
            looks: 0,
        };
        let fires = self.drawn.path.armed_as(armed, at);
        // It fires later than it can be due where the running task let time pass beyond that.
        let at = self.drawn.path.system.value(fires);
        if at > self.now {
            self.ahead.push((Ahead { timer, fires }, at));
        }
    }
}
