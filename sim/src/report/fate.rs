//! Where a failing run became one: the share of random continuations that fail, decision by decision.
//!
//! The run is followed up to a decision and goes on at random from there, several times. If every continuation fails
//! from some decision on, and before it some passed, the bug happened at that decision, however much later it shows.

use std::fmt;

use crate::base::printable;
use crate::base::rng::mix;
use crate::decide::scheduler::{Decision, Pos, Replay, Scheduler, Seeded};
use crate::decide::tape::DecisionKind;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::record::trace::TraceEvent;
use crate::report::trials::{Spent, Trials};
use crate::report::words;
use crate::search::config::Config;

/// Steps that the search may take.
const STEPS: u64 = 1_000_000;
/// Continuations from each decision.
const CONTINUATIONS: u32 = 24;
/// More decisions than this are not looked at one by one.
const DECISIONS: usize = 64;

/// From where on a run could not be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fate {
    /// What was decided there: the first event after it.
    pub event: TraceEvent,
    /// How many events of the trace came before it.
    pub events_before: usize,
    /// That event as a sentence.
    pub(crate) sentence: String,
    /// For the decisions that were looked at, in order: how many had been followed, and how many of the
    /// [`continuations`](Fate::continuations) failed.
    pub shares: Vec<(u64, u32)>,
    /// How many continuations were made from each.
    pub continuations: u32,
    /// Of the continuations from the decision before, so many failed.
    pub before: u32,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lost from {} on: {} (from there all {of} random continuations fail, from one decision earlier {before} of {of})",
            self.event.at,
            printable::line(&self.sentence),
            of = self.continuations,
            before = self.before
        )
    }
}

/// Where a failing run, given with its trace, became one; none if every run fails, or if it was open to
/// the end.
pub(crate) fn fate<P: Program>(
    program: &P,
    config: &Config,
    run: &Run,
) -> Result<Option<Fate>, Spent> {
    let mut trials = Trials::new(program, config, STEPS);
    let decisions = run.marks.len() as u64;
    let step = (run.marks.len() / DECISIONS).max(1);
    let mut shares = Vec::new();
    for followed in (0..=decisions).step_by(step) {
        shares.push((followed, failing(&mut trials, run, followed)?));
    }
    let is_open = |(_, failing): &(u64, u32)| *failing < CONTINUATIONS;
    let Some(lost) = shares.iter().rposition(is_open) else {
        return Ok(None);
    };
    let (last, mut before) = shares[lost];
    let Some((mut followed, _)) = shares.get(lost + 1).copied() else {
        return Ok(None);
    };
    // Of a long run every so many decisions were looked at: now those in between.
    for between in last + 1..followed {
        match failing(&mut trials, run, between)? {
            CONTINUATIONS => {
                followed = between;
                break;
            }
            saved => before = saved,
        }
    }
    Ok(
        event_of(run, followed).map(|(events_before, event, sentence)| Fate {
            event,
            events_before,
            sentence,
            shares,
            continuations: CONTINUATIONS,
            before,
        }),
    )
}

/// What the last of the first `followed` decisions of a run led to: how many events came before, the event, and its words.
fn event_of(run: &Run, followed: u64) -> Option<(usize, TraceEvent, String)> {
    let mark = *run.marks.get(followed as usize - 1)?;
    let trace = run.trace.as_ref()?;
    let event = trace.events.get(mark)?.clone();
    let sentence = words::sentence_in(trace, mark, run.token.bounds.late_ns());
    Some((mark, event, sentence))
}

/// How many continuations fail after the first `followed` decisions of a run.
fn failing<P: Program>(trials: &mut Trials<'_, P>, run: &Run, followed: u64) -> Result<u32, Spent> {
    let mut failing = 0;
    for number in 0..CONTINUATIONS {
        let follow = Box::new(Seeded {
            seed: mix(u64::from(number) + 1),
            inner: Follow {
                replay: Replay::new(&run.token.tape),
                left: followed,
                after: Pos::brief(),
            },
        });
        let made = trials.run(run.token.seed, run.token.bounds, follow);
        let (run, _) = made.map_err(|_| Spent)?;
        failing += u32::from(trials.fails(&run));
    }
    Ok(failing)
}

/// Follows a tape for some decisions, and goes on at random.
struct Follow {
    replay: Replay,
    left: u64,
    after: Pos,
}

impl Scheduler for Follow {
    fn name(&self) -> &'static str {
        "follow"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.replay.begin(seed) && self.after.begin(seed)
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        // Only what happens next has a mark: the others go with the tape.
        if decision.kind != DecisionKind::Next {
            return self.replay.choose(decision);
        }
        if self.left == 0 {
            return self.after.choose(decision);
        }
        self.left -= 1;
        self.replay.choose(decision)
    }

    fn draw(&mut self, number: u64, options: u64) -> Option<u64> {
        self.replay.draw(number, options)
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        self.replay.settle(timer, options)
    }
}
