//! A scheduler of the user's own may panic: then its run counts for nothing, and the report says who it was.
//!
//! 1. A scheduler is asked in the middle of a task's turn, or of a drop. A panic must not go on from there, as neither is
//!    at fault. It is caught, and for the rest of the run each decision is the dullest.
//! 2. The run is unmade ([`Unmade::NoScheduler`]): what the program did in it says nothing of the program.
//! 3. The scheduler has no more runs after that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Decision, Divergence, Scheduler, Spent};
use crate::engine::execute::Made;
use crate::engine::panics;
use crate::record::panic::PanicReport;
use crate::record::run::{Run, Unmade};

/// Asks a scheduler, and notes what it panics with.
struct Guarded(Arc<Mutex<Own>>);

struct Own {
    name: &'static str,
    /// None before it is made, and once it has panicked.
    scheduler: Option<Box<dyn Scheduler>>,
    panic: Option<Box<PanicReport>>,
}

impl Own {
    fn ask<R>(&mut self, ask: impl FnOnce(&mut dyn Scheduler) -> R) -> Option<R> {
        let scheduler = self.scheduler.as_deref_mut()?;
        match panics::catch_beside(WHO, || ask(scheduler)) {
            Ok(answer) => Some(answer),
            Err(report) => {
                self.panic = Some(report);
                // Its state is unknown, so that its drop may panic as well: nothing of it is run again.
                std::mem::forget(self.scheduler.take());
                None
            }
        }
    }
}

const WHO: &str = "the scheduler";

fn lock(own: &Mutex<Own>) -> MutexGuard<'_, Own> {
    own.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scheduler for Guarded {
    fn name(&self) -> &'static str {
        lock(&self.0).name
    }

    fn begin(&mut self, seed: u64) -> bool {
        // If it panics, the run still begins, so that there is one to say so.
        let mut own = lock(&self.0);
        own.ask(|own| own.begin(seed)).unwrap_or(true)
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        lock(&self.0).ask(|own| own.choose(decision)).unwrap_or(0)
    }

    fn draw(&mut self, number: u64, options: u64) -> Option<u64> {
        lock(&self.0).ask(|own| own.draw(number, options)).flatten()
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        lock(&self.0)
            .ask(|own| own.settle(timer, options))
            .flatten()
    }

    fn divergence(&self) -> Option<Divergence> {
        lock(&self.0).ask(|own| own.divergence()).flatten()
    }
}

/// Makes a run with a scheduler of the user's own; none if that has no more.
pub(super) fn guarded<O>(
    seed: u64,
    bounds: Bounds,
    make: impl FnOnce() -> Box<dyn Scheduler>,
    run: impl FnOnce(Box<dyn Scheduler>) -> Option<Made<O>>,
) -> Option<Made<O>> {
    let own = panics::catch_beside(WHO, || {
        let scheduler = make();
        Own {
            name: scheduler.name(),
            scheduler: Some(scheduler),
            panic: None,
        }
    });
    let own = match own {
        Ok(own) => Arc::new(Mutex::new(own)),
        Err(report) => {
            return Some(without_a_run(
                seed,
                bounds,
                Unmade::NoScheduler,
                Some(report),
            ));
        }
    };
    let made = run(Box::new(Guarded(Arc::clone(&own))));
    let (scheduler, panic) = {
        let mut own = lock(&own);
        (own.scheduler.take(), own.panic.take())
    };
    let mut made = made?;
    made.scheduler = scheduler.unwrap_or_else(|| Box::new(Spent));
    if let Some(panic) = panic {
        made.run.unmade = Some(Unmade::NoScheduler);
        made.run.panic = Some(*panic);
        made.run.settle();
    }
    Some(made)
}

/// What comes of a scheduler that has no run.
#[cold]
pub(super) fn without_a_run<O>(
    seed: u64,
    bounds: Bounds,
    why: Unmade,
    panic: Option<Box<PanicReport>>,
) -> Made<O> {
    let run = Run {
        unmade: Some(why),
        panic: panic.map(|report| *report),
        ..Run::unmade(seed, bounds, "none")
    };
    Made {
        run,
        outcome: None,
        scheduler: Box::new(Spent),
    }
}
