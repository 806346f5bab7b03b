//! Whether time passes although something could happen, and to when: drawn apart from the order of events.
//!
//! 1. How readily it passes is drawn once a run, from "seldom" to "mostly", so that some runs are nearly on
//!    time and others late through and through; a bug that needs one late timer and everything else on
//!    time, and one that needs many, are both met. It is drawn apart from the order, so that a long queue
//!    does not make lateness rarer.
//! 2. What was passed over once is passed over again with a chance of its own, also drawn once a run: a long
//!    latency is one long latency, however many timers come due on the way.
//! 3. Half of the time it passes to the very deadline of a timer. Bugs live there; the ticks beside it, and
//!    the ends of bounds, share the other half.
//!
//! Source: the idea of a run that leaves kinds of behaviour out is swarm testing (Groce, Zhang, Eide,
//! Chen, Regehr, ISSTA 2012).

use crate::rng::Stream;

use super::{Choice, Decision};

/// In 16ths: how often time passes where it can.
const RATES: [u64; 5] = [1, 4, 8, 12, 15];
/// In 16ths: how often what was passed over is passed over again.
const HOLDS: [u64; 4] = [0, 8, 13, 15];

/// How readily a run lets time pass.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience {
    rate: u64,
    hold: u64,
    /// What was passed over and has not happened since.
    held: Vec<Choice>,
}

/// What was decided about time.
pub(super) enum Passing {
    /// It passes: this option is taken.
    To(u64),
    /// It does not: an event happens, and none that is held unless nothing else can.
    No,
}

impl Patience {
    /// Draws how a run is.
    pub(super) fn begin(&mut self, stream: &mut Stream) {
        self.rate = RATES[stream.below(RATES.len() as u64) as usize];
        self.hold = HOLDS[stream.below(HOLDS.len() as u64) as usize];
        self.held.clear();
    }

    /// Whether time passes.
    pub(super) fn decide(&mut self, decision: &Decision<'_>, stream: &mut Stream) -> Passing {
        if decision.passes == 0 {
            return Passing::No;
        }
        let events = decision.options - decision.passes;
        let all_held = (0..events).all(|index| self.held.contains(&decision.option(index)));
        let rate = if all_held {
            self.rate.max(self.hold)
        } else {
            self.rate
        };
        if stream.below(16) >= rate {
            return Passing::No;
        }
        if self.hold > 0 {
            for index in 0..events {
                let event = decision.option(index);
                if !self.held.contains(&event) {
                    self.held.push(event);
                }
            }
        }
        Passing::To(events + moment(decision, events, stream))
    }

    /// Whether an event is put off for others, because it was passed over.
    pub(super) fn puts_off(&self, event: Choice, stream: &mut Stream) -> bool {
        self.held.contains(&event) && stream.below(16) < self.hold
    }

    /// An event happened: the next time it can, it is another one.
    pub(super) fn happened(&mut self, event: Choice) {
        if !self.held.is_empty() {
            self.held.retain(|held| *held != event);
        }
    }

    /// Whether anything is held.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }
}

/// To which of the moments.
fn moment(decision: &Decision<'_>, events: u64, stream: &mut Stream) -> u64 {
    let meets = |to: &u64| decision.meets(events + to);
    let met = (0..decision.passes).filter(meets).count() as u64;
    if met > 0 && stream.below(2) == 0 {
        let nth = stream.below(met) as usize;
        return (0..decision.passes).filter(meets).nth(nth).unwrap_or(0);
    }
    stream.below(decision.passes)
}
