//! What the runs of an exploration came to, by outcome.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::engine::program::Program;
use crate::record::coverage::Coverage;
use crate::record::run::Run;
use crate::search::exploration::{Exploration, Found};
use crate::search::orders::Orders;

/// What the runs of an exploration came to, so far.
pub(crate) struct Tally<O> {
    pub(crate) runs: u64,
    outcomes: BTreeMap<(Verdict, Option<O>), Found<O>>,
    /// In how many runs each statement of `sometimes` held.
    statements: BTreeMap<&'static str, u64>,
    unlisted: u64,
    fingerprints: u64,
    pub(crate) coverage: Coverage,
}

/// Distinct outcomes beyond this many are counted but not kept, to bound the memory; failures are always kept.
const OUTCOMES_MAX: usize = 100_000;

impl<O: Ord + Clone> Tally<O> {
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
        self.fingerprints = self.fingerprints.wrapping_add(run.fingerprint);
        for (statement, held) in &run.statements {
            *self.statements.entry(statement).or_default() += u64::from(*held);
        }
        let (verdict, failed) = (run.verdict, !program.expects(run.verdict));
        self.coverage.add(number, &run.relations);
        let key = (verdict, outcome);
        // A run is large, and most are nothing new: those are not moved.
        if let Some(known) = self.outcomes.get_mut(&key)
            && known.first <= number
        {
            known.count += 1;
            return failed;
        }
        let mut run = std::mem::replace(run, Run::unmade(0, run.token.bounds, run.scheduler));
        run.relations = Vec::new();
        self.file(Found {
            verdict,
            outcome: key.1,
            count: 1,
            first: number,
            run,
            failed,
        });
        failed
    }

    fn file(&mut self, found: Found<O>) {
        let key = (found.verdict, found.outcome.clone());
        let full = self.outcomes.len() >= OUTCOMES_MAX;
        match self.outcomes.get_mut(&key) {
            None if full && !found.failed => {
                self.unlisted += found.count;
            }
            None => {
                self.outcomes.insert(key, found);
            }
            Some(known) => {
                let count = known.count + found.count;
                if found.first < known.first {
                    *known = found;
                }
                known.count = count;
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
        other
            .outcomes
            .into_values()
            .for_each(|found| self.file(found));
    }

    /// The last run, and one, that showed something new: an outcome, or an order or a tie.
    pub(crate) fn last_new(&self) -> u64 {
        let first = self.outcomes.values().map(|found| found.first + 1).max();
        first.unwrap_or(0).max(self.coverage.last_new())
    }

    pub(crate) fn exploration(self, orders: Orders) -> Exploration<O> {
        let last_new = self.last_new();
        let mut found: Vec<_> = self.outcomes.into_values().collect();
        found.sort_by_key(|found| found.first);
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
