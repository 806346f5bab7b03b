//! The part of a run that the next one repeats: what was decided in it, and which of its timers fired next each time, as
//! constraints on when they fire.
//!
//! 1. Each timer fires at a number of a system of difference constraints: so much after the instant that its deadline is
//!    counted from, plus what a latency takes.
//! 2. Where time passed, a group of the armed timers fired at once, before all others. Other groups that can be the next
//!    are kept to be tried; so is, for a timer that is armed, whether it is due at once.
//! 3. Which instant a deadline is counted from is a guess at first: the one at which it was armed. Where a second run
//!    of the same path shows that it is another one, that is found by comparing the two (`search/zones/follow.rs`).

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::differences::{Differences, Mark, Var};
use crate::search::zones::groups::{self, Ahead};

/// When everything happened in one run of a path, by the number in the system.
pub(super) type Sample = Rc<OnceCell<Vec<i64>>>;

/// What a timer's deadline is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) to: Var,
    /// How much later it is at least.
    pub(super) by: i64,
    /// What is added to that at most, if it is a latency.
    pub(super) span: i64,
}

/// A timer that was armed.
#[derive(Debug, Clone)]
pub(super) struct Armed {
    pub(super) timer: u64,
    pub(super) fires: Var,
    pub(super) relation: Relation,
    /// At which instant.
    pub(super) at: Var,
    /// It was due at once.
    pub(super) due: bool,
    /// The run in which it was first seen, and its least deadline there.
    pub(super) first: (Sample, i64),
    /// How often it was found that its deadline is counted from somewhere else.
    pub(super) corrections: u8,
    /// How often it was looked at by another run, and nothing was known for certain.
    pub(super) looks: u8,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// A decision with more than one option.
    Chosen,
    /// A timer was armed; maybe its being due at once or not is still to be tried the other way round.
    Armed { timer: Armed, untried: bool },
    /// A timer is armed no more.
    Gone { timer: u64 },
    /// The running task lets time pass until then.
    Busy { end: Var, by: i64 },
    /// Time passed, and these timers were due then. Those of the first run came first; of all others that can be the
    /// next, those up to `tried` were.
    Passed {
        group: Vec<u64>,
        first: Vec<u64>,
        tried: Option<Vec<u64>>,
    },
    /// Time passed to a moment that no timer says.
    Jumped { to: Var, by: i64 },
}

#[derive(Debug)]
pub(super) struct Node {
    /// What the system was before it.
    mark: Mark,
    pub(super) what: What,
}

/// The numbers of what lets time pass without being a timer begin here.
pub(super) const BUSY: u64 = 1 << 63;

#[derive(Debug)]
pub(super) struct Path {
    pub(super) system: Differences,
    pub(super) nodes: Vec<Node>,
}

/// What the next run has to repeat.
pub(super) enum Next {
    /// The path, with another option of its last decision.
    Choice,
    /// The path, with another order in time at its end.
    Time,
}

impl Path {
    pub(super) fn new() -> Self {
        Path {
            system: Differences::new(),
            nodes: Vec::new(),
        }
    }

    /// How many of the nodes are decisions.
    pub(super) fn choices(&self) -> usize {
        let chosen = |node: &&Node| matches!(node.what, What::Chosen);
        self.nodes.iter().filter(chosen).count()
    }

    pub(super) fn push(&mut self, what: What) {
        let mark = self.system.mark();
        self.nodes.push(Node { mark, what });
    }

    /// Forgets all from this node on.
    pub(super) fn truncate(&mut self, len: usize) {
        if let Some(node) = self.nodes.get(len) {
            self.system.back_to(node.mark);
            self.nodes.truncate(len);
        }
    }

