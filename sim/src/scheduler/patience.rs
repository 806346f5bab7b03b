//! Whether the first event is late, and until when: drawn apart from the order of events.
//!
//! 1. How readily events are late is drawn once a run, from "seldom" to "mostly", so that some runs are
//!    nearly on time and others late through and through; a bug that needs one late timer and everything
//!    else on time, and one that needs many, are both met. It is drawn apart from the order, so that a
//!    long queue does not make lateness rarer.
//! 2. Half of the time it is until the very deadline of a timer. Bugs live there; the ticks beside it, and
//!    the ends of bounds, share the other half.
//!
//! Source: the idea of a run that leaves kinds of behaviour out is swarm testing (Groce, Zhang, Eide,
//! Chen, Regehr, ISSTA 2012).

use crate::rng::Stream;

use super::Decision;

/// In 16ths: how often an event is late where it may be.
const RATES: [u64; 5] = [1, 4, 8, 12, 15];

/// How readily events are late in a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    rate: u64,
}

impl Patience {
    pub(super) fn draw(stream: &mut Stream) -> Self {
        Patience {
            rate: RATES[stream.below(RATES.len() as u64) as usize],
        }
    }

    /// The option that the first event is late, if it is to be.
    pub(super) fn decide(self, decision: &Decision<'_>, stream: &mut Stream) -> Option<u64> {
        let events = decision.options - decision.late;
        let late = decision.late > 0 && stream.below(16) < self.rate;
        late.then(|| events + moment(decision, events, stream))
    }
}

/// Until which of the moments.
fn moment(decision: &Decision<'_>, events: u64, stream: &mut Stream) -> u64 {
    let meets = |to: &u64| decision.meets(events + to);
    let met = (0..decision.late).filter(meets).count() as u64;
    if met > 0 && stream.below(2) == 0 {
        let nth = stream.below(met) as usize;
        return (0..decision.late).filter(meets).nth(nth).unwrap_or(0);
    }
    stream.below(decision.late)
}
