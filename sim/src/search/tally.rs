//! What the runs of an exploration came to, by outcome.
//!
//! 1. Of each outcome is kept what it is, how often it came, and how to make its first run again; the first failing run
//!    is kept whole.
//! 2. How many are kept is bounded: those that came first, of the failing ones and of the others. What is over is
//!    counted. Which are kept does not depend on who made which run, nor on when it was added.

use std::collections::BTreeMap;

use crate::base::verdict::Verdict;
use crate::engine::program::Program;
use crate::record::coverage::Coverage;
use crate::record::leaks::{self, Leak};
use crate::record::run::Run;
use crate::search::alike::Alike;
use crate::search::exploration::{Enumerated, Exploration, Failing, Found};
use crate::search::orders::Orders;
use crate::search::unused::UnusedLinks;

/// Distinct outcomes that are kept of those that are as they should be, and as many of the others.
const OUTCOMES_MAX: usize = 10_000;

/// How a run ended, and what came of it.
type Key<O> = (Verdict, Option<O>);

/// A distinct outcome, but for what it is: that is the key. It may be large, so it is there once.
struct Kept {
    count: u64,
    first: u64,
    failed: bool,
    enumerated: Option<Box<Enumerated>>,
}

/// How many outcomes are kept, of one kind.
#[derive(Debug, Clone, Copy, Default)]
struct Room {
    taken: usize,
    /// All that are kept came before all that is still to be added, so no other one is kept.
    is_full: bool,
}

/// What the runs of an exploration came to, so far.
pub(crate) struct Tally<O> {
    pub(crate) runs: u64,
    outcomes: BTreeMap<Key<O>, Kept>,
    /// Of those that are as they should be, and of the others.
    rooms: [Room; 2],
    failing: Option<Box<Failing>>,
    /// In how many runs each statement of `sometimes` held.
    statements: BTreeMap<&'static str, u64>,
    unlisted: u64,
    fingerprints: u64,
    leaks: Vec<Leak>,
    /// Some run is worth to be looked at for starved sleeps.
    starved: bool,
    links: UnusedLinks,
    alike: Alike,
    pub(crate) coverage: Coverage,
}

impl<O: Ord> Tally<O> {
    pub(crate) fn new() -> Self {
        Tally {
            runs: 0,
            outcomes: BTreeMap::new(),
            rooms: [Room::default(); 2],
            failing: None,
            statements: BTreeMap::new(),
            unlisted: 0,
            fingerprints: 0,
            leaks: Vec::new(),
            starved: false,
            links: UnusedLinks::default(),
            alike: Alike::default(),
            coverage: Coverage::default(),
        }
    }

    /// How many distinct outcomes there are.
    pub(crate) fn len(&self) -> usize {
        self.outcomes.len()
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
        self.noted(program, number, run, outcome, |_| None)
    }

    /// The same for a run that does not follow from its number.
    pub(crate) fn note_enumerated<P>(
        &mut self,
        program: &P,
        number: u64,
        run: &mut Run,
        outcome: Option<O>,
    ) -> bool
    where
        P: Program<Outcome = O>,
    {
        let enumerated = |run: &Run| {
            Some(Box::new(Enumerated {
                token: run.token.clone(),
                scheduler: run.scheduler,
            }))
        };
        let failed = self.noted(program, number, run, outcome, enumerated);
        self.bound();
        failed
    }

    fn noted<P>(
        &mut self,
        program: &P,
        number: u64,
        run: &mut Run,
        outcome: Option<O>,
        enumerated: impl FnOnce(&Run) -> Option<Box<Enumerated>>,
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
        self.alike = self.alike.and(Alike::of(run));
        let failed = !program.expects(verdict);
        if !run.leaks.is_empty() {
            // What a run that failed took is told in its report as well.
            let leaks = match failed {
                true => run.leaks.clone(),
                false => std::mem::take(&mut run.leaks),
            };
            leaks::merge(&mut self.leaks, leaks);
        }
        self.starved |= run.sleeps.is_some();
        if let Some(told) = &run.asked {
            self.links.add(told);
        }
        self.coverage.add(number, &run.relations);
        let key = (verdict, outcome);
        drop(self.file(key, 1, number, failed, || enumerated(run)));
        if failed && self.is_first_failing(number) {
            let unmade = Run::unmade(0, run.token.bounds, run.scheduler);
            let mut run = std::mem::replace(run, unmade);
            run.relations = Vec::new();
            self.failing = Some(Box::new(Failing { number, run }));
        }
        failed
    }

    fn is_first_failing(&self, number: u64) -> bool {
        let known = self.failing.as_ref();
        known.is_none_or(|known| number < known.number)
    }

