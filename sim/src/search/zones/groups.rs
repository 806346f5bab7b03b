//! Which timers can be due next, together, before all others.

use crate::base::differences::{Differences, Var};

/// A timer that is ahead, as a path knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) timer: u64,
    pub(super) fires: Var,
}

/// The timers that can be among the next ones at all: none of the others can be due before one of these must be.
pub(super) fn nearest(system: &Differences, now: Var, ahead: &[Ahead]) -> Vec<Ahead> {
    let (least, most) = (system.all_beneath(now), system.all_above(now));
    let latest = |timer: &Ahead| most[timer.fires.index()];
    let Some(end) = ahead.iter().filter_map(latest).min() else {
        return ahead.to_vec();
    };
    let earliest = |timer: &Ahead| least[timer.fires.index()].map(|below| -below);
    let mut nearest: Vec<Ahead> = ahead
        .iter()
        .filter(|timer| earliest(timer).is_none_or(|least| least <= end))
        .copied()
        .collect();
    nearest.sort_by_key(|timer| timer.timer);
    nearest
}

/// The next group of these timers, after `last`, that can be due at one moment, before all others. Groups are in the
/// order of which of the timers are in them, the first timer counting most.
pub(super) fn after(
    system: &mut Differences,
    nearest: &[Ahead],
    last: Option<&[u64]>,
) -> Option<Vec<u64>> {
    let is_in = |group: &[u64]| -> Vec<bool> {
        nearest
            .iter()
            .map(|timer| group.contains(&timer.timer))
            .collect()
    };
    let last = last.map(is_in);
    let mark = system.mark();
    let mut group = Vec::new();
    let found = search(system, nearest, 0, &mut group, last.as_deref());
    system.back_to(mark);
    found.then(|| group.iter().map(|timer| timer.timer).collect())
}

/// Whether some group is left whose first timers are these, of those before `index`. Of timers from there on, it comes
/// after `last`.
fn search(
    system: &mut Differences,
    nearest: &[Ahead],
    index: usize,
    group: &mut Vec<Ahead>,
    last: Option<&[bool]>,
) -> bool {
    let Some(timer) = nearest.get(index) else {
        return last.is_none() && !group.is_empty();
    };
    for is_in in [false, true] {
        let last = match last.map(|last| last[index]) {
            Some(was) if was && !is_in => continue,
            Some(was) if is_in == was => last,
            _ => None,
        };
        let mark = system.mark();
        let fits = match (group.first(), is_in) {
            (None, false) => true,
            (None, true) => {
                // Those after it are not before it; so each of them has a place, and nothing is tried in vain.
                let (earlier, later) = (&nearest[..index], &nearest[index + 1..]);
                let mut before = earlier.iter().map(|other| (other, -1));
                let mut not_before = later.iter().map(|other| (other, 0));
                let mut holds =
                    |(other, most): (&Ahead, i64)| system.at_most(timer.fires, other.fires, most);
                before.all(&mut holds) && not_before.all(&mut holds)
            }
            (Some(first), false) => system.below(first.fires, timer.fires),
            (Some(first), true) => system.exactly(timer.fires, first.fires, 0),
        };
        if fits {
            if is_in {
                group.push(*timer);
            }
            if search(system, nearest, index + 1, group, last) {
                return true;
            }
            if is_in {
                group.pop();
            }
        }
        system.back_to(mark);
    }
    false
}

/// Demands that this group of the nearest is due at one moment, before all others; false if that cannot be.
pub(super) fn require(system: &mut Differences, nearest: &[Ahead], group: &[u64]) -> bool {
    let is_in = |timer: &&Ahead| group.contains(&timer.timer);
    let Some(first) = nearest.iter().find(is_in) else {
        return false;
    };
    if group
        .iter()
        .any(|timer| nearest.iter().all(|other| other.timer != *timer))
    {
        return false;
    }
    nearest.iter().all(|other| match is_in(&other) {
        _ if other == first => true,
        true => system.exactly(other.fires, first.fires, 0),
        false => system.below(first.fires, other.fires),
    })
}
