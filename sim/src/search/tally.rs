//! What the runs of an exploration came to, by outcome.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::base::verdict::Verdict;
use crate::engine::program::Program;
use crate::record::coverage::Coverage;
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
    pub(crate) coverage: Coverage,
}

/// Distinct outcomes beyond this many are counted but not kept, so that what passes takes a bounded memory; failures are always kept.
const OUTCOMES_MAX: usize = 100_000;

impl<O: Ord> Tally<O> {
    pub(crate) fn new() -> Self {
        Tally {
            runs: 0,
            outcomes: BTreeMap::new(),
            statements: BTreeMap::new(),
            unlisted: 0,
            fingerprints: 0,
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
        let full = self.outcomes.len() >= OUTCOMES_MAX;
        match self.outcomes.entry(key) {
            Entry::Vacant(_) if full && !failed => self.unlisted += count,
            Entry::Vacant(place) => {
                let run = run();
                place.insert(Kept {
                    count,
                    first,
                    run,
                    failed,
                });
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.count += count;
                if first < known.first {
                    (known.first, known.run, known.failed) = (first, run(), failed);
                }
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Tally<O>) {
        self.runs += other.runs;
        self.unlisted += other.unlisted;
        self.fingerprints = self.fingerprints.wrapping_add(other.fingerprints);
        for (statement, held) in other.statements {
            *self.statements.entry(statement).or_default() += held;
        }
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