    /// Adds a timer that was armed, as it was; false if that cannot be.
    pub(super) fn arm(&mut self, mut armed: Armed) -> (Armed, bool) {
        let mark = self.system.mark();
        let fits = self.require_armed(&mut armed);
        let due = armed.due;
        let can_be = |path: &mut Path, due: bool| {
            path.system.back_to(mark);
            let mut other = armed.clone();
            other.due = due;
            path.require_armed(&mut other)
        };
        let untried = can_be(self, !due);
        self.system.back_to(mark);
        self.require_armed(&mut armed);
        self.nodes.push(Node {
            mark,
            what: What::Armed {
                timer: armed.clone(),
                untried,
            },
        });
        (armed, fits)
    }

    fn require_armed(&mut self, armed: &mut Armed) -> bool {
        let Relation { to, by, span } = armed.relation;
        armed.fires = self.system.above(to, by, by.saturating_add(span));
        match armed.due {
            true => self.system.at_most(armed.fires, armed.at, 0),
            false => self.system.below(armed.at, armed.fires),
        }
    }

    /// Adds a timer as it was armed in a run that is the solution at hand, in which it fired `at` this moment. Nothing is
    /// kept to be tried.
    pub(super) fn armed_as(&mut self, mut armed: Armed, at: i64) -> Var {
        let mark = self.system.mark();
        let Relation { to, by, span } = armed.relation;
        let most = by.saturating_add(span);
        armed.fires = self.system.above_as(to, by, most, at);
        match armed.due {
            true => self.system.at_most(armed.fires, armed.at, 0),
            false => self.system.below(armed.at, armed.fires),
        };
        let fires = armed.fires;
        let what = What::Armed {
            timer: armed,
            untried: false,
        };
        self.nodes.push(Node { mark, what });
        fires
    }

    /// Lets time pass as it did in a run that is the solution at hand.
    pub(super) fn passed_as(&mut self, ahead: &[Ahead], group: Vec<u64>) -> bool {
        let mark = self.system.mark();
        let fits = groups::require(&mut self.system, ahead, &group);
        let what = What::Passed {
            group,
            first: Vec::new(),
            tried: None,
        };
        self.nodes.push(Node { mark, what });
        fits
    }

    /// Lets time pass by so much from an instant on, as the running task does.
    pub(super) fn busy(&mut self, from: Var, by: i64) -> Var {
        let mark = self.system.mark();
        let end = self.system.above(from, by, by);
        let what = What::Busy { end, by };
        self.nodes.push(Node { mark, what });
        end
    }

    /// The same to a moment that nothing of the system says.
    pub(super) fn jump(&mut self, from: Var, by: i64) -> Var {
        let mark = self.system.mark();
        let to = self.system.above(from, by, by);
        let what = What::Jumped { to, by };
        self.nodes.push(Node { mark, what });
        to
    }

    /// Lets time pass to where this group of the timers that are ahead is due; false if that cannot be.
    pub(super) fn pass(&mut self, now: Var, ahead: &[Ahead], group: Vec<u64>) -> bool {
        let mark = self.system.mark();
        let nearest = groups::nearest(&self.system, now, ahead);
        let fits = groups::require(&mut self.system, &nearest, &group);
        let (first, tried) = (group.clone(), None);
        let what = What::Passed {
            group,
            first,
            tried,
        };
        self.nodes.push(Node { mark, what });
        fits
    }

    /// Goes back to the last node of which something is untried, and takes that; none if nothing is. `more` says
    /// whether the last decision has another option, and takes it. Where it is to stop, nothing is said.
    pub(super) fn advance(
        &mut self,
        mut more: impl FnMut(usize) -> bool,
        stops: impl Fn() -> bool,
    ) -> Option<Next> {
        let mut choices = self.choices();
        while let Some(mut node) = self.nodes.pop()
            && !stops()
        {
            match &mut node.what {
                What::Chosen => {
                    if more(choices) {
                        self.system.back_to(node.mark);
                        self.nodes.push(node);
                        return Some(Next::Choice);
                    }
                    choices -= 1;
                }
                What::Armed { timer, untried } if *untried => {
                    self.system.back_to(node.mark);
                    (timer.due, *untried) = (!timer.due, false);
                    if self.require_armed(timer) {
                        self.nodes.push(node);
                        return Some(Next::Time);
                    }
                }
                What::Passed {
                    group,
                    first,
                    tried,
                } => {
                    self.system.back_to(node.mark);
                    let (now, ahead) = self.ahead();
                    let nearest = groups::nearest(&self.system, now, &ahead);
                    let system = &mut self.system;
                    let mut next = groups::after(system, &nearest, tried.as_deref());
                    if next.as_ref() == Some(first) {
                        next = groups::after(system, &nearest, next.as_deref());
                    }
                    if let Some(next) = next
                        && groups::require(system, &nearest, &next)
                    {
                        (*tried, *group) = (Some(next.clone()), next);
                        self.nodes.push(node);
                        return Some(Next::Time);
                    }
                }
                _ => {}
            }
            self.system.back_to(node.mark);
        }
        None
    }

