//! Every run of a program, or every run with few departures: enumerated, each once, on one thread.

use std::any::Any;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Bounded, Exhaustive, Scheduler};
use crate::engine::execute::execute;
use crate::engine::program::Program;
use crate::record::run::{Run, Setting};
use crate::search::config::Config;
use crate::search::exploration::Exploration;
use crate::search::explore::Watch;
use crate::search::orders::Orders;
use crate::search::tally::Tally;

/// Makes every run of a program that differs in more than the order of independent events, up to
/// `config.runs` of them. Independent for certain are timers that do nothing but wake a task.
///
/// What is late, or takes some time out of a range, does so until one of the *interesting instants* (a pending
/// deadline, one tick to either side of it, the moment of something else that is late, the end of its bound), and
/// the program's own draws are those of `config.seed`. An order that needs another moment or another draw is not
/// among the runs: [`Exploration::orders`] says what was seen. So is none with more faults in a run than
/// `config.limits` allows.
///
/// # Determinism
///
/// One thread, depth first; the first run is FIFO and on time.
pub fn explore_exhaustive<P>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    watch: &Watch<'_>,
) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone,
{
    let mut systematic = Systematic::new(program, config, bounds, watch);
    let exhausted = systematic.exhaust(Box::new(Exhaustive::reducing()), |_| true);
    let exhaustive = exhausted.and_then(|scheduler| {
        let any: Box<dyn Any> = scheduler;
        any.downcast::<Exhaustive>().ok()
    });
    let orders = match exhaustive {
        Some(exhaustive) if !exhaustive.diverged() => Orders::Every {
            at_instants: exhaustive.aimed(),
            draws_of: exhaustive.drew().then_some(config.seed),
        },
        _ => Orders::Some,
    };
    systematic.tally.exploration(orders)
}

/// Makes every run of a program with no departure from "FIFO and on time", then every run with one, and
/// so on up to `departures_max`, up to `config.runs` of them; each once.
///
/// # Determinism
///
/// One thread.
pub fn explore_bounded<P>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    departures_max: usize,
    watch: &Watch<'_>,
) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone,
{
    let mut systematic = Systematic::new(program, config, bounds, watch);
    for departures in 0..=departures_max {
        // Those with fewer were counted already; they are few beside these.
        let is_new = |run: &Run| run.token.tape.len() == departures;
        let bounded = Box::new(Bounded::new(departures));
        if systematic.exhaust(bounded, is_new).is_none() {
            break;
        }
    }
    systematic.tally.exploration(Orders::Some)
}

/// Runs that a scheduler enumerates.
struct Systematic<'a, P: Program> {
    program: &'a P,
    config: &'a Config,
    setting: Setting,
    watch: &'a Watch<'a>,
    tally: Tally<P::Outcome>,
}

impl<'a, P> Systematic<'a, P>
where
    P: Program,
    P::Outcome: Ord + Clone,
{
    fn new(program: &'a P, config: &'a Config, bounds: Bounds, watch: &'a Watch<'a>) -> Self {
        Systematic {
            program,
            config,
            setting: Setting {
                seed: config.seed,
                bounds,
                limits: config.limits,
                trace: false,
                cover: false,
            },
            watch,
            tally: Tally::new(),
        }
    }

    /// Makes every run that the scheduler has; it comes back unless they were cut short.
    fn exhaust(
        &mut self,
        mut scheduler: Box<dyn Scheduler>,
        counts: impl Fn(&Run) -> bool,
    ) -> Option<Box<dyn Scheduler>> {
        while scheduler.begin(self.config.seed) {
            if self.tally.runs >= self.config.runs || (self.watch.stop)() {
                return None;
            }
            let (run, outcome, back) = execute(self.program, &self.setting, scheduler);
            scheduler = back;
            if !counts(&run) {
                continue;
            }
            let number = self.tally.runs;
            if !self.program.expects(run.verdict) {
                (self.watch.found)(number, &run);
            }
            let failed = self.tally.note(self.program, number, run, outcome);
            (self.watch.progress)();
            if failed && self.watch.first_failure {
                return None;
            }
        }
        Some(scheduler)
    }
}