    /// Files so many runs under their outcome, the first of which has this number. Gives back the outcome that is not
    /// needed.
    fn file(
        &mut self,
        key: Key<O>,
        count: u64,
        first: u64,
        failed: bool,
        enumerated: impl FnOnce() -> Option<Box<Enumerated>>,
    ) -> Option<Key<O>> {
        let mut known = None;
        match self.outcomes.get_mut(&key) {
            Some(known) if first >= known.first => {
                known.count += count;
                return Some(key);
            }
            // Outcomes that are equal need not be the same in all that they tell: that of the first run is kept, whichever
            // thread came first.
            Some(_) => known = self.outcomes.remove_entry(&key),
            None => {
                let room = &mut self.rooms[usize::from(failed)];
                if room.is_full {
                    self.unlisted += count;
                    return Some(key);
                }
                room.taken += 1;
            }
        }
        let (left, before) = known.map_or((None, 0), |(key, kept)| (Some(key), kept.count));
        let kept = Kept {
            count: count + before,
            first,
            failed,
            enumerated: enumerated(),
        };
        self.outcomes.insert(key, kept);
        left
    }

    /// Adds what other runs came to. Gives back the outcomes that are not needed, so that they can be dropped when
    /// nobody waits.
    pub(crate) fn merge(&mut self, other: Tally<O>) -> Vec<Key<O>> {
        self.runs += other.runs;
        self.unlisted += other.unlisted;
        self.fingerprints = self.fingerprints.wrapping_add(other.fingerprints);
        for (statement, held) in other.statements {
            *self.statements.entry(statement).or_default() += held;
        }
        leaks::merge(&mut self.leaks, other.leaks);
        self.starved |= other.starved;
        self.links.merge(other.links);
        self.alike = self.alike.and(other.alike);
        self.coverage.merge(other.coverage);
        if let Some(failing) = other.failing
            && self.is_first_failing(failing.number)
        {
            self.failing = Some(failing);
        }
        let outcomes = other.outcomes.into_iter();
        let left = outcomes.filter_map(|(key, kept)| {
            let Kept { count, first, .. } = kept;
            self.file(key, count, first, kept.failed, || kept.enumerated)
        });
        left.collect()
    }

    /// Keeps no more than are kept. All runs that are still to be added come after those that were.
    pub(crate) fn bound(&mut self) {
        for failed in [false, true] {
            let room = &mut self.rooms[usize::from(failed)];
            if room.is_full || room.taken < OUTCOMES_MAX {
                continue;
            }
            *room = Room {
                taken: OUTCOMES_MAX,
                is_full: true,
            };
            let of_kind = self.outcomes.values().filter(|kept| kept.failed == failed);
            let mut firsts: Vec<u64> = of_kind.map(|kept| kept.first).collect();
            let (_, last, _) = firsts.select_nth_unstable(OUTCOMES_MAX - 1);
            let is_over = |kept: &Kept| kept.failed == failed && kept.first > *last;
            self.outcomes.retain(|_, kept| {
                if is_over(kept) {
                    self.unlisted += kept.count;
                }
                !is_over(kept)
            });
        }
    }

    /// The last run, and one, that showed something new: an outcome, or an order or a tie.
    pub(crate) fn last_new(&self) -> u64 {
        let first = self.outcomes.values().map(|found| found.first + 1).max();
        first.unwrap_or(0).max(self.coverage.last_new())
    }

    pub(crate) fn exploration(mut self, orders: Orders) -> Exploration<O> {
        self.bound();
        let last_new = self.last_new();
        let mut found: Vec<_> = self.outcomes.into_iter().map(found_of).collect();
        found.sort_unstable_by_key(|found| found.first);
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
            starved: self.starved,
            unused_links: self.links.found(),
            alike: matches!(self.alike, Alike::Same(_)),
            fingerprints: self.fingerprints,
            failing: self.failing,
        }
    }
}

fn found_of<O>(((verdict, outcome), kept): (Key<O>, Kept)) -> Found<O> {
    Found {
        verdict,
        outcome,
        count: kept.count,
        first: kept.first,
        failed: kept.failed,
        enumerated: kept.enumerated,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

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
                let _ = tally.file(key, 1, number, false, || None);
            }
            let found = tally.exploration(Orders::Some).found;
            let [found] = &*found else {
                panic!("{} outcomes", found.len());
            };
            let of = (found.count, found.first);
            assert_eq!(of, (3, 3), "{numbers:?}");
            assert_eq!(
                found.outcome.map(|outcome| outcome.0),
                Some(3),
                "{numbers:?}"
            );
        }
    }
}
