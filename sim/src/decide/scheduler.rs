//! Schedulers choose. One file an algorithm; each cites its source.
//!
//! A scheduler is asked only where there are at least two options. Option 0 is the dullest.

mod bounded;
mod bytes;
mod exhaustive;
mod levels;
mod mishap;
mod patience;
pub(crate) mod planned;
mod priorities;
mod replay;
mod seeded;

macro_rules! declare {
    ($($(#[$docs:meta])* $file:ident: $type:ident $(($number:ident, $plain:literal))?,)*) => {
        $(
            mod $file;
            pub use $file::$type;
        )*
    };
}

// Those with a name: each has a file here, and a line in `sim/words/src/scheduler.rs`.
deadheat_words::schedulers!(declare);

pub use bounded::Bounded;
pub use bytes::Bytes;
pub use exhaustive::{Exhaustive, Seen};
pub use replay::{Divergence, Replay};
pub(crate) use seeded::Seeded;

use std::panic::Location;

use crate::base::time::Instant;
use crate::decide::tape::DecisionKind;

/// The most change points and departures of the schedulers that are given a number of them, by name or not.
pub(crate) const BOUND_MAX: u32 = deadheat_words::scheduler::NUMBER_MAX;

/// One decision to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// What it is about.
    pub kind: DecisionKind,
    /// Which decision of that kind in this run, from 0.
    pub number: u64,
    /// How many options there are; at least 2.
    pub options: u64,
    /// How many of the options, always the last ones, mean that the first event is late.
    pub late: u64,
    /// When it is taken.
    pub at: Instant,
    view: &'a dyn Options,
}

/// What an option of a [`DecisionKind::Next`] decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    /// A woken task takes its turn.
    Turn(u32),
    /// A due timer fires; its arming number.
    Fire(u64),
    /// The first event is late until this moment, in nanoseconds since the start.
    Late(i64),
    /// What goes wrong, and in which way.
    Fault(&'static str, &'static str),
    /// Which of several alternatives a task begins with, and where in its source.
    Pick(u64, &'static Location<'static>),
    /// An option of another kind of decision.
    Value(u64),
}

/// Looks options up, so that a scheduler that only counts pays nothing.
pub(crate) trait Options: std::fmt::Debug {
    fn option(&self, index: u64) -> Choice;

    /// Whether any option is a timer.
    fn has_timers(&self) -> bool {
        false
    }

    /// Whether this is asked so often, of what happens once or so in a run, that it is to be answered yes seldom.
    fn is_rare(&self) -> bool {
        false
    }

    /// Whether the option is that the first event is late until the very deadline of a timer.
    fn meets(&self, index: u64) -> bool {
        let _ = index;
        false
    }

    /// Whether the option is for certain nothing but a task of this run being woken.
    fn only_wakes(&self, index: u64) -> bool {
        let _ = index;
        false
    }
}

impl<'a> Decision<'a> {
    pub(crate) fn new(
        kind: DecisionKind,
        number: u64,
        options: u64,
        view: &'a dyn Options,
    ) -> Self {
        Decision {
            kind,
            number,
            options,
            late: 0,
            at: Instant::START,
            view,
        }
    }

    pub(crate) fn at(self, nanos: i64) -> Self {
        let at = Instant::from_nanos(nanos);
        Decision { at, ..self }
    }

    pub(crate) fn with_late(self, late: u64) -> Self {
        Decision { late, ..self }
    }

    /// Whether this is asked so often, of what happens once or so in a run, that it is to be answered yes seldom.
    pub(crate) fn is_rare(&self) -> bool {
        self.view.is_rare()
    }

    /// What option `index` is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use deadheat::decide::{Choice, Decision, Scheduler};
    /// # struct Mine;
    /// # impl Scheduler for Mine {
    /// # fn name(&self) -> &'static str { "mine" }
    /// # fn begin(&mut self, _seed: u64) -> bool { true }
    /// fn choose(&mut self, decision: &Decision<'_>) -> u64 {
    ///     let fires = |index: &u64| matches!(decision.option(*index), Choice::Fire(_));
    ///     (0..decision.options).find(fires).unwrap_or(0) // timers before turns
    /// }
    /// # }
    /// # let program = deadheat::Main::new(|| async {
    /// #     for _ in 0..3 { drop(deadheat::spawn(deadheat::sleep(std::time::Duration::from_secs(1)))); }
    /// #     deadheat::sleep(std::time::Duration::from_secs(1)).await;
    /// # });
    /// # deadheat::search::Single::of(&program, &deadheat::Config::new()).scheduled(deadheat::Bounds::EXACT, Box::new(Mine));
    /// ```
    pub fn option(&self, index: u64) -> Choice {
        self.view.option(index)
    }

    /// Whether any option is a timer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use deadheat::decide::{Choice, Decision, Scheduler};
    /// # struct Mine;
    /// # impl Scheduler for Mine {
    /// # fn name(&self) -> &'static str { "mine" }
    /// # fn begin(&mut self, _seed: u64) -> bool { true }
    /// fn choose(&mut self, decision: &Decision<'_>) -> u64 {
    ///     // Only turns: their order is left as it is.
    ///     if decision.has_timers() { decision.options - 1 } else { 0 }
    /// }
    /// # }
    /// # let program = deadheat::Main::new(|| async {
    /// #     for _ in 0..3 { drop(deadheat::spawn(deadheat::sleep(std::time::Duration::from_secs(1)))); }
    /// #     deadheat::sleep(std::time::Duration::from_secs(1)).await;
    /// # });
    /// # deadheat::search::Single::of(&program, &deadheat::Config::new()).scheduled(deadheat::Bounds::EXACT, Box::new(Mine));
    /// ```
    pub fn has_timers(&self) -> bool {
        self.view.has_timers()
    }

