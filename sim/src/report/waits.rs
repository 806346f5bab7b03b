//! Where the tasks of a run wait that had not ended, and who keeps them waiting.
//!
//! It is found in more replays, in which the last turn of each task is looked at, and after which one task after another is
//! dropped (`engine/holders.rs`). Dropped in spawn order and in the opposite one, each is dropped once before each other.

use crate::engine::program::Program;
use crate::record::held::Held;
use crate::record::run::{Keeps, Pending, Run};
use crate::search::config::Config;
use crate::search::maker::Maker;

/// So many tasks are looked at: a report lists no more.
const TASKS_MAX: usize = 50;
/// So many replays are made beside the first to find who keeps whom waiting.
const ORDERS_MAX: usize = 6;
/// So many steps these may take, all in all.
const STEPS: u64 = 1_000_000;

/// Puts into a run, given with its trace, where its pending tasks wait, and who keeps them waiting.
pub(crate) fn find<P: Program>(program: &P, config: &Config, run: &mut Run) {
    let last_turns = run.pending.iter().filter_map(|pending| pending.last_turn);
    let wanted: Vec<(u32, usize)> = last_turns.take(TASKS_MAX).collect();
    if wanted.is_empty() || !program.has_lines() {
        return;
    }
    let looked = |order: &[(u32, usize)]| {
        let maker = Maker::new(program, config).keeping(Keeps::Trace);
        let (looked, _) = maker.looking_at(order).replay(&run.token);
        let is_the_same = looked.fingerprint == run.fingerprint;
        (is_the_same && looked.pending.len() == run.pending.len()).then_some(looked.pending)
    };
    let Some(pending) = looked(&wanted) else {
        return;
    };
    run.pending = ordered(pending, &wanted, run.steps, looked);
}

/// The same in other orders: the opposite one, then with each first of whom it is not clear yet whether it has something or
/// is only before somebody in line, then with each last whom nobody keeps waiting.
fn ordered(
    mut pending: Vec<Pending>,
    wanted: &[(u32, usize)],
    steps: u64,
    looked: impl Fn(&[(u32, usize)]) -> Option<Vec<Pending>>,
) -> Vec<Pending> {
    let is_any_unknown = pending.iter().any(Pending::is_kept_by_unknown);
    if !is_any_unknown || wanted.len() < 2 && pending.len() > 1 {
        return pending;
    }
    let affordable = STEPS / steps.max(1);
    let mut left = (affordable as usize).min(ORDERS_MAX);
    let mut look = |pending: &mut Vec<Pending>, order: &[(u32, usize)]| {
        let may = left > 0;
        left = left.saturating_sub(1);
        let seen = may.then(|| looked(order)).flatten();
        seen.map(|seen| merge(pending, &seen)).is_some()
    };
    let opposite: Vec<(u32, usize)> = wanted.iter().rev().copied().collect();
    if wanted.len() > 1 && !look(&mut pending, &opposite) {
        return pending;
    }
    for first in before_others(&pending) {
        let rest = wanted.iter().filter(|(task, _)| *task != first);
        let first = wanted.iter().filter(|(task, _)| *task == first);
        look(
            &mut pending,
            &first.chain(rest).copied().collect::<Vec<_>>(),
        );
    }
    if wanted.len() == pending.len() {
        for index in 0..pending.len() {
            let Some(last) = pending[index]
                .number()
                .filter(|_| pending[index].is_kept_by_unknown())
            else {
                continue;
            };
            let rest = wanted.iter().filter(|(task, _)| *task != last);
            let last = wanted.iter().filter(|(task, _)| *task == last);
            let is_looked_at = look(&mut pending, &rest.chain(last).copied().collect::<Vec<_>>());
            pending[index].is_kept_by_no_other(is_looked_at);
        }
    }
    pending
}

/// Adds what was seen in another order.
fn merge(pending: &mut [Pending], seen: &[Pending]) {
    for (pending, seen) in pending.iter_mut().zip(seen) {
        let (Some(wait), Some(seen)) = (&mut pending.wait, &seen.wait) else {
            continue;
        };
        if let Held::By(holders) = &seen.held {
            holders
                .iter()
                .for_each(|holder| wait.held.add(holder.clone()));
        }
    }
}

/// The tasks that were only seen to be before others in line.
fn before_others(pending: &[Pending]) -> Vec<u32> {
    let waits = pending.iter().filter_map(|pending| pending.wait.as_ref());
    let holders = waits.flat_map(|wait| match &wait.held {
        Held::By(holders) => holders.as_slice(),
        _ => &[],
    });
    let mut before: Vec<u32> = holders
        .filter(|holder| holder.waits_too)
        .map(|holder| holder.number)
        .collect();
    before.sort_unstable();
    before.dedup();
    before
}
