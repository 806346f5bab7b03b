//! Timers: when they fire, how often, and to whom they belong.

use std::collections::BTreeMap;

use deadheat::record::{EventKind, TraceEvent};
use deadheat::{Instant, Trace};

use super::fault;

/// A timer fires at or after its deadline and by the end of its bound, unless a task that does not give
/// way lets more time pass; it fires or is disarmed once at most, and never both.
///
/// # Errors
///
/// Where that does not hold.
pub fn timers_fire_in_time_and_once(trace: &Trace) -> Result<(), String> {
    const RULE: &str = "timers fire in time and once";
    let mut armed: BTreeMap<u64, Armed> = BTreeMap::new();
    let mut last = 0;
    for event in &trace.events {
        let broken = |why: &str| Err(fault(RULE, event, why));
        match event.what {
            EventKind::Arm {
                timer,
                deadline,
                until,
            } => {
                if timer <= last {
                    return broken("its number is not new");
                }
                last = timer;
                let until = until.max(event.at);
                armed.insert(timer, Armed { deadline, until });
            }
            EventKind::Busy(by) => {
                let end = Instant::from_nanos(event.at.as_nanos().saturating_add(by.as_nanos()));
                armed
                    .values_mut()
                    .for_each(|timer| timer.until = timer.until.max(end));
            }
            EventKind::Fire(timer) => match armed.remove(&timer) {
                None => return broken("it is not armed"),
                Some(Armed { deadline, .. }) if event.at < deadline => {
                    return broken("it is early");
                }
                Some(Armed { until, .. }) if event.at > until => return broken("it is too late"),
                Some(_) => {}
            },
            EventKind::Disarm(timer) if armed.remove(&timer).is_none() => {
                return broken("it is not armed");
            }
            _ => {}
        }
    }
    Ok(())
}

struct Armed {
    deadline: Instant,
    /// The last moment at which it may fire.
    until: Instant,
}

/// A scope with a deadline has one armed timer of that deadline as long as it is active (T9); its firing
/// is the scope's expiry (T4). At the end, done or stuck, no timer is armed.
///
/// # Errors
///
/// Where that does not hold.
pub fn scope_timers_follow_their_scopes(trace: &Trace) -> Result<(), String> {
    const RULE: &str = "scope timers follow their scopes";
    let mut follow = Follow::default();
    for (index, event) in trace.events.iter().enumerate() {
        let next = trace.events.get(index + 1);
        follow
            .one(event, next)
            .map_err(|why| fault(RULE, event, why))?;
    }
    match follow.of_scopes.len() + follow.others {
        0 => Ok(()),
        left => Err(format!("{RULE}: {left} timers are armed at the end")),
    }
}

#[derive(Default)]
struct Follow<'a> {
    /// The armed timer of each scope.
    of_scopes: BTreeMap<&'a str, u64>,
    /// How many other timers are armed.
    others: usize,
    /// The timer to be armed next is this scope's.
    arms: Option<&'a str>,
    /// The timer that fired just now.
    fired: Option<u64>,
}

impl<'a> Follow<'a> {
    fn one(
        &mut self,
        event: &'a TraceEvent,
        next: Option<&'a TraceEvent>,
    ) -> Result<(), &'static str> {
        let fired = self.fired.take();
        match &event.what {
            EventKind::Enter { scope, deadline } | EventKind::Reschedule { scope, deadline } => {
                if let Some(deadline) = deadline {
                    let armed = next.is_some_and(
                        |next| matches!(&next.what, EventKind::Arm { deadline: of, .. } if of == deadline),
                    );
                    self.arms = Some(scope);
                    return said(armed, "no timer is armed for its deadline");
                }
                let disarms =
                    |timer: &u64| next.is_some_and(|next| next.what == EventKind::Disarm(*timer));
                let disarmed = self.of_scopes.get(&**scope).is_none_or(disarms);
                return said(disarmed, "its timer is not disarmed");
            }
            EventKind::Arm { timer, .. } => match self.arms.take() {
                // The scope's timer of before, if there is one, has moved and is this one now.
                Some(scope) => drop(self.of_scopes.insert(scope, *timer)),
                None => self.others += 1,
            },
            EventKind::Disarm(timer) => drop(self.gone(*timer)),
            EventKind::Fire(timer) => {
                let scope = self.gone(*timer);
                self.fired = scope.map(|_| *timer);
                let expires = next.is_some_and(
                    |next| matches!(&next.what, EventKind::Expire { scope: of } if Some(&**of) == scope),
                );
                return said(scope.is_none() || expires, "its scope does not expire");
            }
            EventKind::Expire { .. } => {
                return said(fired.is_some(), "its timer did not fire just now");
            }
            EventKind::Exit { scope, .. } => {
                let gone = !self.of_scopes.contains_key(&**scope);
                return said(gone, "its timer is still armed");
            }
            _ => {}
        }
        Ok(())
    }

    /// A timer is armed no more; the scope that it belonged to.
    fn gone(&mut self, timer: u64) -> Option<&'a str> {
        let scope = self
            .of_scopes
            .iter()
            .find_map(|(scope, of)| (*of == timer).then_some(*scope));
        match scope {
            Some(scope) => drop(self.of_scopes.remove(scope)),
            None => self.others = self.others.saturating_sub(1),
        }
        scope
    }
}

fn said(holds: bool, why: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(why) }
}
