//! Runs that are solved: in each, of what a drawn run did, some timers come in another order or meet.
//!
//! 1. A solved run is a function of its number alone: the drawn run that it starts from is made for it. (To share one
//!    among some numbers is faster, and worse: the bugs of the museum take a quarter more runs.)
//! 2. Where time passed in the drawn run, another timer is to be the next, or one more is to be due at the same moment.
//!    All orders before that stay. The system of constraints says how long the latencies before it have to take.
//! 3. What comes after it is drawn. Where nothing can be solved, the drawn run is the run.
//!
//! Source: that a run is changed by solving for what was drawn in it is from concolic testing (Sen, Marinov, Agha,
//! "CUTE", ESEC/FSE 2005). Difference: what is solved for is time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::base::bounds::Bounds;
use crate::base::rng::{Purpose, Stream};
use crate::decide::scheduler::planned::{Met, Plan, Planned, Script, lock};
use crate::decide::scheduler::{Naive, Random, Scheduler};
use crate::engine::execute::Made;
use crate::engine::program::Program;
use crate::record::run::Keeps;
use crate::record::timeline::{Moment, Timeline};
use crate::search::maker::Maker;
use crate::search::zones::drawn::{self, Drawn, Passed};
use crate::search::zones::groups;

/// So many timers are tried at each place where time passed, and so many places.
const TRIES: usize = 4;
const PLACES: usize = 8;

/// One in so many changes is that another timer comes before the others; the rest are that it meets them. Measured on the
/// museum (`deadheat compare`): few bugs need the other order and not the tie.
const ONE_BEFORE: u64 = 12;

/// What a run has to do.
struct Solution {
    script: Script,
    /// How long the latencies take up to its end, by the numbers of their timers.
    settled: BTreeMap<u64, u64>,
}

/// Makes the solved run of a number.
pub(in crate::search) fn made<P: Program>(
    maker: Maker<'_, P>,
    keeps: Keeps,
    seed: u64,
    number: u64,
) -> Option<Made<P::Outcome>> {
    let drawing = || drawing(number);
    let plan = Plan::scripted(Script::default(), drawing());
    let plan = Arc::new(Mutex::new(plan));
    let scheduler = || -> Box<dyn Scheduler> { Box::new(Planned::of(&plan)) };
    let Made {
        mut run,
        outcome,
        scheduler: planned,
    } = maker
        .keeping(Keeps::Times)
        .make(seed, Bounds::EXACT, scheduler())?;
    // It gives the plan back.
    drop(planned);
    let met = std::mem::take(&mut lock(&plan).met);
    let timeline = run.timeline.take();
    let solution = timeline
        .filter(|timeline| has_latencies(timeline, &met))
        .and_then(|timeline| solve(&timeline, &met, &mut Stream::new(seed, Purpose::Runs)));
    match solution {
        Some(Solution { script, settled }) => {
            let mut plan = lock(&plan);
            (plan.script, plan.settled) = (Some(script), settled);
        }
        None if keeps == Keeps::Nothing => {
            let scheduler = scheduler();
            return Some(Made {
                run,
                outcome,
                scheduler,
            });
        }
        None => {}
    }
    maker.keeping(keeps).make(seed, Bounds::EXACT, scheduler())
}

/// Who draws. Half of the runs have latencies that meet what is pending, in which one more tie may be what is missing; in
/// the others they are drawn evenly, so that no order in time is rare.
fn drawing(number: u64) -> Box<dyn Scheduler> {
    match (number / 2) % 2 {
        0 => Box::new(Random::default().in_turn(number)),
        _ => Box::new(Naive::default()),
    }
}

fn has_latencies(timeline: &Timeline, met: &Met) -> bool {
    let is_latency = |(_, moment): &(i64, Moment)| matches!(moment, Moment::Armed { deadline, until, .. } if until > deadline);
    !met.settled.is_empty() || timeline.moments.iter().any(is_latency)
}

/// What a run has to do so that somewhere something else is due next than in the drawn one; none if nothing is found.
fn solve(timeline: &Timeline, met: &Met, stream: &mut Stream) -> Option<Solution> {
    let mut base = drawn::read(timeline, met);
    for _ in 0..PLACES {
        // The path is cut off at each place that is tried, so the next one comes before it.
        let left = base.passed.len() as u64;
        let place = match left {
            0 => return None,
            _ => stream.below(left) as usize,
        };
        let passed = base.passed[place];
        base.passed.truncate(place);
        base.path.truncate(passed.node);
        if change(&mut base, passed, stream) {
            let Passed {
                steps,
                others,
                from,
                ..
            } = passed;
            let script = Script::new(
                base.steps[..steps].to_vec(),
                met.others[..others.min(met.others.len())].to_vec(),
                base.path.system.value(from),
            );
            let settled = base.path.settled();
            return Some(Solution { script, settled });
        }
    }
    None
}

/// Lets something else be due next at the end of the path; false if nothing is found.
fn change(base: &mut Drawn, place: Passed, stream: &mut Stream) -> bool {
    let (now, ahead) = base.path.ahead();
    let system = &mut base.path.system;
    let nearest = groups::nearest(system, now, &ahead);
    if nearest.len() < 2 {
        return false;
    }
    for _ in 0..TRIES {
        let other = nearest[stream.below(nearest.len() as u64) as usize].timer;
        let is_before = stream.below(ONE_BEFORE) == 0;
        let next = match is_before || other == place.first {
            true => vec![other],
            false => vec![place.first, other],
        };
        let mark = system.mark();
        if groups::require(system, &nearest, &next) {
            return true;
        }
        system.back_to(mark);
    }
    false
}
