//! Whether the first event is late, and until when: drawn apart from the order of events.
//!
//! 1. How readily events are late is drawn once a run, from "seldom" to "mostly", so that some runs are
//!    nearly on time and others late through and through; a bug that needs one late timer and everything
//!    else on time, and one that needs many, are both met. It is drawn apart from the order, so that a
//!    long queue does not make lateness rarer.
//! 2. Most of the time it is until the very deadline of a timer. Bugs live there; the ticks beside it, and
//!    the ends of bounds, share the rest.
//! 3. How readily events happen out of order is drawn once a run, too: in a quarter of the runs never.
//!    Many a bug needs two things at the same moment, and then nothing unusual.
//! 4. In a quarter of the runs half of the latencies are settled evenly when they begin, as nature does it.
//!    Some bugs need no coincidence, but a latency somewhere in the middle.
//!
//! Source: the idea of a run that leaves kinds of behaviour out is swarm testing (Groce, Zhang, Eide,
//! Chen, Regehr, ISSTA 2012).

use crate::rng::Stream;

use super::Decision;

/// In 16ths: how often an event is late where it may be.
const RATES: [u64; 4] = [4, 9, 11, 14];
/// In 16ths: how many latencies are settled when they begin.
const SETTLED: [u64; 4] = [0, 0, 0, 8];

/// In 16ths: how often events happen in their order.
const ORDERLY: [u64; 4] = [16, 14, 8, 0];

/// How readily events are late in a run, and out of order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    rate: u64,
    settled: u64,
    orderly: u64,
}

impl Patience {
    pub(super) fn draw(stream: &mut Stream) -> Self {
        Patience {
            rate: RATES[stream.below(RATES.len() as u64) as usize],
            orderly: ORDERLY[stream.below(ORDERLY.len() as u64) as usize],
            settled: SETTLED[stream.below(SETTLED.len() as u64) as usize],
        }
    }

    /// Whether the next event is the first in order, and none other is drawn.
    pub(super) fn is_orderly(self, stream: &mut Stream) -> bool {
        stream.below(16) < self.orderly
    }

    /// By how much a latency is longer than at least, if that is settled when it begins.
    pub(super) fn settle(self, options: u64, stream: &mut Stream) -> Option<u64> {
        (stream.below(16) < self.settled).then(|| stream.below(options))
    }

    /// The option that the first event is late, if it is to be.
    pub(super) fn decide(self, decision: &Decision<'_>, stream: &mut Stream) -> Option<u64> {
        let late = decision.late > 0 && stream.below(16) < self.rate;
        late.then(|| moment(decision, stream))
    }
}

/// The option that the first event is late, until one of the moments: of eight times five the very
/// deadline of a timer, once the tick beside one, once the end of its own bound, once any.
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
