//! Whether time passes although something could happen: drawn apart from the order of events.
//!
//! How readily is drawn once a run, from "seldom" to "mostly", so that some runs are nearly on time and
//! others late through and through; a bug that needs one late timer and everything else on time, and
//! one that needs many, are both met. It is drawn apart from the order, so that a long queue does not
//! make lateness rarer.
//!
//! Source: the idea of a run that leaves kinds of behaviour out is swarm testing (Groce, Zhang, Eide,
//! Chen, Regehr, ISSTA 2012).

use crate::rng::Stream;

use super::Decision;

/// In 16ths: how often time passes where it can.
const RATES: [u64; 5] = [1, 4, 8, 12, 15];

/// How readily a run lets time pass.
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

    /// One of the last options if time is to pass; else how many options there are to choose from.
    pub(super) fn decide(self, decision: &Decision<'_>, stream: &mut Stream) -> Result<u64, u64> {
        let options = decision.options - decision.passes;
        if decision.passes > 0 && stream.below(16) < self.rate {
            Ok(options + stream.below(decision.passes))
        } else {
            Err(options)
        }
    }
}
