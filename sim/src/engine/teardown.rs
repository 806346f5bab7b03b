//! What is done once a run is over: what is left is dropped, in spawn order, and nobody is forgotten.
//!
//! It is no part of the run, except by what fails it: a panic, a statement that does not hold, a timer that is left
//! behind.

use std::rc::Rc;

use deadheat_seal::lifted;

use crate::engine::beside;
use crate::engine::holders;
use crate::engine::panics;
use crate::engine::task_end::WAKER;
use crate::record::panic::PanicReport;
use crate::record::run::Run;
use crate::state::beside::Beside;
use crate::state::tasks::TaskSlot;
use crate::state::world::{self, World};

impl World {
    /// Whether more is to be done at the end of a run than to drop its tasks.
    #[inline]
    fn leaves_more(&self) -> bool {
        !self.findings.unseen.is_empty()
            || !self.tasks.foreign_joiners.is_empty()
            || self.timers.keeps_apart()
            || self.network.is_some()
            || self.pulse.is_some()
            || self.findings.should_panic.is_some()
    }
}

/// Drops all that is left of a run. What panics, and what does not hold meanwhile, goes into `run` and `panic`.
#[inline]
pub(super) fn tear_down(run: &mut Run, panic: &mut Option<PanicReport>) {
    let runtime = beside::runtime();
    // A program of tokio's may leave a timer behind, in a sleep that it forgets: there it is a leak of memory, and allowed.
    let may_leave_timers = runtime.is_some();
    match runtime {
        None => drop_what_is_left(panic),
        Some(runtime) => drop_beside(runtime, panic),
    }
    let rest = world::with(|world| {
        look_at_teardown(world, run);
        if !world.looks.held.is_empty() {
            let held = std::mem::take(&mut world.looks.held);
            held.into_iter()
                .for_each(|(waits, holder)| run.is_held(waits, holder));
        }
        (world.timers.alive(), world.leaves_more())
    });
    let (left, more) = rest.unwrap_or_default();
    if more {
        drop_the_rest(panic);
        world::with(|world| look_at_teardown(world, run));
    }
    if left > 0 && panic.is_none() && !may_leave_timers {
        run.left_behind(left);
    }
    if more {
        let wanted = world::with(|world| world.findings.should_panic.take()).flatten();
        wanted.iter().for_each(|wanted| wanted.judge(run, panic));
    }
}

/// The same with a runtime beside the run, whose mistakes fail the run.
#[cold]
fn drop_beside(runtime: Rc<dyn Beside>, panic: &mut Option<PanicReport>) {
    const WHO: &str = "the runtime beside the run";
    let within = || beside::within(Some(&*runtime), || drop_what_is_left(panic));
    let dropped = panics::catch_of(WHO, within);
    if dropped.is_err() {
        drop_what_is_left(panic);
    }
    panics::add(panic, dropped.err());
    world::with(|world| world.beside.runtime = None);
    panics::add(
        panic,
        panics::catch_of(WHO, || lifted(|| runtime.end())).err(),
    );
}

/// Teardown is no part of the run, but what a destructor states there counts.
#[inline]
fn look_at_teardown(world: &mut World, run: &mut Run) {
    if world.findings.checks.found_more() {
        run.violations
            .extend(world.findings.checks.take_violations());
        run.more_violations = world.findings.checks.more_violations();
    }
    if !world.findings.statements.is_empty() {
        run.statements.clone_from(&world.findings.statements);
    }
}

/// Drops what is left, in spawn order; what it does is not part of the run any more. Outputs that
/// nobody took come last.
fn drop_what_is_left(panic: &mut Option<PanicReport>) {
    let looks = world::with(|world| {
        world.recorder.keeps = false;
        world.closing = true;
        world.looks.is_any_wanted()
    });
    let mut panics = match looks {
        Some(true) => holders::drop_and_hear(),
        _ => Vec::new(),
    };
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
        wakers.extend(std::mem::take(&mut world.tasks.foreign_joiners).into_values());
        (wakers, std::mem::take(&mut world.findings.unseen))
    });
    let (wakers, unseen) = rest.unwrap_or_default();
    panics::gather(panic, unseen);
    for waker in wakers {
        panics::add(panic, panics::catch_of(WAKER, || drop(waker)).err());
    }
    // Wakers of others may wait for its sockets.
    let network = world::with(|world| world.network.take()).flatten();
    panics::add(panic, panics::catch_of(WAKER, || drop(network)).err());
    if let Some(pulse) = world::with(|world| world.pulse.take()).flatten() {
        pulse.end();
    }
}

/// How long a chain of tasks may be that are spawned as a run is taken down, each as the one before is dropped.
const CHAIN_MAX: u32 = 1_000;

fn drop_tasks(panics: &mut Vec<PanicReport>, which: impl Fn(&mut TaskSlot) -> bool) {
    let counts = world::with(|world| (world.tasks.slots.len(), world.limits.tasks));
    let (of_run, most) = counts.unwrap_or_default();
    let (mut next, mut chain, mut links_end) = (0, 0, of_run);
    while let Some(future) = world::with(|world| world.take_task(&mut next, &which)).flatten() {
        if next > links_end {
            let tasks = world::with(|world| world.tasks.slots.len()).unwrap_or_default();
            links_end = tasks;
            chain += 1;
            if chain > CHAIN_MAX || (tasks - of_run) as u64 > most.max(CHAIN_MAX.into()) {
                // To drop it would only spawn the next one.
                std::mem::forget(future);
                // Where the run has ended by its limit on tasks, it is told of that already.
                if (of_run as u64) < most {
                    panics.push(without_end(next - 1));
                }
                return forget_tasks(next);
            }
        }
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

/// Tasks are spawned without end as a run is taken down; this is the last of them.
#[cold]
fn without_end(task: usize) -> PanicReport {
    let known = world::with(|world| {
        let place = world.tasks.places[world.tasks.ends[task].spawned_at];
        let place = world.recorder.origins.shown(Some(place), None);
        (world.task_name(task as u32), place)
    });
    let (name, place) = known.unwrap_or_default();
    let message = "it was spawned as another task was dropped at the end of the run, and that one in the same way, \
         without end: perhaps a `Drop` spawns a task that owns another such value";
    PanicReport {
        message: message.to_owned(),
        place: place.map_or_else(|| "an unknown place".to_owned(), |line| line.to_string()),
        task: format!("what is dropped at the end of the run, {name},"),
    }
}

/// Lets go of the tasks that are left without dropping them.
#[cold]
fn forget_tasks(mut next: usize) {
    while let Some(future) = world::with(|world| world.take_task(&mut next, |_| true)).flatten() {
        std::mem::forget(future);
    }
}
