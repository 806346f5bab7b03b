//! One run, from its start to quiescence: takes steps, does what they say, and looks at the end.
//!
//! 1. User code (polls, drops, foreign wakers) runs while nothing is borrowed.
//! 2. The end is looked at before anything is torn down; teardown is in spawn order and leaves no mark on the
//!    run, except by what fails it: a panic, a statement that does not hold, a timer that is left behind.

use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::task::{Context, Poll, Waker};

use crate::decide::scheduler::Scheduler;
use crate::engine::block_on;
use crate::engine::companion::Companion;
use crate::engine::foreign;
use crate::engine::panics::{self, PanicReport};
use crate::engine::pending::pending;
use crate::engine::program::Program;
use crate::engine::step::{Over, Step};
use crate::engine::waker::waker;
use crate::invariant::checks::Check;
use crate::record::coverage;
use crate::record::events::Finish;
use crate::record::run::{Run, Setting, Verdict};
use crate::state::tasks::{BoxFuture, TaskSlot};
use crate::state::world::{self, Setup, World};
use crate::witness::{self, Doing};

/// Runs `program` once. The scheduler comes back for the next run.
///
/// Inside another run of the same thread nothing is run, and the verdict says so.
pub(crate) fn execute<P: Program>(
    program: &P,
    setting: &Setting,
    scheduler: Box<dyn Scheduler>,
) -> (Run, Option<P::Outcome>, Box<dyn Scheduler>) {
    panics::install();
    let name = scheduler.name();
    if world::run_number() != 0 {
        return (Run::unmade(setting, name), None, scheduler);
    }
    let run = foreign::next_run();
    let setup = Setup {
        run,
        seed: setting.seed,
        scheduler,
        bounds: setting.bounds,
        limits: setting.limits,
        keep: match (setting.trace, setting.cover) {
            (true, _) => setting.limits.trace_events,
            (false, true) => coverage::EVENTS_MAX,
            (false, false) => 0,
        },
    };
    world::begin(setup);
    if let Some(pulse) = witness::begin(setting.seed, setting.bounds, name) {
        world::with(|world| world.pulse = Some(pulse));
    }
    let mut panic = None;
    let companion = Companion::of_this_thread();
    let started = panics::catch_of("the program's start", || {
        companion.begin();
        companion.within(|| program.start())
    });
    let (over, handles) = match started {
        Ok(handles) => (driven(run, &companion, &mut panic), Some(handles)),
        Err(report) => {
            panic = Some(*report);
            (Over::Done, None)
        }
    };
    let over = block_on::how_it_ended(over, &mut panic);
    let verdict = match over {
        Over::Done => Verdict::Done,
        Over::Stuck => Verdict::Stuck,
        Over::Limit(limit) => Verdict::Limit(limit),
    };
    if !block_on::has_ended() {
        world::with(|world| {
            world.look_for_lost_timers(over);
            if let Some(pulse) = &world.pulse {
                pulse.over();
            }
        });
    }
    let outcome = handles.and_then(|handles| {
        let finish = || companion.within(|| program.finish(handles, verdict));
        let finished = panics::catch_of("the program's finish", finish);
        finished
            .map_err(|report| panics::add(&mut panic, Some(report)))
            .ok()
    });
    let mut result = Run::unmade(setting, name);
    world::with(|world| look_back(world, setting, verdict, &mut result));
    companion.within(|| tear_down(&mut panic));
    companion.end();
    let rest = world::with(|world| {
        look_at_teardown(world, &mut result);
        (world.timers.alive(), world.leaves_more())
    });
    let (left, more) = rest.unwrap_or_default();
    if more {
        drop_the_rest(&mut panic);
        world::with(|world| look_at_teardown(world, &mut result));
    }
    if left > 0 && panic.is_none() {
        result.left_behind(left);
    }
    let scheduler = world::end();
    result.escapes = foreign::take(run);
    result.panic = panic;
    result.settle();
    (result, outcome, scheduler)
}

/// Why no more steps are taken.
pub(crate) enum Driven {
    /// The run is over.
    Over(Over),
    /// It is the turn of the task that blocks innermost.
    Resume,
}

