//! What came of a run, looked at before anything is torn down.

use crate::base::verdict::Verdict;
use crate::engine::pending::pending;
use crate::engine::setting::Setting;
use crate::invariant::Check;
use crate::record::asked::Told;
use crate::record::coverage;
use crate::record::run::{Keeps, Run};
use crate::record::timeline::Timeline;
use crate::state::ending::{Ending, Over};
use crate::state::world::World;

/// What came of a run, as far as the world knows it.
pub(super) fn look_back(world: &mut World, setting: &Setting<'_>, verdict: Verdict, run: &mut Run) {
    run.verdict = verdict;
    run.at = world.instant();
    run.steps = world.steps;
    run.decisions = world.decided.numbers.iter().sum();
    let ended = match std::mem::take(&mut world.ending) {
        Ending::Ended(ended) => Some(ended),
        Ending::Open | Ending::Reached(_) => None,
    };
    run.fingerprint = match &ended {
        Some(ended) => ended.fingerprint,
        None => world.recorder.fingerprint(),
    };
    run.token.fingerprint = Some(run.fingerprint);
    run.token.tape = world.decided.tape.clone();
    run.violations = world.findings.checks.take_violations();
    run.more_violations = world.findings.checks.more_violations();
    if run.verdict != Verdict::Done {
        run.pending = match ended {
            Some(ended) => ended.pending,
            None => pending(world),
        };
    }
    if !world.restarts.found.is_empty() {
        run.sleeps = Some(Box::default());
    }
    run.asked = told(world);
    match setting.keeps {
        Keeps::Nothing => {}
        Keeps::Relations => run.relations = coverage::relations(&world.recorder.events),
        Keeps::Sleeps => run.sleeps = Some(Box::new(world.sightings())),
        Keeps::Times => {
            let timeline = Timeline::of(&world.recorder, &world.decided.asked);
            run.timeline = Some(Box::new(timeline));
        }
        Keeps::Trace => {
            let (trace, left_out) = world.trace();
            run.trace = Some(trace);
            run.departures = world.explained();
            run.marks = std::mem::take(&mut world.decided.marks);
            let departures = run.departures.iter_mut();
            let departures = departures.map(|departure| &mut departure.events_before);
            let violations = run.violations.iter_mut();
            let violations = violations.filter_map(|violation| violation.events_before.as_mut());
            let counted = departures.chain(violations).chain(&mut run.marks);
            counted.for_each(|before| {
                *before -= left_out.partition_point(|index| *index < *before);
            });
        }
    }
}

/// What there is to tell of what was asked to go wrong, if anything was.
fn told(world: &World) -> Option<Box<Told>> {
    let of_network = world.network.as_ref().and_then(|network| network.told());
    let of_processes = &world.stalls.asked;
    if of_processes.is_empty() {
        return of_network;
    }
    let mut told = of_network.unwrap_or_default();
    told.asked.extend(of_processes);
    Some(told)
}

impl World {
    /// An armed timer whose bound is over was lost by the executor, and so was a wake of a task that
    /// never got its turn.
    pub(crate) fn look_for_lost_timers(&mut self, over: Over) {
        let world = self;
        if let Some(number) = world
            .timers
            .overdue(world.now, |deadline, span| world.until(deadline, span))
        {
            world.violate(
                Check::FiresWithinBound,
                format!("timer {number} never fired"),
            );
        }
        let asleep = |world: &World| {
            let mut tasks = world.tasks.slots.iter().enumerate();
            // One that blocks beneath another was not forgotten: nothing can ever come to it, and that is said.
            tasks.position(|(number, task)| {
                task.queued && !task.ended && world.held_back_by(number as u32).is_none()
            })
        };
        if let (Over::Stuck, Some(task)) = (over, asleep(world)) {
            let text = format!(
                "{} was woken and never took its turn",
                world.task_name(task as u32)
            );
            world.violate(Check::WakeReachesTask, text);
        }
    }
}
