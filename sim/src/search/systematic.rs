//! Every run of a program, or every run with few departures: enumerated, each once, on one thread.

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Bounded, Exhaustive, Scheduler};
use crate::engine::execute::Made;
use crate::engine::program::Program;
use crate::record::run::{Keeps, Run};
use crate::record::timeline::Timeline;
use crate::search::config::Config;
use crate::search::determinism;
use crate::search::exploration::Exploration;
use crate::search::explore::Watch;
use crate::search::maker::Maker;
use crate::search::orders::Orders;
use crate::search::tally::Tally;
use crate::search::zones;

/// Makes every run of a program that differs in more than the order of independent events, up to
/// `config.runs` of them. Independent for certain are timers that do nothing but wake a task.
///
/// On an exact clock, every order and tie of timers is made that the latencies allow, each once: what they take in
/// each run is computed. A program that looks at the clock may do something else in the same order of events; then two
/// runs of each are made, and [`Exploration::orders`] says where it looked.
///
/// With other bounds, an event that is late, or that takes a time out of a range, happens at one of the *interesting
/// instants* (a pending deadline, one tick to either side of it, the moment of something else that is late, the end of its
/// bound); so does the end of computing that takes a range of time, always. An order that needs another moment is not among
/// the runs, and `orders` says so.
///
/// The program's own draws are those of `config.seed`, or all of them
/// ([`Config::every_draw`](crate::Config::every_draw)). No run has more faults than `config.limits` allows.
///
/// # Determinism
///
/// One thread, depth first; the first run is FIFO and on time.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, Watch, explore_exhaustive, spawn};
///
/// let program = Main::new(|| async {
///     let (one, other) = (spawn(async {}), spawn(async {}));
///     (one.await.unwrap(), other.await.unwrap());
/// });
/// let found = explore_exhaustive(&program, &Config::new(), Bounds::EXACT, &Watch::default());
/// assert!(found.complete && found.failure().is_none(), "every order, and none fails");
/// ```
pub fn explore_exhaustive<P>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    watch: &Watch<'_>,
) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let mut systematic = Systematic::new(program, config, bounds, watch);
    if bounds == Bounds::EXACT {
        let orders = systematic.every_zone();
        return systematic.tally.exploration(orders);
    }
    let exhaustive = Exhaustive::reducing();
    let seen = exhaustive.seen();
    let orders = match systematic.exhaust(Box::new(exhaustive), |_| true) {
        true if !seen.diverged() => Orders::Every {
            at_instants: seen.aimed(),
            in_ranges: false,
            looked_at_clock: false,
            clock_read: None,
            draws_of: seen.drew().then_some(config.seed),
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
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, Watch, spawn};
/// use deadheat::search::explore_bounded;
///
/// let program = Main::new(|| async { drop(["a", "b", "c"].map(|name| spawn(async move { name }))) });
/// let runs = |departures| {
///     let watch = Watch::default();
///     explore_bounded(&program, &Config::new(), Bounds::EXACT, departures, &watch).runs
/// };
/// assert_eq!(runs(0), 1, "FIFO and on time");
/// assert!(runs(1) <= runs(2));
/// ```
pub fn explore_bounded<P>(
    program: &P,
    config: &Config,
    bounds: Bounds,
    departures_max: usize,
    watch: &Watch<'_>,
) -> Exploration<P::Outcome>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    let mut systematic = Systematic::new(program, config, bounds, watch);
    for departures in 0..=departures_max {
        // The search comes by the runs with fewer departures again; they were counted already, and are few beside
        // these.
        let is_new = |run: &Run| run.token.tape.len() == departures;
        let bounded = Box::new(Bounded::new(departures));
        if !systematic.exhaust(bounded, is_new) {
            break;
        }
    }
    systematic.tally.exploration(Orders::Some)
}

/// Runs that a scheduler enumerates.
struct Systematic<'a, P: Program> {
    program: &'a P,
    config: &'a Config,
    bounds: Bounds,
    watch: &'a Watch<'a>,
    tally: Tally<P::Outcome>,
}