/// What a scheduler or a check of one's own panics in ends the run as well.
const IN_A_STEP: &str = "the scheduler, or deadheat itself,";
/// Whoever waits and is no task of the run.
const WAKER: &str = "a waker from outside";

/// Takes steps until the run is over.
fn driven(run: u32, companion: &Companion, panic: &mut Option<PanicReport>) -> Over {
    match panics::catch_of(IN_A_STEP, || drive(run, companion, panic)) {
        Ok(Driven::Over(over)) => over,
        Ok(Driven::Resume) => Over::Done,
        Err(report) => {
            panics::add(panic, Some(report));
            Over::Done
        }
    }
}

/// Takes steps until the run is over, or a task that blocks can go on.
pub(crate) fn drive(run: u32, companion: &Companion, panic: &mut Option<PanicReport>) -> Driven {
    let mut suspended = None;
    loop {
        // One borrow between two turns: the one gives its task back, the next one takes its own.
        let step = world::with(|world| {
            if let Some((task, future)) = suspended.take() {
                world.suspended(task, future);
            }
            (world.step(), world.now)
        });
        let Some((step, now)) = step else {
            return Driven::Over(Over::Done);
        };
        match step {
            Step::Turn(task, future) => {
                suspended = turn((run, task, now), future, companion, panic);
            }
            Step::Drop(task, future) => {
                let dropped = panics::catch(|| companion.within(|| drop(future)));
                let woken = wake_joiner(task);
                finish(task, Finish::Aborted, dropped, panic);
                panics::add(panic, woken);
            }
            Step::Wake(waker) => panics::add(panic, wake(waker)),
            Step::Pass(until) => {
                world::with(|world| world.beat(Doing::Companion));
                companion.pass(until);
            }
            Step::Resume => return Driven::Resume,
            Step::Over(over) => {
                world::with(|world| world.beat(Doing::End));
                return Driven::Over(over);
            }
        }
        if panic.is_some() {
            return Driven::Over(Over::Done);
        }
    }
}

