//! Which orders of a timer's firing and a task's turn the runs of an exploration have shown.
//!
//! A firing and a turn are each known by their task and their number within the task. The firing comes at an earlier
//! moment than the turn, at a later one, or at the same one, first or last. Only pairs of a firing with the nearest
//! turn of each task before and after it count: a race is between those. A pair that was seen in both orders and
//! never at the same moment is a tie that is likely feasible and was not tested.
//!
//! Source: that a search may end when its coverage of pairs is saturated is from Křena, Letko, Vojnar,
//! "Coverage Metrics for Saturation-based and Search-based Testing of Concurrent Software", RV 2011.
//! Difference: pairs of a timer and a turn, not of accesses to memory.

use std::collections::BTreeMap;

use crate::record::events::{Raw, Recorded};

/// Events of a run that are looked at.
pub(crate) const EVENTS_MAX: usize = 2_000;

/// An event: a task, and the number of its firing or turn.
type Mark = (u32, u32);

/// A firing, a turn, and in which order they came.
pub(crate) type Relation = (Mark, Mark, Order);

/// When a timer fired, beside a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// At an earlier moment.
    Before,
    /// At the same moment, but first.
    TiedFirst,
    /// At the same moment, but last.
    TiedLast,
    /// At a later moment.
    After,
}

impl Order {
    const ALL: [Order; 4] = [
        Order::Before,
        Order::TiedFirst,
        Order::TiedLast,
        Order::After,
    ];
}

/// For each [`Order`], the number of the first run that showed it, and one.
type Seen = [u64; Order::ALL.len()];

/// No run has shown it.
const NEVER: u64 = u64::MAX;

/// What an exploration has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Covered {
    /// Pairs of a timer and a turn that were seen near each other.
    pub pairs: u64,
    /// Those that were seen at the same moment, in either order.
    pub tied: u64,
    /// Those that were seen in both orders and never at the same moment.
    pub never_tied: u64,
}

/// What was seen of each pair.
#[derive(Debug, Default)]
pub(crate) struct Coverage(BTreeMap<(Mark, Mark), Seen>);

impl Coverage {
    /// Adds what a run showed.
    pub(crate) fn add(&mut self, number: u64, relations: &[Relation]) {
        for (fire, turn, order) in relations {
            self.see(*fire, *turn, *order, number + 1);
        }
    }

    fn see(&mut self, fire: Mark, turn: Mark, order: Order, run: u64) {
        let never = [NEVER; Order::ALL.len()];
        let seen = &mut self.0.entry((fire, turn)).or_insert(never)[order as usize];
        *seen = run.min(*seen);
    }

    pub(crate) fn merge(&mut self, other: Coverage) {
        for ((fire, turn), seen) in other.0 {
            let shown = Order::ALL.into_iter().zip(seen);
            for (order, run) in shown.filter(|(_, run)| *run != NEVER) {
                self.see(fire, turn, order, run);
            }
        }
    }

    /// The last run, and one, that showed something first.
    pub(crate) fn last_new(&self) -> u64 {
        let runs = self.0.values().flatten().filter(|run| **run != NEVER);
        runs.copied().max().unwrap_or(0)
    }

    pub(crate) fn summary(&self) -> Covered {
        let saw = |seen: &Seen, order: Order| seen[order as usize] != NEVER;
        let tied = |seen: &Seen| saw(seen, Order::TiedFirst) || saw(seen, Order::TiedLast);
        let both = |seen: &Seen| saw(seen, Order::Before) && saw(seen, Order::After);
        let count = |which: &dyn Fn(&Seen) -> bool| {
            self.0.values().filter(|seen| which(seen)).count() as u64
        };
        Covered {
            pairs: self.0.len() as u64,
            tied: count(&tied),
            never_tied: count(&|seen| both(seen) && !tied(seen)),
        }
    }
}

/// The pairs of a run's events.
pub(crate) fn relations(events: &[Recorded]) -> Vec<Relation> {
    let mut armed_by = BTreeMap::new();
    let (mut fires, mut turns) = (BTreeMap::new(), BTreeMap::new());
    let mut marks = Vec::new();
    let next = |numbers: &mut BTreeMap<u32, u32>, task: u32| {
        let number = numbers.entry(task).or_insert(0);
        *number += 1;
        (task, *number)
    };
    for event in events {
        match event.raw {
            Raw::Arm { number, .. } => drop(armed_by.insert(number, event.task)),
            Raw::Fire(number) => {
                if let Some(Some(task)) = armed_by.get(&number) {
                    marks.push((event.at, true, next(&mut fires, *task)));
                }
            }
            Raw::Turn(task) => marks.push((event.at, false, next(&mut turns, task))),
            _ => {}
        }
    }
    let mut relations = Vec::new();
    for (index, (at, is_fire, fire)) in marks.iter().enumerate() {
        if *is_fire {
            nearest(&marks[..index], true, *at, *fire, &mut relations);
            nearest(&marks[index + 1..], false, *at, *fire, &mut relations);
        }
    }
    relations
}

/// The nearest turn of each task on one side of a firing.
fn nearest(
    marks: &[(i64, bool, Mark)],
    earlier: bool,
    at: i64,
    fire: Mark,
    relations: &mut Vec<Relation>,
) {
    let mut seen = Vec::new();
    let mut look = |(when, is_fire, turn): &(i64, bool, Mark)| {
        if *is_fire || seen.contains(&turn.0) {
            return;
        }
        seen.push(turn.0);
        let order = match (earlier, *when == at) {
            (true, true) => Order::TiedLast,
            (true, false) => Order::After,
            (false, true) => Order::TiedFirst,
            (false, false) => Order::Before,
        };
        relations.push((fire, *turn, order));
    };
    match earlier {
        true => marks.iter().rev().for_each(&mut look),
        false => marks.iter().for_each(&mut look),
    }
}
