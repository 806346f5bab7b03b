//! What a reader need not see of something that is on its way: the turns of the task that stands for it. That it sets out and
//! arrives is told by itself.

use std::collections::BTreeSet;

use crate::record::trace::{EventKind, TraceEvent};

/// The events of tasks that stand for something on its way, but for those that say what that is.
pub(super) fn turns(events: &[TraceEvent]) -> BTreeSet<usize> {
    let carriers = events.iter().filter_map(|event| match event.what {
        EventKind::Errand { .. } => event.task.as_deref(),
        _ => None,
    });
    let carriers: BTreeSet<&str> = carriers.collect();
    if carriers.is_empty() {
        return BTreeSet::new();
    }
    let mut timers = BTreeSet::new();
    let mut is_turn = |event: &TraceEvent| {
        let is_own = event
            .task
            .as_deref()
            .is_some_and(|task| carriers.contains(task));
        match event.what {
            EventKind::Arm { timer, .. } if is_own => timers.insert(timer),
            EventKind::Fire(timer) => timers.contains(&timer),
            EventKind::Spawn | EventKind::Turn | EventKind::Wake | EventKind::End(_) => is_own,
            _ => false,
        }
    };
    let turns = events
        .iter()
        .enumerate()
        .filter(|(_, event)| is_turn(event));
    turns.map(|(index, _)| index).collect()
}

/// A range of events that is to be shown, with as many more as those in it that are not.
pub(super) fn widened(silent: &BTreeSet<usize>, mut from: usize, mut to: usize) -> (usize, usize) {
    let middle = usize::midpoint(from, to);
    let (mut before, mut after) = (middle - from, to - middle);
    (from, to) = (middle, middle);
    while before > 0 && from > 0 {
        from -= 1;
        before -= usize::from(!silent.contains(&from));
    }
    while after > 0 {
        after -= usize::from(!silent.contains(&to));
        to += 1;
    }
    (from, to)
}
