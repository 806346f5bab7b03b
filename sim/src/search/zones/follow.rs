//! Reads a run along a path: checks that it went along the part that it was to repeat, and adds what came after.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::base::differences::Var;
use crate::decide::scheduler::planned::Met;
use crate::record::timeline::{Moment, Timeline};
use crate::search::zones::groups::Ahead;
use crate::search::zones::path::{Armed, BUSY, Path, Relation, Sample, What, step};

/// What became of a run that was to go along a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Followed {
    /// It went along it, and all that it did after it was added.
    On,
    /// It shows a deadline that is new, or that is counted from somewhere else than was thought. The path ends with that
    /// timer now, and another run has to show whether that is right.
    Unsure,
    /// It did something else. The path ends where it parted, unless it was only looked at.
    Parted,
    /// The search is to stop.
    Stopped,
}

/// Deadlines that were counted from when they were armed, in runs with latencies of no pattern: the place where the
/// timer was made, how much later it was due, and the span.
pub(super) type Known = BTreeSet<(usize, i64, i64)>;

/// A run as it is read.
pub(super) struct Follow<'a> {
    path: &'a mut Path,
    known: &'a mut Known,
    met: &'a Met,
    /// The latencies of the run have no pattern.
    is_sampled: bool,
    /// The next node of the path, and how many there were when the run began.
    node: usize,
    planned: usize,
    now: i64,
    instant: Var,
    ahead: Vec<(Ahead, i64)>,
    values: Vec<i64>,
    sample: Sample,
    /// The path is left as it is.
    only_looks: bool,
    stops: &'a dyn Fn() -> bool,
    /// What happened contradicts the system, or it could not be found from what a deadline is counted.
    pub(super) contradicted: bool,
    /// Time passed to a moment that no timer says.
    pub(super) jumped: bool,
}

/// Why no more of a run is read.
enum End {
    Parted,
    Unsure,
    Stopped,
}

