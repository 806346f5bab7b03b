//! One run of a program: sampled, with a scheduler of one's own, replayed.

use std::fmt;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Fifo, Scheduler};
use crate::decide::token::Token;
use crate::engine::execute::Made;
use crate::engine::program::Program;
use crate::record::run::{Keeps, Run, Unmade};
use crate::search::config::Config;
use crate::search::determinism;
use crate::search::guard::without_a_run;
use crate::search::maker::Maker;
use crate::search::maker::apart::{self, Make};
use crate::search::zones::solved;
use crate::witness::{self, Again};

/// Makes run `number` of an exploration.
pub(crate) fn sampled<P: Program>(program: &P, config: &Config, number: u64) -> Made<P::Outcome>
where
    P::Outcome: Send,
{
    sampled_by(apart::whole, program, config, number)
}

/// The same, of which nobody wants the outcome.
pub(crate) fn sampled_run<P: Program>(program: &P, config: &Config, number: u64) -> Run {
    sampled_by(apart::without_outcome, program, config, number).run
}

/// Makes run `number` again and looks at what its sleeps came to.
pub(crate) fn looked_at<P: Program>(program: &P, config: &Config, number: u64) -> Run {
    made_once(
        apart::without_outcome,
        Keeps::Sleeps,
        program,
        config,
        number,
    )
    .run
}

/// Makes a run again that a scheduler has enumerated.
pub(crate) fn enumerated_run<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
    scheduler: &'static str,
) -> Run {
    let (mut run, _) = Maker::new(program, config).replay(token);
    run.scheduler = scheduler;
    if config.check_determinism {
        determinism::again(program, config, &mut run);
    }
    run
}

fn sampled_by<P: Program>(
    by: Make<P>,
    program: &P,
    config: &Config,
    number: u64,
) -> Made<P::Outcome> {
    let keeps = match config.until_quiet {
        true => Keeps::Relations,
        false => Keeps::Nothing,
    };
    let make = |keeps| made_once(by, keeps, program, config, number);
    match config.check_determinism {
        true => {
            let mut made = determinism::twice(keeps, make);
            determinism::suspect_what_outlives(program, config, &mut made.run);
            if config.mix.lane(number).0.is_own() {
                determinism::suspect_scheduler(program, config, &mut made.run);
            }
            made
        }
        false => make(keeps),
    }
}

#[inline]
fn made_once<P: Program>(
    by: Make<P>,
    keeps: Keeps,
    program: &P,
    config: &Config,
    number: u64,
) -> Made<P::Outcome> {
    let seed = config.seed.wrapping_add(number);
    witness::next_is(|| Again::Number(number));
    let (lane, bounds) = config.mix.lane(number);
    let maker = Maker::new(program, config).making(by).keeping(keeps);
    let made = match lane.sampler() {
        Some(sampler) => maker.make(seed, bounds, sampler.in_turn(number)),
        None if lane.is_solved() => solved::made(maker, keeps, seed, number),
        None => maker.make_own(seed, bounds, || lane.scheduler(number)),
    };
    made.unwrap_or_else(|| without_a_run(seed, bounds, Unmade::NoMore, None))
}

/// A program whose runs are made one by one, by hand, where [`explore`](crate::explore) makes many.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, Verdict};
/// use deadheat::decide::Pct;
/// use deadheat::search::Single;
///
/// let (program, config) = (Main::new(|| async { 42 }), Config::new());
/// let (run, outcome) = Single::of(&program, &config).scheduled(Bounds::EXACT, Box::new(Pct::new(3)));
/// assert_eq!((run.verdict, outcome), (Verdict::Done, Some(Some(42))));
/// ```
#[must_use = "no run is made until one is asked for"]
pub struct Single<'a, P: Program> {
    program: &'a P,
    config: &'a Config,
    make: Make<P>,
}

