//! What many runs of one program came to.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::coverage::Covered;
use crate::record::leaks::Leak;
use crate::record::run::Run;
use crate::search::config::Config;
use crate::search::orders::Orders;
use crate::search::single;
use crate::search::unused::Unused;

/// One distinct outcome. There may be thousands, so what is kept of its runs is how to make the first of them again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Found<O> {
    /// How its runs ended.
    pub verdict: Verdict,
    /// What came of them; none if the program could not be started or looked at.
    pub outcome: Option<O>,
    /// How many runs had it.
    pub count: u64,
    /// The number of the first of them, from 0.
    pub first: u64,
    /// Whether it is not as it should be.
    pub failed: bool,
    pub(crate) enumerated: Option<Box<Enumerated>>,
}

/// A run that does not follow from its number, as it was enumerated.
#[derive(Debug, Clone)]
pub(crate) struct Enumerated {
    pub(crate) token: Token,
    pub(crate) scheduler: &'static str,
}

impl<O> Found<O> {
    /// Makes the first of its runs again, given the program and the configuration of the exploration.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main, Watch, explore, random};
    ///
    /// let (die, config) = (Main::new(|| async { random(6) }), Config::new());
    /// let exploration = explore(&die, &config, &Watch::default());
    /// let last = exploration.found.last().unwrap();
    /// assert_eq!(last.run(&die, &config).seed(), config.seed + last.first);
    /// ```
    #[must_use = "a run is made for it"]
    pub fn run<P: Program>(&self, program: &P, config: &Config) -> Run {
        match self.enumerated.as_deref() {
            None => single::sampled_run(program, config, self.first),
            Some(of) => single::enumerated_run(program, config, &of.token, of.scheduler),
        }
    }
}

/// The first run of an exploration that is not as it should be: see [`Exploration::failure`].
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore_future, random, replay};
///
/// let program = || async { assert!(random(7) != 6) };
/// let exploration = explore_future(&Config::new(), &Watch::default(), program);
/// let failing = exploration.failure().unwrap();
/// // Its token makes it again.
/// assert!(replay(&Config::new(), &failing.run.token.to_string(), program).is_err());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failing {
    /// Its number, from 0.
    pub number: u64,
    /// The run as it was made. (One of a program that is not deterministic may not come again.)
    pub run: Run,
}

/// What an exploration found.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore, random};
///
/// let die = Main::new(|| async { random(6) });
/// let exploration = explore(&die, &Config::new(), &Watch::default());
/// assert_eq!((exploration.runs, exploration.found.len()), (1000, 6));
/// assert!(exploration.failure().is_none());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exploration<O> {
    /// How many runs were made.
    pub runs: u64,
    /// The distinct outcomes, by the number of their first run: the first 10,000 of those that are as they should be, and
    /// as many of the others.
    pub found: Vec<Found<O>>,
    /// Whether every order was seen, and nothing was left out: an exhaustive exploration that was not cut short, on
    /// an exact clock, of a program that neither looked at the clock nor drew.
    pub complete: bool,
    /// Which orders were seen, with the provisos: all that an exhaustive exploration takes, or some.
    pub orders: Orders,
    /// In how many runs each statement of [`sometimes`](fn@crate::program::sometimes) held.
    pub statements: BTreeMap<&'static str, u64>,
    /// How many runs had an outcome that is not in `found`, because there were too many.
    pub unlisted: u64,
    /// Which orders of timers and turns were seen, if that was asked for (see [`Config::until_quiet`](crate::Config::until_quiet)).
    pub coverage: Covered,
    /// The last run, counted from 1, that showed something new; zero if none did.
    pub last_new: u64,
    /// What its runs took from outside without a word, all together.
    pub leaks: Vec<Leak>,
    /// Whether all runs did the same, to the last event, and none of them had anything to decide: no range, no order to
    /// choose, no draw. Then one run would have done.
    pub alike: bool,
    /// The sum of the runs' fingerprints, as it overflows: equal where the same runs did the same,
    /// whichever thread made which.
    pub fingerprints: u64,
    /// Some run is worth to be looked at for starved sleeps.
    pub(crate) starved: bool,
    /// The links that were spoken of and over which nothing was sent.
    pub(crate) unused_links: Vec<Unused>,
    pub(crate) failing: Option<Box<Failing>>,
}

impl<O> Exploration<O> {
    /// The first run that is not as it should be.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Watch, explore_future, random};
    ///
    /// let seven = || async { assert!(random(7) != 6) };
    /// let exploration = explore_future(&Config::new(), &Watch::default(), seven);
    /// let failing = exploration.failure().unwrap();
    /// assert_eq!(failing.run.panic.as_ref().unwrap().task, "main");
    /// ```
    pub fn failure(&self) -> Option<&Failing> {
        self.failing.as_deref()
    }

    /// The statements of [`sometimes`](fn@crate::program::sometimes) that were made and held in no run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Watch, explore_future, random, sometimes};
    ///
    /// let die = || async { sometimes(random(6) == 6, "a seven") };
    /// let exploration = explore_future(&Config::new(), &Watch::default(), die);
    /// assert_eq!(exploration.never_reached(), ["a seven"]);
    /// ```
    pub fn never_reached(&self) -> Vec<&'static str> {
        let never = self.statements.iter().filter(|(_, held)| **held == 0);
        never.map(|(statement, _)| *statement).collect()
    }
}