impl<'a> Follow<'a> {
    pub(super) fn new(
        path: &'a mut Path,
        known: &'a mut Known,
        met: &'a Met,
        is_sampled: bool,
        (only_looks, stops): (bool, &'a dyn Fn() -> bool),
    ) -> Self {
        let planned = path.nodes.len();
        Follow {
            path,
            known,
            met,
            is_sampled,
            node: 0,
            planned,
            now: 0,
            instant: Var::ORIGIN,
            ahead: Vec::new(),
            values: vec![0],
            sample: Rc::new(OnceCell::new()),
            only_looks,
            stops,
            contradicted: false,
            jumped: false,
        }
    }

    /// Reads all of it.
    pub(super) fn read(&mut self, timeline: &Timeline) -> Followed {
        let (mut asked, mut drawn) = (self.met.asked.iter(), self.met.drawn.iter());
        let mut end = None;
        for (at, moment) in &timeline.moments {
            let chosen = match moment {
                Moment::Asked => *asked.next().unwrap_or(&false),
                Moment::Drew => *drawn.next().unwrap_or(&false),
                _ => false,
            };
            if let Err(why) = self.moment(*at, *moment, chosen) {
                end = Some(why);
                break;
            }
        }
        if end.is_none() && self.node < self.planned {
            end = Some(End::Parted);
        }
        let _ = self.sample.set(std::mem::take(&mut self.values));
        match end {
            Some(End::Unsure) => Followed::Unsure,
            Some(End::Stopped) => Followed::Stopped,
            Some(End::Parted) => {
                if !self.only_looks {
                    self.path.truncate(self.node);
                }
                Followed::Parted
            }
            None => Followed::On,
        }
    }

    fn moment(&mut self, at: i64, moment: Moment, chosen: bool) -> Result<(), End> {
        while self.now < at {
            self.pass(at)?;
        }
        match moment {
            Moment::Asked | Moment::Drew if chosen => {
                self.go(|what| matches!(what, What::Chosen), || What::Chosen)
            }
            Moment::Armed {
                timer,
                deadline,
                from,
                ..
            } => {
                let place = from.map_or(0, |from| std::ptr::from_ref(from).addr());
                self.armed(timer, deadline, place)
            }
            Moment::Gone { timer } => {
                let is_it = |(ahead, _): &(Ahead, i64)| ahead.timer == timer;
                if !self.ahead.iter().any(is_it) {
                    return Ok(());
                }
                self.ahead.retain(|of| !is_it(of));
                let same = |what: &What| matches!(what, What::Gone { timer: of } if *of == timer);
                self.go(same, || What::Gone { timer })
            }
            Moment::Busy { by } => self.busy(by),
            _ => Ok(()),
        }
    }

    /// The node of the path that is to be repeated here, if any is left.
    fn next(&mut self) -> Option<What> {
        (self.node < self.planned).then(|| self.path.nodes[self.node].what.clone())
    }

    /// Goes on by a node that no time and no timer belongs to.
    fn go(&mut self, is_same: impl Fn(&What) -> bool, new: impl Fn() -> What) -> Result<(), End> {
        match self.next() {
            Some(what) if is_same(&what) => {}
            Some(_) => return Err(End::Parted),
            None => self.path.push(new()),
        }
        self.node += 1;
        Ok(())
    }

    fn note(&mut self, var: Var, value: i64) {
        let needed = self.values.len().max(var.index() + 1);
        self.values.resize(needed, 0);
        self.values[var.index()] = value;
    }

    fn busy(&mut self, by: i64) -> Result<(), End> {
        let end = match self.next() {
            Some(What::Busy { end, by: planned }) if planned == by => end,
            Some(_) => return Err(End::Parted),
            None => self.path.busy(self.instant, by),
        };
        self.node += 1;
        let at = self.now.saturating_add(by);
        self.note(end, at);
        let timer = BUSY + end.index() as u64;
        self.ahead.push((Ahead { timer, fires: end }, at));
        Ok(())
    }

    /// Time passes to the next deadline, or to `to` if that comes first.
    fn pass(&mut self, to: i64) -> Result<(), End> {
        // With hundreds of timers ahead, the path of one run takes seconds.
        if (self.stops)() {
            return Err(End::Stopped);
        }
        let next = self.ahead.iter().map(|(_, at)| *at).min();
        let Some(next) = next.filter(|next| *next <= to) else {
            return self.jump(to);
        };
        let due = |(_, at): &&(Ahead, i64)| *at == next;
        let mut group: Vec<u64> = self
            .ahead
            .iter()
            .filter(due)
            .map(|(of, _)| of.timer)
            .collect();
        group.sort_unstable();
        match self.next() {
            Some(What::Passed { group: planned, .. }) if planned == group => {}
            Some(_) => return Err(End::Parted),
            None => {
                let ahead: Vec<Ahead> = self.ahead.iter().map(|(of, _)| *of).collect();
                if !self.path.pass(self.instant, &ahead, group.clone()) {
                    return Err(self.contradiction());
                }
            }
        }
        let what = &self.path.nodes[self.node].what;
        let mut vars: Vec<Ahead> = self.ahead.iter().map(|(of, _)| *of).collect();
        step(what, &mut self.instant, &mut vars);
        self.ahead.retain(|(_, at)| *at != next);
        self.node += 1;
        self.now = next;
        Ok(())
    }

    fn jump(&mut self, to: i64) -> Result<(), End> {
        self.jumped = true;
        let by = to - self.now;
        let end = match self.next() {
            Some(What::Jumped { to, by: planned }) if planned == by => to,
            Some(_) => return Err(End::Parted),
            None => self.path.jump(self.instant, by),
        };
        self.node += 1;
        self.note(end, to);
        (self.instant, self.now) = (end, to);
        Ok(())
    }

    fn armed(&mut self, timer: u64, deadline: i64, place: usize) -> Result<(), End> {
        let settled = self.met.settled.get(&timer);
        let (span, by) =
            settled.map_or((0, 0), |(options, by)| ((*options - 1) as i64, *by as i64));
        let low = deadline.saturating_sub(by);
        let due = deadline <= self.now;
        let after = low.saturating_sub(self.now);
        let fires = match self.next() {
            Some(What::Armed { timer: planned, .. }) => {
                if planned.timer != timer || planned.relation.span != span {
                    return Err(End::Parted);
                }
                self.check(&planned, low, (place, after, span))?;
                // Only now: as long as it is not known from what a deadline is counted, it may come before its time.
                if planned.due != due {
                    return Err(End::Parted);
                }
                planned.fires
            }
            Some(_) => return Err(End::Parted),
            None => {
                let (to, by) = (self.instant, after);
                let armed = Armed {
                    timer,
                    fires: Var::ORIGIN,
                    relation: Relation { to, by, span },
                    at: self.instant,
                    due,
                    first: (Rc::clone(&self.sample), low),
                    corrections: 0,
                    looks: 0,
                };
                // With latencies that have a pattern, it may be by chance that a deadline looks like one that is known.
                let is_known = self.is_sampled && self.known.contains(&(place, after, span));
                let is_unsure = !is_known && self.path.is_free();
                let (armed, fits) = self.path.arm(armed);
                if !fits {
                    return Err(self.contradiction());
                }
                if is_unsure {
                    return Err(End::Unsure);
                }
                armed.fires
            }
        };
        self.node += 1;
        self.note(fires, deadline);
        if !due {
            self.ahead.push((Ahead { timer, fires }, deadline));
        }
        Ok(())
    }

    /// What happened cannot have happened: nothing can be said of having seen all.
    fn contradiction(&mut self) -> End {
        self.contradicted = true;
        End::Parted
    }

    /// Checks that a deadline is counted from where it was thought to be; else looks for where.
    fn check(&mut self, planned: &Armed, low: i64, known: (usize, i64, i64)) -> Result<(), End> {
        let Relation { to, by, span } = planned.relation;
        let is_last = self.node + 1 == self.planned;
        if low == self.values[to.index()].saturating_add(by) {
            if !is_last {
                return Ok(());
            }
            if !self.is_sampled || self.could_be_another(planned, low) {
                return self.look_again();
            }
            if to == planned.at && self.is_wide() {
                self.known.insert(known);
            }
            return Ok(());
        }
        let found = self.counted_from(planned, low).next();
        let Some(to) = found.filter(|_| planned.corrections < CORRECTIONS_MAX) else {
            return Err(self.contradiction());
        };
        let by = low - self.values[to.index()];
        self.path.truncate(self.node);
        let (_, fits) = self.path.arm(Armed {
            relation: Relation { to, by, span },
            corrections: planned.corrections + 1,
            ..planned.clone()
        });
        match fits {
            true => Err(End::Unsure),
            false => Err(self.contradiction()),
        }
    }

    /// From what the deadline of a timer may be counted: it was as much after it in the run in which the timer was first
    /// seen as in this one.
    fn counted_from<'b>(
        &'b self,
        planned: &'b Armed,
        low: i64,
    ) -> impl Iterator<Item = Var> + use<'a, 'b> {
        let (first, first_low) = &planned.first;
        let first = first.get().map_or(&[][..], Vec::as_slice);
        let both = first.iter().zip(&self.values).take(planned.fires.index());
        let fits = move |(index, (then, now)): (usize, (&i64, &i64))| {
            (first_low - then == low - now).then(|| Var::at(index))
        };
        both.enumerate().filter_map(fits)
    }

