//! Whether the first event is late, and until when: drawn apart from the order of events.
//!
//! 1. Each run has a manner: how readily its events are late, and how readily they come out of order. The runs of an
//!    exploration take the manners in turn, and a run that is made alone has that of its seed. So a bug that needs
//!    one late timer and everything else on time, one that needs everything late, and one that needs an unusual order
//!    on time are each met by a manner that makes them likely. It is drawn apart from the order, so that a long queue
//!    does not make lateness rarer.
//! 2. What is late is mostly late until the very deadline of a timer. Bugs live there; the ticks beside it, and the
//!    ends of bounds, share the rest.
//! 3. In some manners events are late together: each until the moment that was chosen last, if its bound allows that.
//!    Many a bug needs three things at the same moment.
//! 4. In some manners half of the latencies are settled evenly when they begin, as nature does it.
//!    Some bugs need no coincidence, but a latency somewhere in the middle.
//!
//! Source: the idea of a run that leaves kinds of behaviour out is swarm testing (Groce, Zhang, Eide,
//! Chen, Regehr, ISSTA 2012); that the kinds come in turn, and are not drawn, is stratified sampling.

use crate::base::rng::Stream;

use super::{Choice, Decision};

/// How readily things happen in a run, each in 16ths.
#[derive(Debug, Clone, Copy, Default)]
struct Manner {
    /// That an event is late where it may be.
    late: u64,
    /// That it is late until the moment that was chosen last.
    together: u64,
    /// That a latency is settled when it begins.
    settled: u64,
    /// That events happen in their order.
    orderly: u64,
}

/// From "everything late, together, and in order" to "everything on time". Their number has no divisor in
/// common with the lanes of the portfolio, so that each meets each. Measured on the museum (`deadheat
/// compare`): the extreme ones find half of the bugs in a run or two, those in the middle find the rest.
#[rustfmt::skip]
const MANNERS: [Manner; 11] = [
    Manner { late: 16, together: 13, settled: 0, orderly: 16 },
    Manner { late: 16, together: 0, settled: 8, orderly: 0 },
    Manner { late: 12, together: 0, settled: 0, orderly: 0 },
    Manner { late: 12, together: 0, settled: 0, orderly: 8 },
    Manner { late: 4, together: 0, settled: 0, orderly: 14 },
    Manner { late: 8, together: 13, settled: 0, orderly: 8 },
    Manner { late: 12, together: 0, settled: 0, orderly: 8 },
    Manner { late: 4, together: 13, settled: 0, orderly: 8 },
    Manner { late: 0, together: 0, settled: 8, orderly: 0 },
    Manner { late: 8, together: 13, settled: 0, orderly: 8 },
    Manner { late: 4, together: 13, settled: 0, orderly: 8 },
];

/// In so many runs of an exploration it makes no difference to a manner whether anything can be late: a few bugs need
/// just that a run begins in order, and each manner comes up some times.
const EARLY_RUNS: u64 = 64;

/// So many runs of an exploration are made before a scheduler with few orders is loose.
pub(super) const FEW_RUNS: u64 = 1_000;

/// How loose it is then, in 16ths.
const LOOSE: u64 = 11;

/// How readily things happen in a run that is under way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    manner: Manner,
    /// Which run of an exploration it is.
    number: Option<u64>,
    /// The moment until which something was late last.
    until: Option<i64>,
    /// Something could have been late in this run, or it is an early one. Where nothing can be late, order is all that
    /// there is to a run, and one in order is like the one before it.
    may_be_orderly: bool,
}

impl Patience {
    /// Of run `number` of an exploration.
    pub(super) fn of_run(number: u64) -> Self {
        Patience {
            number: Some(number),
            ..Patience::default()
        }
    }

    /// Prepares the next run.
    pub(super) fn begin(&mut self, seed: u64) {
        let turn = self.number.unwrap_or(seed) % MANNERS.len() as u64;
        self.manner = MANNERS[turn as usize];
        self.until = None;
        self.may_be_orderly = self.number.is_none_or(|number| number < EARLY_RUNS);
    }

    /// Whether the next event is the first in order, and none other is drawn.
    pub(super) fn is_orderly(self, stream: &mut Stream) -> bool {
        self.may_be_orderly && stream.below(16) < self.manner.orderly
    }

    /// Whether the next event is drawn evenly, by a scheduler that has few orders to give: after many runs it gives those
    /// of an even draw, too, and not the same ones again.
    pub(super) fn is_loose(self, stream: &mut Stream) -> bool {
        self.number.is_some_and(|number| number >= FEW_RUNS) && stream.below(16) < LOOSE
    }

    /// By how much a latency is longer than at least, if that is settled when it begins.
    pub(super) fn settle(self, options: u64, stream: &mut Stream) -> Option<u64> {
        (stream.below(16) < self.manner.settled).then(|| stream.below(options))
    }

    /// The option that the first event is late, if it is to be.
    #[inline]
    pub(super) fn decide(&mut self, decision: &Decision<'_>, stream: &mut Stream) -> Option<u64> {
        if decision.late == 0 {
            return None;
        }
        self.may_be_orderly = true;
        self.decide_late(decision, stream)
    }

    #[inline(never)]
    fn decide_late(&mut self, decision: &Decision<'_>, stream: &mut Stream) -> Option<u64> {
        if stream.below(16) < self.manner.together
            && let Some(option) = self.together(decision)
        {
            return Some(option);
        }
        if stream.below(16) >= self.manner.late {
            return None;
        }
        let option = moment(decision, stream);
        if let Choice::Late(until) = decision.option(option) {
            self.until = Some(until);
        }
        Some(option)
    }

    /// The option that the first event is late until the moment that was chosen last.
    fn together(&self, decision: &Decision<'_>) -> Option<u64> {
        let until = Choice::Late(self.until?);
        let events = decision.options - decision.late;
        (events..decision.options).find(|option| decision.option(*option) == until)
    }
}

/// The option that the first event is late, until one of the moments. Of eight draws, five take the very deadline of
/// a timer, one the tick beside one, one the end of the event's own bound, and one any moment.
pub(super) fn moment(decision: &Decision<'_>, stream: &mut Stream) -> u64 {
    let events = decision.options - decision.late;
    let meets = |to: &u64| decision.meets(events + to);
    let met = (0..decision.late).filter(meets).count() as u64;
    let deadline = |stream: &mut Stream| {
        let nth = stream.below(met) as usize;
        (0..decision.late).filter(meets).nth(nth).unwrap_or(0)
    };
    let to = match stream.below(8) {
        0..5 if met > 0 => deadline(stream),
        5 if met > 0 => match (deadline(stream), stream.below(2)) {
            (at, 0) => at.saturating_sub(1),
            (at, _) => (at + 1).min(decision.late - 1),
        },
        6 => decision.late - 1,
        _ => stream.below(decision.late),
    };
    events + to
}
