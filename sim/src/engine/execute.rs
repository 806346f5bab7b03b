//! One run, from its start to quiescence: takes steps, does what they say, and looks at the end.
//!
//! 1. User code (polls, drops, foreign wakers) runs while nothing is borrowed.
//! 2. The end is looked at before anything is torn down.

use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::{Context, Poll};

use crate::base::verdict::Verdict;
use crate::decide::scheduler::Scheduler;
use crate::engine::awaits;
use crate::engine::beside;
use crate::engine::ended;
use crate::engine::look_back::look_back;
use crate::engine::panics;
use crate::engine::program::Program;
use crate::engine::setting::Setting;
use crate::engine::step::Step;
use crate::engine::task_end::{finish, wake, wake_joiner};
use crate::engine::teardown::tear_down;
use crate::engine::waker::waker;
use crate::invariant::{End, Owns};
use crate::record::coverage;
use crate::record::events::Finish;
use crate::record::foreign;
use crate::record::panic::PanicReport;
use crate::record::run::{Keeps, Run, Unmade};
use crate::record::timeline;
use crate::state::beside::Beside;
use crate::state::ending::Over;
use crate::state::tasks::BoxFuture;
use crate::state::world::{self, Setup};
use crate::witness::{self, Doing};

/// A run that was made, and the scheduler that may have another one.
#[non_exhaustive]
pub struct Made<O> {
    /// The run.
    pub run: Run,
    /// What came of it; none if the program could not be started or looked at.
    pub outcome: Option<O>,
    /// Who took its decisions.
    pub scheduler: Box<dyn Scheduler>,
}

impl<O: fmt::Debug> fmt::Debug for Made<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("run", &self.run)
            .field("outcome", &self.outcome)
            .field("scheduler", &self.scheduler.name())
            .finish()
    }
}

/// Runs `program` once. The scheduler comes back for the next run.
///
/// Inside another run of the same thread nothing is run, and the verdict says so.
pub(crate) fn execute<P: Program>(
    program: &P,
    setting: &Setting<'_>,
    scheduler: Box<dyn Scheduler>,
) -> Made<P::Outcome> {
    panics::install();
    let name = scheduler.name();
    if world::run_number() != 0 {
        return nested(setting, scheduler);
    }
    let lines = program.has_lines() && setting.keeps != Keeps::Times;
    let run = begin(setting, scheduler, (name, lines));
    let mut panic = None;
    let judged = panics::catch_of(OWN_MADE, || make_invariants(setting));
    let start = || {
        if let Some(make) = setting.beside {
            beside::begin(make);
        }
        beside::within(beside::runtime().as_deref(), || program.start())
    };
    let started = judged.and_then(|()| panics::catch_of("the program's start", start));
    let (over, handles) = match started {
        Ok(handles) => (driven(run, &mut panic), Some(handles)),
        Err(report) => {
            panic = Some(*report);
            (Over::Done, None)
        }
    };
    let over = ended::how_it_ended(over, &mut panic);
    look_for_what_is_lost(over);
    let verdict = verdict(over);
    let outcome = handles.and_then(|handles| {
        let finish = || {
            beside::within(beside::runtime().as_deref(), || {
                program.finish(handles, verdict)
            })
        };
        let finished = panics::catch_of("the program's finish", finish);
        finished
            .map_err(|report| panics::add(&mut panic, Some(report)))
            .ok()
    });
    tell_invariants(setting, verdict, &mut panic);
    let mut result = Run::unmade(setting.seed, setting.bounds, name);
    world::with(|world| look_back(world, setting, verdict, &mut result));
    tear_down(&mut result, &mut panic);
    drop_invariants(setting, &mut panic);
    let scheduler = world::end();
    result.escapes = foreign::take(run);
    if let Some(panic) = panic {
        place_panic(&mut result, panic);
    }
    result.settle();
    Made {
        run: result,
        outcome,
        scheduler,
    }
}