    /// Whether the deadline may as well be counted from a moment that is not always as far from the one it is thought to be
    /// counted from.
    fn could_be_another(&self, planned: &Armed, low: i64) -> bool {
        let to = planned.relation.to;
        let mut others = self
            .counted_from(planned, low)
            .filter(|var| *var != to)
            .peekable();
        if others.peek().is_none() {
            return false;
        }
        let system = &self.path.system;
        let (above, beneath) = (system.all_above(to), system.all_beneath(to));
        others.any(|var| {
            let fixed = above[var.index()].zip(beneath[var.index()]);
            fixed.is_none_or(|(above, beneath)| above != -beneath)
        })
    }

    /// One more run of the path has to show it, unless there were many.
    fn look_again(&mut self) -> Result<(), End> {
        let What::Armed { timer, .. } = &mut self.path.nodes[self.node].what else {
            return Err(End::Parted);
        };
        timer.looks += 1;
        match timer.looks < LOOKS_MAX {
            true => Err(End::Unsure),
            false => {
                self.contradicted = true;
                Ok(())
            }
        }
    }

    /// Whether latencies have so many values that they hardly agree by chance.
    fn is_wide(&self) -> bool {
        let spans = self.path.latencies().map(|timer| timer.relation.span);
        spans.min().is_none_or(|span| span >= WIDE)
    }
}

/// Of one timer it is found so often what its deadline is counted from.
const CORRECTIONS_MAX: u8 = 3;

/// So often one timer is looked at.
const LOOKS_MAX: u8 = 16;

/// The span of a wide latency, in nanoseconds.
const WIDE: i64 = 1_000;