    /// Whether option `index` is that the first event is late until the very deadline of a timer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use deadheat::decide::{Choice, Decision, Scheduler};
    /// # struct Mine;
    /// # impl Scheduler for Mine {
    /// # fn name(&self) -> &'static str { "mine" }
    /// # fn begin(&mut self, _seed: u64) -> bool { true }
    /// fn choose(&mut self, decision: &Decision<'_>) -> u64 {
    ///     (0..decision.options).find(|index| decision.meets(*index)).unwrap_or(0) // ties, where there can be one
    /// }
    /// # }
    /// # let program = deadheat::Main::new(|| async {
    /// #     for _ in 0..3 { drop(deadheat::spawn(deadheat::sleep(std::time::Duration::from_secs(1)))); }
    /// #     deadheat::sleep(std::time::Duration::from_secs(1)).await;
    /// # });
    /// # deadheat::search::Single::of(&program, &deadheat::Config::new()).scheduled(deadheat::Bounds::EXACT, Box::new(Mine));
    /// ```
    pub fn meets(&self, index: u64) -> bool {
        self.view.meets(index)
    }

    /// Whether option `index` is for certain nothing but a task of this run being woken.
    ///
    /// # Examples
    ///
    /// ```
    /// # use deadheat::decide::{Choice, Decision, Scheduler};
    /// # struct Mine;
    /// # impl Scheduler for Mine {
    /// # fn name(&self) -> &'static str { "mine" }
    /// # fn begin(&mut self, _seed: u64) -> bool { true }
    /// fn choose(&mut self, decision: &Decision<'_>) -> u64 {
    ///     // In which order timers fire that only wake tasks makes no difference.
    ///     (0..decision.options).find(|index| !decision.only_wakes(*index)).unwrap_or(0)
    /// }
    /// # }
    /// # let program = deadheat::Main::new(|| async {
    /// #     for _ in 0..3 { drop(deadheat::spawn(deadheat::sleep(std::time::Duration::from_secs(1)))); }
    /// #     deadheat::sleep(std::time::Duration::from_secs(1)).await;
    /// # });
    /// # deadheat::search::Single::of(&program, &deadheat::Config::new()).scheduled(deadheat::Bounds::EXACT, Box::new(Mine));
    /// ```
    pub fn only_wakes(&self, index: u64) -> bool {
        self.view.only_wakes(index)
    }
}

/// Takes the decisions of one run after another.
///
/// One of a user's own comes in by [`Lane::own`](crate::search::Lane::own), as a part of a [`Mix`](crate::Mix).
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, spawn};
/// use deadheat::decide::{Decision, Scheduler};
/// use deadheat::search::Single;
///
/// /// Takes what came last.
/// struct Last;
///
/// impl Scheduler for Last {
///     fn name(&self) -> &'static str {
///         "last"
///     }
///     fn begin(&mut self, _seed: u64) -> bool {
///         true
///     }
///     fn choose(&mut self, decision: &Decision<'_>) -> u64 {
///         decision.options - 1
///     }
/// }
///
/// let program = Main::new(|| async { drop([spawn(async {}), spawn(async {})]) });
/// let (run, _) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, Box::new(Last));
/// assert_eq!(run.scheduler, "last");
/// ```
pub trait Scheduler: Send {
    /// Its name, as reports say it.
    fn name(&self) -> &'static str;

    /// Prepares the next run; false if there is none left.
    fn begin(&mut self, seed: u64) -> bool;

    /// The option to take: below `decision.options`, else the last one is taken.
    fn choose(&mut self, decision: &Decision<'_>) -> u64;

    /// A value below `options` for draw `number` of the program's own, in place of the one that
    /// follows from the seed.
    fn draw(&mut self, number: u64, options: u64) -> Option<u64> {
        let _ = (number, options);
        None
    }

    /// How far into its span a latency reaches, as a number below `options`, if that is decided when its timer is
    /// armed; none if it is decided as time passes.
    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        let _ = (timer, options);
        None
    }

    /// For a scheduler that replays, once the run is over: where the program diverged from the tape.
    fn divergence(&self) -> Option<Divergence> {
        None
    }
}

/// It has no run: what stands in for one that is gone.
#[derive(Debug)]
pub(crate) struct Spent;

impl Scheduler for Spent {
    fn name(&self) -> &'static str {
        "none"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        false
    }

    fn choose(&mut self, _decision: &Decision<'_>) -> u64 {
        0
    }
}

/// One that has a name: how it is made from what stands behind the name, and for a run of an exploration.
pub(crate) trait Sampled: Scheduler + Sized {
    /// With the number behind the name, if one goes with it.
    fn with(number: u32) -> Self;

    /// For run `run` of an exploration, if it makes those differ.
    fn of_run(self, run: u64) -> Self {
        let _ = run;
        self
    }
}