/// The panic of a run, with what is known of where it comes from.
#[cold]
fn place_panic(result: &mut Run, panic: PanicReport) {
    world::with(|world| {
        result.panic_line = world.recorder.origins.of_panic(&panic.place);
        result.panicked_first = world.findings.raised_first(&panic).cloned();
    });
    result.panic = Some(panic);
}

#[cold]
fn nested<O>(setting: &Setting<'_>, scheduler: Box<dyn Scheduler>) -> Made<O> {
    let run = Run {
        unmade: Some(Unmade::Nested),
        ..Run::unmade(setting.seed, setting.bounds, scheduler.name())
    };
    Made {
        run,
        outcome: None,
        scheduler,
    }
}

/// Begins a run, and gives its number.
#[inline]
fn begin(
    setting: &Setting<'_>,
    scheduler: Box<dyn Scheduler>,
    (name, lines): (&'static str, bool),
) -> u32 {
    let run = foreign::next_run();
    world::begin(Setup {
        run,
        told: !setting.invariants.is_empty(),
        threads: setting.threads,
        lines,
        waits: setting.waits,
        tells: setting.keeps == Keeps::Trace,
        seed: setting.seed,
        scheduler,
        bounds: &setting.bounds,
        limits: &setting.limits,
        keep: match setting.keeps {
            Keeps::Times => timeline::EVENTS_MAX,
            Keeps::Trace | Keeps::Sleeps => setting.limits.trace_events,
            Keeps::Relations => coverage::EVENTS_MAX,
            Keeps::Nothing => 0,
        },
    });
    if let Some(pulse) = witness::begin(setting.seed, setting.bounds, name) {
        world::with(|world| world.pulse = Some(pulse));
    }
    run
}

/// How a run ended, before it is known whether something did not hold.
fn verdict(over: Over) -> Verdict {
    match over {
        Over::Done => Verdict::Done,
        Over::Stuck => Verdict::Stuck,
        Over::Limit(limit) => Verdict::Limit(limit),
    }
}

const OWN_MADE: &str = "an invariant of one's own, as it was made,";
const OWN_DROPPED: &str = "an invariant of one's own, as it was dropped,";

/// Makes the user's own invariants.
#[inline]
fn make_invariants(setting: &Setting<'_>) {
    if !setting.invariants.is_empty() {
        let owns = Owns::of(setting.invariants);
        world::with(|world| world.findings.checks.owns = owns);
    }
}

/// Tells them that the run has ended. One that has panicked, now or before, fails the run.
#[inline]
fn tell_invariants(setting: &Setting<'_>, verdict: Verdict, panic: &mut Option<PanicReport>) {
    if setting.invariants.is_empty() {
        return;
    }
    let verdict = match panic {
        Some(_) => Verdict::Failed,
        None => verdict,
    };
    let panicked = world::with(|world| {
        let at = world.instant();
        world.findings.checks.end(&End { at, verdict });
        world.findings.checks.owns.panics().collect::<Vec<_>>()
    });
    for (name, payload) in panicked.unwrap_or_default() {
        let report = panics::told_of(&format!("the invariant {name:?}"), payload);
        panics::add(panic, Some(report));
    }
}

/// Drops them: user code, so not while the world is borrowed.
#[inline]
fn drop_invariants(setting: &Setting<'_>, panic: &mut Option<PanicReport>) {
    if !setting.invariants.is_empty() {
        let owns = world::with(|world| std::mem::take(&mut world.findings.checks.owns));
        let dropped = panics::catch_of(OWN_DROPPED, || drop(owns));
        panics::add(panic, dropped.err());
    }
}

/// A run that ended while a task blocked was looked at then.
#[inline]
fn look_for_what_is_lost(over: Over) {
    if ended::has_ended() {
        return;
    }
    world::with(|world| {
        world.look_for_lost_timers(over);
        if let Some(pulse) = &world.pulse {
            pulse.over();
        }
    });
}

/// Why no more steps are taken.
pub(crate) enum Driven {
    /// The run is over.
    Over(Over),
    /// It is the turn of the task that blocks innermost.
    Resume,
    /// A runtime has come beside the run.
    Handover,
}

/// What a scheduler of one's own panics in ends the run as well.
const IN_A_STEP: &str = "the scheduler, or deadheat itself,";
const BESIDE: &str = "the runtime beside the run, the scheduler, or deadheat itself,";

/// Takes steps until the run is over.
fn driven(run: u32, panic: &mut Option<PanicReport>) -> Over {
    let who = match beside::runtime() {
        None => IN_A_STEP,
        Some(_) => BESIDE,
    };
    match panics::catch_of(who, || drive(run, panic)) {
        Ok(Driven::Over(over)) => over,
        Ok(Driven::Resume | Driven::Handover) => Over::Done,
        Err(report) => {
            panics::add(panic, Some(report));
            Over::Done
        }
    }
}

/// Takes steps until the run is over, or a task that blocks can go on.
pub(crate) fn drive(run: u32, panic: &mut Option<PanicReport>) -> Driven {
    let mut suspended = None;
    loop {
        let here = world::with(|world| (world.beside.runtime.clone(), world.beside.changes));
        let driven = match here.unwrap_or_default() {
            // Only the other loop looks at turns, so that this one pays nothing for it.
            (None, changes) if is_looked_at() => {
                driven_by(&Nothing, run, changes, &mut suspended, panic)
            }
            (None, changes) => alone(run, changes, &mut suspended, panic),
            (Some(runtime), changes) => driven_by(&*runtime, run, changes, &mut suspended, panic),
        };
        if !matches!(driven, Driven::Handover) {
            return driven;
        }
    }
}

/// The loops that take steps: with nothing beside the run, as the runtime beside it drives them, and so that turns are
/// looked at.
const ALONE: u8 = 0;
const DRIVEN: u8 = 1;
const LOOKED_AT: u8 = 2;

/// What comes next, and when.
// One for each loop, so that it is inlined in all: with `LOOP` their closures are not the same.
#[inline(always)]
fn next<const LOOP: u8>(changes: u32, suspended: Option<(u32, BoxFuture)>) -> (Step, i64) {
    // One borrow between two turns: the one gives its task back, the next one takes its own.
    let step = world::with(|world| {
        if let Some((task, future)) = suspended {
            world.suspended(task, future);
        }
        match world.beside.changes == changes {
            true => (world.step(), world.now),
            false => (Step::Handover, 0),
        }
    });
    step.unwrap_or((Step::Over(Over::Done), 0))
}

/// A runtime beside the run that there is nothing of.
#[derive(Debug)]
struct Nothing;

impl Beside for Nothing {}

/// Whether some turn is looked at; no turn of most runs is.
fn is_looked_at() -> bool {
    world::with(|world| world.looks.is_any_wanted()) == Some(true)
}

/// Takes steps with nothing beside the run. This loop is what a run costs.
fn alone(
    run: u32,
    changes: u32,
    last: &mut Option<(u32, BoxFuture)>,
    panic: &mut Option<PanicReport>,
) -> Driven {
    let mut suspended = last.take();
    loop {
        let (step, now) = next::<ALONE>(changes, suspended.take());
        let driven = take::<ALONE>((run, now), step, &mut suspended, None, panic);
        if let Some(driven) = driven {
            return driven;
        }
    }
}

/// Takes steps as the runtime beside the run drives it.
fn driven_by(
    runtime: &dyn Beside,
    run: u32,
    changes: u32,
    suspended: &mut Option<(u32, BoxFuture)>,
    panic: &mut Option<PanicReport>,
) -> Driven {
    let (looks, mut driven) = (is_looked_at(), None);
    let drive = || {
        runtime.drive(&mut || {
            // It may be called once more than it should.
            if driven.is_none() {
                let (step, now) = next::<DRIVEN>(changes, suspended.take());
                driven = match looks {
                    false => take::<DRIVEN>((run, now), step, suspended, Some(runtime), panic),
                    true => take::<LOOKED_AT>((run, now), step, suspended, Some(runtime), panic),
                };
            }
            driven.is_none()
        });
    };
    let unwound = catch_unwind(AssertUnwindSafe(drive)).err();
    // Whatever it did, the task that had the last turn is dropped with the others, where a panic of that is caught.
    if let Some((task, future)) = suspended.take() {
        world::with(|world| world.suspended(task, future));
    }
    if let Some(payload) = unwound {
        resume_unwind(payload);
    }
    driven.expect("the runtime beside the run did not drive it to its end (Beside::drive)")
}

/// Does what a step says. A task that is suspended comes back in `suspended`.
#[inline(always)]
fn take<const LOOP: u8>(
    (run, now): (u32, i64),
    step: Step,
    suspended: &mut Option<(u32, BoxFuture)>,
    runtime: Option<&dyn Beside>,
    panic: &mut Option<PanicReport>,
) -> Option<Driven> {
    match step {
        Step::Turn(task, future) => {
            *suspended = turn::<LOOP>((run, task, now), future, runtime, panic);
        }
        Step::Drop(task, future) => {
            // Invariant 1: the future came out of the world with the step. Its joiner is woken before the end is
            // recorded, as in a task's own turn.
            let dropped = panics::catch(|| beside::within(runtime, || drop(future)));
            let woken = wake_joiner(task);
            finish(task, Finish::Aborted, dropped, panic);
            panics::add(panic, woken);
        }
        Step::Wake(waker) => panics::add(panic, wake(waker)),
        Step::Pass(until) => {
            world::with(|world| world.beat(Doing::Companion));
            beside::pass(until);
        }
        Step::Resume => return Some(Driven::Resume),
        Step::Handover => return Some(Driven::Handover),
        Step::Over(over) => {
            world::with(|world| world.beat(Doing::End));
            return Some(Driven::Over(over));
        }
    }
    // Here and not where it is caught: the end of the task that panicked is still recorded.
    panic.is_some().then_some(Driven::Over(Over::Done))
}

/// Polls a task; it comes back if it is suspended.
#[inline(always)]
fn turn<const LOOP: u8>(
    (run, task, now): (u32, u32, i64),
    mut future: BoxFuture,
    runtime: Option<&dyn Beside>,
    panic: &mut Option<PanicReport>,
) -> Option<(u32, BoxFuture)> {
    // There is nothing to drop in it.
    let waker = ManuallyDrop::new(waker(run, task));
    let polled = panics::catch(|| {
        beside::turn(runtime, now, || {
            if LOOP == LOOKED_AT {
                return awaits::looked_at(task, &waker, |cx| future.as_mut().turn(cx));
            }
            let mut context = Context::from_waker(&waker);
            future.as_mut().turn(&mut context)
        })
    });
    match polled {
        Ok(Poll::Pending) => return Some((task, future)),
        Ok(Poll::Ready(keep)) => {
            // Invariant 1: a waker from outside, and an output that nobody asks for, run code of others. So both leave
            // the world before the one is woken and the other dropped.
            let woken = wake_joiner(task);
            let left = world::with(|world| world.keep(task, future, keep)).flatten();
            let dropped = match left {
                Some(left) => panics::catch(|| beside::within(runtime, || drop(left))),
                None => Ok(()),
            };
            finish(task, Finish::Returned, dropped, panic);
            panics::add(panic, woken);
        }
        Err(report) => {
            // The future is in an unknown state: dropping it is the most that can be done with it.
            let dropped = panics::catch_of("the same task, as it was dropped,", || {
                beside::within(runtime, || drop(future));
            });
            // The run ended beneath a `block_on` of this task: what unwound it is no panic of its own, and how the run
            // ended is noted.
            if ended::has_ended() {
                return None;
            }
            let woken = wake_joiner(task);
            finish(task, Finish::Panicked, Err(report), panic);
            panics::add(panic, dropped.err());
            panics::add(panic, woken);
        }
    }
    None
}
