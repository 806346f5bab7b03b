//! What many runs of one program came to.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::record::coverage::Covered;
use crate::record::leaks::Leak;
use crate::record::run::Run;
use crate::search::orders::Orders;

/// One distinct outcome.
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
    /// The first of them.
    pub run: Run,
    /// Whether it is not as it should be.
    pub failed: bool,
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
    /// The distinct outcomes, by the number of their first run.
    pub found: Vec<Found<O>>,
    /// Whether every order was seen, and nothing was left out: an exhaustive exploration that was not cut short, of
    /// a program in which nothing took long or was late and nothing was drawn.
    pub complete: bool,
    /// Which orders were seen, with the provisos: all that an exhaustive exploration takes, or some.
    pub orders: Orders,
    /// In how many runs each statement of [`sometimes`](fn@crate::program::sometimes) held.
    pub statements: BTreeMap<&'static str, u64>,
    /// How many runs had an outcome that is not in `found`, because there were too many already.
    pub unlisted: u64,
    /// Which orders of timers and turns were seen, if that was asked for (see [`Config::until_quiet`](crate::Config::until_quiet)).
    pub coverage: Covered,
    /// The last run, counted from 1, that showed something new; zero if none did.
    pub last_new: u64,
    /// What its runs took from outside without a word, all together.
    pub leaks: Vec<Leak>,
    /// The sum of the runs' fingerprints, as it overflows: equal where the same runs did the same,
    /// whichever thread made which.
    pub fingerprints: u64,
}

impl<O> Exploration<O> {
    /// The first outcome that is not as it should be.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Watch, explore_future, random};
    ///
    /// let seven = || async { assert!(random(7) != 6) };
    /// let exploration = explore_future(&Config::new(), &Watch::default(), seven);
    /// let found = exploration.failure().unwrap();
    /// assert_eq!(found.run.panic.as_ref().unwrap().task, "main");
    /// ```
    pub fn failure(&self) -> Option<&Found<O>> {
        self.found.iter().find(|found| found.failed)
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