/// Polls a task; it comes back if it is suspended.
#[inline]
fn turn(
    (run, task, now): (u32, u32, i64),
    mut future: BoxFuture,
    companion: &Companion,
    panic: &mut Option<PanicReport>,
) -> Option<(u32, BoxFuture)> {
    // There is nothing to drop in it.
    let waker = ManuallyDrop::new(waker(run, task));
    let polled = panics::catch(|| {
        companion.turn(now, || {
            let mut context = Context::from_waker(&waker);
            future.as_mut().turn(&mut context)
        })
    });
    match polled {
        Ok(Poll::Pending) => return Some((task, future)),
        Ok(Poll::Ready(keep)) => {
            let woken = wake_joiner(task);
            let left = world::with(|world| world.keep(task, future, keep)).flatten();
            let dropped = match left {
                Some(left) => panics::catch(|| companion.within(|| drop(left))),
                None => Ok(()),
            };
            finish(task, Finish::Returned, dropped, panic);
            panics::add(panic, woken);
        }
        Err(report) => {
            // The future is in an unknown state: dropping it is the most that can be done with it.
            let dropped = panics::catch_of("the same task, as it was dropped,", || {
                companion.within(|| drop(future));
            });
            if block_on::has_ended() {
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

/// Drops a task outside of its turn. One that is taking its turn is dropped after it.
pub(crate) fn drop_now(task: u32) {
    let taken = world::with(|world| {
        let future = world.take_unended(task)?;
        Some((future, world.current.replace(task)))
    });
    let Some((future, current)) = taken.flatten() else {
        return;
    };
    let ended = panic::catch_unwind(AssertUnwindSafe(|| drop(future)));
    let woken = wake_joiner(task);
    world::with(|world| {
        world.finished(task, Finish::Aborted);
        world.current = current;
        // It is nobody's panic here: it fails the run.
        world.unseen.extend(woken.map(|report| *report));
    });
    if let Err(payload) = ended {
        panic::resume_unwind(payload);
    }
}

/// Wakes whoever waits for the end of a task. Gives what it panicked with, if it did.
#[inline(never)]
fn wake_joiner(task: u32) -> Option<Box<PanicReport>> {
    let foreign = world::with(|world| world.wake_joiner(task)).flatten();
    foreign.and_then(wake)
}

/// Wakes somebody who is no task of the run: code that is not ours. Gives what it panicked with, if it did.
fn wake(waker: Waker) -> Option<Box<PanicReport>> {
    panics::catch_of(WAKER, || waker.wake()).err()
}

fn finish(
    task: u32,
    finish: Finish,
    ended: Result<(), (String, String)>,
    panic: &mut Option<PanicReport>,
) {
    world::with(|world| {
        if let Err((message, place)) = ended {
            *panic = Some(PanicReport {
                message,
                place,
                task: world.task_name(task),
            });
        }
        world.finished(task, finish);
    });
}

impl World {
    /// Whether more is to be done at the end of a run than to drop its tasks.
    #[inline]
    fn leaves_more(&self) -> bool {
        !self.unseen.is_empty()
            || !self.foreign_joiners.is_empty()
            || self.timers.keeps_apart()
            || self.pulse.is_some()
    }

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
            world
                .tasks
                .iter()
                .position(|task| task.queued && !task.ended)
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

/// What came of a run, as far as the world knows it.
fn look_back(world: &mut World, setting: &Setting, verdict: Verdict, run: &mut Run) {
    (run.verdict, run.nested) = (verdict, false);
    run.at = world.instant();
    run.steps = world.steps;
    run.decisions = world.numbers.iter().sum();
    let ended = world.ended.take();
    run.fingerprint = match &ended {
        Some(ended) => ended.fingerprint,
        None => world.recorder.fingerprint(),
    };
    run.token.fingerprint = Some(run.fingerprint);
    run.token.tape = world.tape.clone();
    run.violations = world.checks.take_violations();
    if run.verdict != Verdict::Done {
        run.pending = match ended {
            Some(ended) => ended.pending,
            None => pending(world),
        };
    }
    if setting.cover {
        run.relations = coverage::relations(&world.recorder.events);
    }
    if setting.trace {
        run.trace = Some(world.trace());
        run.departures = world.explained();
        run.marks = std::mem::take(&mut world.marks);
    }
}

/// Teardown is no part of the run, but what a destructor states there counts.
#[inline]
fn look_at_teardown(world: &mut World, run: &mut Run) {
    if world.checks.found_more() {
        run.violations.extend(world.checks.take_violations());
    }
    if !world.statements.is_empty() {
        run.statements.clone_from(&world.statements);
    }
}

/// Drops what is left, in spawn order; what it does is not part of the run any more. Outputs that
/// nobody took come last.
fn tear_down(panic: &mut Option<PanicReport>) {
    world::with(|world| {
        world.recorder.keep = false;
        world.closing = true;
    });
    let mut panics = Vec::new();
    drop_tasks(&mut panics, |task| {
        !std::mem::replace(&mut task.ended, true)
    });
    drop_tasks(&mut panics, |_| true);
    panics::gather(panic, panics);
}

/// Drops the wakers that are none of a task of the run, and gathers the panics that nobody has seen.
#[cold]
fn drop_the_rest(panic: &mut Option<PanicReport>) {
    let rest = world::with(|world| {
        let mut wakers = world.timers.take_wakers();
        wakers.extend(std::mem::take(&mut world.foreign_joiners).into_values());
        (wakers, std::mem::take(&mut world.unseen))
    });
    let (wakers, unseen) = rest.unwrap_or_default();
    panics::gather(panic, unseen);
    for waker in wakers {
        panics::add(panic, panics::catch_of(WAKER, || drop(waker)).err());
    }
    if let Some(pulse) = world::with(|world| world.pulse.take()).flatten() {
        pulse.end();
    }
}

fn drop_tasks(panics: &mut Vec<PanicReport>, which: impl Fn(&mut TaskSlot) -> bool) {
    let mut next = 0;
    while let Some(future) = world::with(|world| world.take_task(&mut next, &which)).flatten() {
        if let Err((message, place)) = panics::catch(|| drop(future)) {
            let task = world::with(|world| world.task_name(next as u32 - 1)).unwrap_or_default();
            panics.push(PanicReport {
                message,
                place,
                task,
            });
        }
    }
}