impl<P: Program + fmt::Debug> fmt::Debug for Single<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single")
            .field("program", &self.program)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl<'a, P: Program> Single<'a, P> {
    /// Runs of this program, with the seed, the limits and the trace of a configuration. One that is sealed is made on a
    /// thread of its own, unless this one was started for such runs, and has drawn no chance.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main};
    /// use deadheat::search::Single;
    ///
    /// let (program, config) = (Main::new(|| async { deadheat::random(6) }), Config::new().seed(7));
    /// let outcome = || Single::of(&program, &config).fifo().1;
    /// assert_eq!(outcome(), outcome());
    /// ```
    pub fn of(program: &'a P, config: &'a Config) -> Self
    where
        P::Outcome: Send,
    {
        let make = apart::whole;
        Single {
            program,
            config,
            make,
        }
    }

    /// [`of`](Self::of) for outcomes that belong to a thread. A sealed run has the hash keys that this thread has drawn
    /// before, so that it may be another than elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main};
    /// use deadheat::search::Single;
    /// use std::rc::Rc;
    ///
    /// let (_, outcome) = Single::on_this_thread(&Main::new(|| async { Rc::new(42) }), &Config::new()).fifo();
    /// assert_eq!(outcome, Some(Some(Rc::new(42))));
    /// ```
    pub fn on_this_thread(program: &'a P, config: &'a Config) -> Self {
        let make = apart::here;
        Single {
            program,
            config,
            make,
        }
    }

    /// Runs of which nobody wants the outcome, so that each can be made where it has to be.
    pub(crate) fn runs_of(program: &'a P, config: &'a Config) -> Self {
        let make = apart::without_outcome;
        Single {
            program,
            config,
            make,
        }
    }

    /// Makes one run, FIFO and on time.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main};
    /// use deadheat::search::Single;
    ///
    /// let (run, outcome) = Single::of(&Main::new(|| async { 42 }), &Config::new()).fifo();
    /// assert_eq!((run.decisions, outcome), (0, Some(Some(42))));
    /// ```
    pub fn fifo(&self) -> (Run, Option<P::Outcome>) {
        let (bounds, seed) = (Bounds::EXACT, self.config.seed);
        let made = self.maker().make(seed, bounds, Box::new(Fifo));
        self.taken(bounds, self.compared(made))
    }

    /// Makes one run with a scheduler of one's own. If that has none, nothing is run, and the verdict is
    /// [`Verdict::Failed`](crate::Verdict).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Sampler};
    /// use deadheat::search::Single;
    ///
    /// let (program, config) = (Main::new(|| async { 42 }), Config::new());
    /// let (_, outcome) = Single::of(&program, &config).scheduled(Bounds::EXACT, Sampler::Pos.scheduler());
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn scheduled(
        &self,
        bounds: Bounds,
        scheduler: Box<dyn Scheduler>,
    ) -> (Run, Option<P::Outcome>) {
        let made = self.next(bounds, scheduler);
        self.taken(bounds, made)
    }

    /// Makes the next run that a scheduler has, and gives the scheduler back for the one after it; none if it has no
    /// more.
    ///
    /// # Examples
    ///
    /// Every run with at most one departure:
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, spawn};
    /// use deadheat::decide::{Bounded, Scheduler};
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async {
    ///     let (one, other) = (spawn(async {}), spawn(async {}));
    ///     (one.await.unwrap(), other.await.unwrap());
    /// });
    /// let config = Config::new();
    /// let mut scheduler: Box<dyn Scheduler> = Box::new(Bounded::new(1));
    /// let mut runs = 0;
    /// while let Some(made) = Single::of(&program, &config).next(Bounds::EXACT, scheduler) {
    ///     assert!(made.run.token.tape.len() <= 1);
    ///     (scheduler, runs) = (made.scheduler, runs + 1);
    /// }
    /// assert!(runs > 1);
    /// ```
    pub fn next(&self, bounds: Bounds, scheduler: Box<dyn Scheduler>) -> Option<Made<P::Outcome>> {
        let (seed, maker) = (self.config.seed, self.maker());
        self.compared(maker.make_own(seed, bounds, || scheduler))
    }

    /// Makes the run of a token again, with a trace. Where the program no longer fits the token, the run
    /// says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main, Watch, explore, random};
    /// use deadheat::search::Single;
    ///
    /// let die = Main::new(|| async { random(6) });
    /// let exploration = explore(&die, &Config::new(), &Watch::default());
    /// let found = &exploration.found[3];
    /// let (run, outcome) = Single::of(&die, &Config::new()).replay(&found.run(&die, &Config::new()).token);
    /// assert_eq!(outcome, found.outcome);
    /// assert!(!run.stale && run.trace.is_some());
    /// ```
    pub fn replay(&self, token: &Token) -> (Run, Option<P::Outcome>) {
        Maker::new(self.program, self.config)
            .making(self.make)
            .keeping(Keeps::Trace)
            .replay(token)
    }

    fn compared(&self, made: Option<Made<P::Outcome>>) -> Option<Made<P::Outcome>> {
        let mut made = made?;
        if self.config.check_determinism {
            determinism::again(self.program, self.config, &mut made.run);
        }
        Some(made)
    }

    fn maker(&self) -> Maker<'a, P> {
        let maker = Maker::new(self.program, self.config).making(self.make);
        maker.keeping(match self.config.trace {
            true => Keeps::Trace,
            false => Keeps::Nothing,
        })
    }

    fn taken(&self, bounds: Bounds, made: Option<Made<P::Outcome>>) -> (Run, Option<P::Outcome>) {
        let none = || without_a_run(self.config.seed, bounds, Unmade::NoMore, None);
        let made = made.unwrap_or_else(none);
        (made.run, made.outcome)
    }
}