impl<'a, P> Systematic<'a, P>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    fn new(program: &'a P, config: &'a Config, bounds: Bounds, watch: &'a Watch<'a>) -> Self {
        Systematic {
            program,
            config,
            bounds,
            watch,
            tally: Tally::new(),
        }
    }

    /// Makes every run that the scheduler has; false if they were cut short.
    fn exhaust(
        &mut self,
        mut scheduler: Box<dyn Scheduler>,
        counts: impl Fn(&Run) -> bool,
    ) -> bool {
        let maker = Maker::new(self.program, self.config).with_outcomes();
        while let Some(ready) = maker.ready(self.config.seed, self.bounds, scheduler) {
            if self.is_enough() {
                return false;
            }
            let mut made = maker.made(ready);
            if counts(&made.run) && !self.note(&mut made) {
                return false;
            }
            scheduler = made.scheduler;
        }
        true
    }

    fn is_enough(&self) -> bool {
        self.tally.runs >= self.config.runs || (self.watch.stop)()
    }

    /// Adds a run; false if it was the last one that is wanted.
    fn note(&mut self, made: &mut Made<P::Outcome>) -> bool {
        let run = &mut made.run;
        if self.config.check_determinism {
            determinism::again(self.program, self.config, run);
        }
        let number = self.tally.runs;
        if !self.program.expects(run.verdict) {
            (self.watch.found)(number, run);
        }
        let outcome = made.outcome.take();
        let failed = (self.tally).note_enumerated(self.program, number, run, outcome);
        (self.watch.progress)();
        !(failed && self.watch.first_failure)
    }

    /// Makes a run of every order and tie that latencies allow, on an exact clock.
    fn every_zone(&mut self) -> Orders {
        let seed = self.config.seed;
        let every_draw = self.config.every_draw;
        let virtual_time = self.config.limits.virtual_time.as_nanos();
        let time_end = virtual_time.min(i64::MAX as u128) as i64;
        let mut one_by_one = OneByOne {
            maker: Maker::new(self.program, self.config).with_outcomes(),
            systematic: self,
            goes_on: true,
        };
        let seen = zones::every(seed, every_draw, time_end, &mut one_by_one);
        match seen.exhausted && !seen.diverged {
            true => Orders::Every {
                at_instants: seen.aimed,
                in_ranges: seen.ranged,
                // Where nothing takes long, all moments are those of the order.
                looked_at_clock: seen.ranged && seen.looked_at_clock,
                clock_read: seen.clock_read.filter(|_| seen.ranged),
                draws_of: seen.drew.then_some(seed),
            },
            false => Orders::Some,
        }
    }
}

/// Makes the runs of a search for every order, and tells of each.
struct OneByOne<'a, 's, P: Program> {
    systematic: &'s mut Systematic<'a, P>,
    maker: Maker<'a, P>,
    goes_on: bool,
}

impl<P> OneByOne<'_, '_, P>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    fn made(&self, scheduler: Box<dyn Scheduler>, keeps: Keeps) -> Option<Made<P::Outcome>> {
        let (seed, bounds) = (self.systematic.config.seed, self.systematic.bounds);
        self.maker.keeping(keeps).make(seed, bounds, scheduler)
    }

    /// The same, if another run is wanted; it is told. What became of its time is given if that is kept.
    fn next(&mut self, scheduler: Box<dyn Scheduler>, keeps: Keeps) -> Option<Option<Timeline>> {
        if !self.goes_on || self.systematic.is_enough() {
            return None;
        }
        let mut made = self.made(scheduler, keeps)?;
        let timeline = made.run.timeline.take();
        self.goes_on = self.systematic.note(&mut made);
        Some(timeline.map(|timeline| *timeline))
    }
}

impl<P> zones::Make for OneByOne<'_, '_, P>
where
    P: Program,
    P::Outcome: Ord + Clone + Send,
{
    fn plain(&mut self, scheduler: Box<dyn Scheduler>) -> Option<()> {
        self.next(scheduler, Keeps::Nothing).map(drop)
    }

    fn timed(&mut self, scheduler: Box<dyn Scheduler>) -> Option<Timeline> {
        self.next(scheduler, Keeps::Times)?
    }

    fn stops(&self) -> bool {
        (self.systematic.watch.stop)()
    }

    fn timed_again(&mut self, scheduler: Box<dyn Scheduler>) -> Option<Timeline> {
        let again = self.goes_on.then(|| self.made(scheduler, Keeps::Times))?;
        again?.run.timeline.map(|timeline| *timeline)
    }
}
