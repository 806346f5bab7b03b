//! What the runs of an exploration came to, by outcome.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::engine::program::Program;
use crate::record::coverage::Coverage;
use crate::record::leaks::{self, Leak};
use crate::record::run::Run;
use crate::search::brief::Brief;
use crate::search::exploration::{Exploration, Found};
use crate::search::orders::Orders;

/// How a run ended, and what came of it.
type Key<O> = (Verdict, Option<O>);

/// A distinct outcome, but for what it is: that is the key. There may be many, and an outcome may be large, so it is
/// there once.
struct Kept {
    count: u64,
    first: u64,
    run: Brief,
    failed: bool,
}

/// What the runs of an exploration came to, so far.
pub(crate) struct Tally<O> {
    pub(crate) runs: u64,
    outcomes: BTreeMap<Key<O>, Kept>,
    /// In how many runs each statement of `sometimes` held.
    statements: BTreeMap<&'static str, u64>,
    unlisted: u64,
    fingerprints: u64,
    leaks: Vec<Leak>,
    pub(crate) coverage: Coverage,
}

/// Distinct outcomes beyond this many are counted but not kept, so that what passes takes a bounded memory; failures are
/// always kept.
const OUTCOMES_MAX: usize = 100_000;

impl<O: Ord> Tally<O> {
    pub(crate) fn new() -> Self {
        Tally {
            runs: 0,
            outcomes: BTreeMap::new(),
            statements: BTreeMap::new(),
            unlisted: 0,
            fingerprints: 0,
            leaks: Vec::new(),
            coverage: Coverage::default(),
        }
    }

    /// Files a run under its outcome; true if it is not as it should be. What is left of the run is of no use.
    pub(crate) fn note<P>(
        &mut self,
        program: &P,
        number: u64,
        run: &mut Run,
        outcome: Option<O>,
    ) -> bool
    where
        P: Program<Outcome = O>,
    {
        self.runs += 1;
        let verdict = run.verdict;
        self.fingerprints = self.fingerprints.wrapping_add(run.fingerprint);
        for (statement, held) in &run.statements {
            *self.statements.entry(statement).or_default() += u64::from(*held);
        }
        let failed = !program.expects(run.verdict);
        if !run.leaks.is_empty() {
            // What a run that failed took is told in its report as well.
            let leaks = match failed {
                true => run.leaks.clone(),
                false => std::mem::take(&mut run.leaks),
            };
            leaks::merge(&mut self.leaks, leaks);
        }
        self.coverage.add(number, &run.relations);
        let (bounds, scheduler) = (run.token.bounds, run.scheduler);
        // A run is large, and most are nothing new: those are not moved.
        let kept = || {
            let mut run = std::mem::replace(run, Run::unmade(0, bounds, scheduler));
            run.relations = Vec::new();
            Brief::of(run)
        };
        self.file((verdict, outcome), 1, number, failed, kept);
        failed
    }

    /// Files so many runs under their outcome, the first of which has this number.
    fn file(
        &mut self,
        key: Key<O>,
        count: u64,
        first: u64,
        failed: bool,
        run: impl FnOnce() -> Brief,
    ) {
        let known = match self.outcomes.get_mut(&key) {
            Some(known) if first >= known.first => {
                known.count += count;
                return;
            }
            // Outcomes that are equal need not be the same in all that they tell: that of the first run is kept, whichever
            // thread came first.
            Some(_) => self.outcomes.remove(&key),
            None => None,
        };
        if known.is_none() && self.outcomes.len() >= OUTCOMES_MAX && !failed {
            self.unlisted += count;
            return;
        }
        let kept = Kept {
            count: count + known.map_or(0, |known| known.count),
            first,
            run: run(),
            failed,
        };
        self.outcomes.insert(key, kept);
    }

    pub(crate) fn merge(&mut self, other: Tally<O>) {
        self.runs += other.runs;
        self.unlisted += other.unlisted;
        self.fingerprints = self.fingerprints.wrapping_add(other.fingerprints);
        for (statement, held) in other.statements {
            *self.statements.entry(statement).or_default() += held;
        }
        leaks::merge(&mut self.leaks, other.leaks);
        self.coverage.merge(other.coverage);
        for (key, kept) in other.outcomes {
            let Kept {
                count,
                first,
                run,
                failed,
            } = kept;
            self.file(key, count, first, failed, || run);
        }
    }

    /// The last run, and one, that showed something new: an outcome, or an order or a tie.
    pub(crate) fn last_new(&self) -> u64 {
        let first = self.outcomes.values().map(|found| found.first + 1).max();
        first.unwrap_or(0).max(self.coverage.last_new())
    }

    pub(crate) fn exploration(self, orders: Orders) -> Exploration<O> {
        let last_new = self.last_new();
        // In order before they are whole runs, which are large.
        let mut kept: Vec<_> = self.outcomes.into_iter().collect();
        kept.sort_unstable_by_key(|(_, kept)| kept.first);
        let found = kept.into_iter().map(found_of).collect();
        Exploration {
            runs: self.runs,
            found,
            complete: orders.is_complete(),
            orders,
            statements: self.statements,
            unlisted: self.unlisted,
            coverage: self.coverage.summary(),
            last_new,
            leaks: self.leaks,
            fingerprints: self.fingerprints,
        }
    }
}

fn found_of<O>(((verdict, outcome), kept): (Key<O>, Kept)) -> Found<O> {
    Found {
        verdict,
        outcome,
        count: kept.count,
        first: kept.first,
        run: kept.run.run(),
        failed: kept.failed,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::base::bounds::Bounds;

    /// Equal to every other.
    #[derive(Debug, Clone, Copy)]
    struct Outcome(u64);

    impl Ord for Outcome {
        fn cmp(&self, _: &Self) -> Ordering {
            Ordering::Equal
        }
    }

    impl PartialOrd for Outcome {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Outcome {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl Eq for Outcome {}

    #[test]
    fn of_outcomes_that_are_equal_that_of_the_first_run_is_kept_in_whatever_order_they_come() {
        for numbers in [[3, 5, 7], [7, 5, 3], [5, 3, 7]] {
            let mut tally = Tally::new();
            for number in numbers {
                let key = (Verdict::Done, Some(Outcome(number)));
                let run = || Brief::of(Run::unmade(number, Bounds::EXACT, "random"));
                tally.file(key, 1, number, false, run);
            }
            let found = tally.exploration(Orders::Some).found;
            let [found] = &*found else {
                panic!("{} outcomes", found.len());
            };
            let of = (found.count, found.first, found.run.seed());
            assert_eq!(of, (3, 3, 3), "{numbers:?}");
            assert_eq!(
                found.outcome.map(|outcome| outcome.0),
                Some(3),
                "{numbers:?}"
            );
        }
    }
}
