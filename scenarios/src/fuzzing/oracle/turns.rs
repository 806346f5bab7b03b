//! Turns and time: who may run, and by when.

use std::collections::{BTreeMap, BTreeSet};

use deadheat::record::{EventKind, TraceEvent};
use deadheat::{Bounds, Instant, Trace};

use super::{fault, task_of};

/// A task takes one turn for each time it is spawned or woken, none for anything else, and takes it by
/// the end of its bound; time never goes back, and at the end nobody is left who was woken.
///
/// # Errors
///
/// Where that does not hold.
pub fn turns_follow_wakes(trace: &Trace, bounds: Bounds) -> Result<(), String> {
    const RULE: &str = "turns follow wakes";
    let mut woken = Woken::default();
    let mut least = Instant::from_nanos(i64::MIN);
    for event in &trace.events {
        let broken = |why: &str| Err(fault(RULE, event, why));
        if event.at < least {
            return broken("time goes back, or too short a way");
        }
        least = event.at;
        match event.what {
            EventKind::Spawn | EventKind::Wake if !woken.wake(event, bounds) => {
                return broken("it is awake already, or has ended");
            }
            EventKind::Turn => match woken.until.remove(task_of(event)) {
                None => return broken("it was not woken"),
                Some(until) if event.at > until => return broken("it is too late"),
                Some(_) => {}
            },
            EventKind::Busy(by) => {
                least = Instant::from_nanos(event.at.as_nanos().saturating_add(by.as_nanos()));
                woken.push_back(least);
            }
            EventKind::Late { to, .. } if to <= event.at => {
                return broken("it is late until the past");
            }
            EventKind::End(_) => {
                woken.ended.insert(task_of(event));
                woken.until.remove(task_of(event));
            }
            _ => {}
        }
    }
    match woken.until.keys().next() {
        None => Ok(()),
        Some(task) => Err(format!("{RULE}: {task} was woken and took no turn")),
    }
}

#[derive(Default)]
struct Woken<'a> {
    /// Until when each task that is awake takes its turn.
    until: BTreeMap<&'a str, Instant>,
    ended: BTreeSet<&'a str>,
}

impl<'a> Woken<'a> {
    fn wake(&mut self, event: &'a TraceEvent, bounds: Bounds) -> bool {
        let until = event.at.saturating_add(bounds.task_late);
        !self.ended.contains(task_of(event)) && self.until.insert(task_of(event), until).is_none()
    }

    fn push_back(&mut self, to: Instant) {
        self.until
            .values_mut()
            .for_each(|until| *until = (*until).max(to));
    }
}