    /// The instant at the end of the path, and the timers that are ahead there.
    pub(super) fn ahead(&self) -> (Var, Vec<Ahead>) {
        let (mut now, mut ahead) = (Var::ORIGIN, Vec::new());
        for node in &self.nodes {
            step(&node.what, &mut now, &mut ahead);
        }
        (now, ahead)
    }

    /// How long the latencies of the path take in the solution at hand, as parts of their spans.
    pub(super) fn settled(&self) -> BTreeMap<u64, u64> {
        let of = |timer: &Armed| {
            let least = self.system.value(timer.relation.to) + timer.relation.by;
            let part = self.system.value(timer.fires) - least;
            (timer.timer, part.max(0) as u64)
        };
        self.latencies().map(of).collect()
    }

    /// Whether some latency of the path can take another time.
    pub(super) fn is_free(&self) -> bool {
        self.latencies().any(|timer| {
            let (least, most) = self.system.range(timer.fires);
            least.is_none() || least != most
        })
    }

    /// Whether it ends with a timer, of which another run has to show from what its deadline is counted.
    pub(super) fn is_unsure(&self) -> bool {
        let last = self.nodes.last().map(|node| &node.what);
        matches!(last, Some(What::Armed { .. }))
    }

    /// Whether a timer of the path may fire after this moment, and need not.
    pub(super) fn ends_after(&self, moment: i64) -> bool {
        if self.latencies().next().is_none() {
            return false;
        }
        let (most, least) = (
            self.system.all_above(Var::ORIGIN),
            self.system.all_beneath(Var::ORIGIN),
        );
        let moment = i128::from(moment);
        let mut timers = self.nodes.iter().filter_map(|node| match &node.what {
            What::Armed { timer, .. } => Some(timer.fires.index()),
            _ => None,
        });
        timers.any(|index| {
            let latest = most[index].is_none_or(|most| most > moment);
            latest && least[index].is_none_or(|below| -below <= moment)
        })
    }

    /// The timers of the path that are latencies.
    pub(super) fn latencies(&self) -> impl Iterator<Item = &Armed> {
        self.nodes.iter().filter_map(|node| match &node.what {
            What::Armed { timer, .. } if timer.relation.span > 0 => Some(timer),
            _ => None,
        })
    }
}

/// What the instant is and which timers are ahead after a node.
pub(super) fn step(what: &What, now: &mut Var, ahead: &mut Vec<Ahead>) {
    match what {
        What::Chosen => {}
        What::Armed { timer, .. } => {
            if !timer.due {
                ahead.push(Ahead {
                    timer: timer.timer,
                    fires: timer.fires,
                });
            }
        }
        What::Gone { timer } => ahead.retain(|other| other.timer != *timer),
        What::Busy { end, .. } => ahead.push(Ahead {
            timer: BUSY + end.index() as u64,
            fires: *end,
        }),
        What::Passed { group, .. } => {
            let first = ahead.iter().find(|timer| group.contains(&timer.timer));
            *now = first.map_or(*now, |timer| timer.fires);
            ahead.retain(|timer| !group.contains(&timer.timer));
        }
        What::Jumped { to, .. } => *now = *to,
    }
}
