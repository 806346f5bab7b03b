//! What must hold in every run, as a fold over its events.
//!
//! Each check is a sentence (see [`Check`]) and a few lines here; nothing in this file knows the
//! executor. What only the executor can see (a timer that fires early, a timer left behind) it
//! reports through [`Checks::violate`].
//!
//! Deliberately not a check: "the body that refuses a cancel is wrong". asyncio allows it, and a
//! scenario that forbids it says so itself.

use std::fmt;

use deadheat_timeout as lib;
use deadheat_timeout::{Requester, ScopeEnd, State, TaskEnd};

use crate::base::time::Instant;

/// The checks that are on in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// A scope that expired asked its owner to cancel, exactly once; one that did not, never.
    ExpiredImpliesCancelledByUs,
    /// A cancel request is delivered, passed on or taken back before its task returns.
    CancelNeverLost,
    /// Nothing happens to a scope after its exit.
    NothingAfterExit,
    /// Scopes of a task exit in the reverse order of their enters.
    NestingIsLifo,
    /// A cancel request comes from at most one scope, and `Elapsed` only from a scope that expired.
    CancelAttributed,
    /// A timer never fires before its deadline.
    NeverEarly,
    /// A timer that is armed and not cancelled fires within its bound, once.
    FiresWithinBound,
    /// No timer is left behind at the end.
    NoTimerLeftBehind,
    /// A wake reaches its task.
    WakeReachesTask,
    /// Nothing strands a waiter: what it waits for is not there for the taking.
    NoStrandedWaiter,
    /// A statement of the program's own.
    Stated,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Check::ExpiredImpliesCancelledByUs => "expired implies cancelled by us",
            Check::CancelNeverLost => "a cancel request is never lost",
            Check::NothingAfterExit => "no effect of a scope after its exit",
            Check::NestingIsLifo => "scopes exit in LIFO order",
            Check::CancelAttributed => "each cancel is attributed to one scope",
            Check::NeverEarly => "a timer is never early",
            Check::FiresWithinBound => "a timer fires within its bound, once",
            Check::NoTimerLeftBehind => "no timer is left behind at the end",
            Check::WakeReachesTask => "a wake reaches its task",
            Check::NoStrandedWaiter => "nothing strands a waiter",
            Check::Stated => "a statement of the program",
        })
    }
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Violation {
    /// Which.
    pub check: Check,
    /// When.
    pub at: Instant,
    /// What was found.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check {
            Check::Stated => write!(f, "{}", self.text),
            check => write!(f, "{check}: {}", self.text),
        }
    }
}

/// More violations than this of one run say nothing new.
const VIOLATIONS_MAX: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Checks {
    scopes: Vec<ScopeTrack>,
    tasks: Vec<TaskTrack>,
    violations: Vec<Violation>,
}

#[derive(Debug, Clone, Default)]
struct ScopeTrack {
    entered: bool,
    exited: bool,
    owner: Option<u64>,
    expired: bool,
    requests: u32,
}

#[derive(Debug, Clone, Default)]
struct TaskTrack {
    /// The scopes it is in, outermost first.
    scopes: Vec<u64>,
    /// Requests made to it that count.
    count: u32,
    undelivered: bool,
    joining: Option<u64>,
    ended: bool,
}

impl Checks {
    pub(crate) fn reset(&mut self) {
        self.scopes.clear();
        self.tasks.clear();
        self.violations.clear();
    }

    /// Whether something did not hold that was not taken out yet.
    pub(crate) fn found_more(&self) -> bool {
        !self.violations.is_empty()
    }

    pub(crate) fn take_violations(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.violations)
    }

    pub(crate) fn violate(&mut self, check: Check, at: Instant, text: String) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(Violation { check, at, text });
        }
    }

    fn scope(&mut self, id: u64) -> &mut ScopeTrack {
        slot(&mut self.scopes, id)
    }

    fn task(&mut self, id: u64) -> &mut TaskTrack {
        slot(&mut self.tasks, id)
    }

    /// Folds one event of the library in.
    pub(crate) fn observe(&mut self, at: Instant, event: &lib::Event<Instant>) {
        match *event {
            lib::Event::ScopeEntered { scope, owner, .. } => self.entered(scope, owner),
            lib::Event::ScopeRescheduled { scope, .. } => {
                self.not_after_exit(at, scope, "rescheduled")
            }
            lib::Event::ScopeExpiring { scope } => {
                self.not_after_exit(at, scope, "expired");
                self.scope(scope).expired = true;
            }
            lib::Event::ScopeExited { scope, state, end } => self.exited(at, scope, state, end),
            lib::Event::CancelRequested { task, by } => self.requested(at, task, by),
            lib::Event::CancelDelivered { task } => self.task(task).undelivered = false,
            lib::Event::Joining { task, on } => self.joining(task, on),
            lib::Event::Uncancelled { task, remaining } => {
                let track = self.task(task);
                track.count = remaining;
                track.undelivered &= remaining > 0;
            }
            lib::Event::TaskEnded { task, end } => self.ended(at, task, end),
            _ => {}
        }
    }

    fn entered(&mut self, scope: u64, owner: Option<u64>) {
        *self.scope(scope) = ScopeTrack {
            entered: true,
            owner,
            ..ScopeTrack::default()
        };
        if let Some(owner) = owner {
            self.task(owner).scopes.push(scope);
        }
    }

    fn not_after_exit(&mut self, at: Instant, scope: u64, what: &str) {
        if self.scope(scope).exited {
            self.violate(
                Check::NothingAfterExit,
                at,
                format!("scope {scope} was {what} after its exit"),
            );
        }
    }

    fn exited(&mut self, at: Instant, scope: u64, state: State, end: ScopeEnd) {
        self.not_after_exit(at, scope, "left again");
        let track = self.scope(scope);
        track.exited = true;
        let ScopeTrack {
            entered,
            owner,
            expired,
            requests,
            ..
        } = *track;
        if !entered {
            return;
        }
        let asked = owner.is_none() || requests == 1 || self.owner_had_ended(owner);
        if state.is_expired() != expired || (expired && !asked) || (!expired && requests > 0) {
            let text = format!("scope {scope} is {state} after asking its owner {requests} times");
            self.violate(Check::ExpiredImpliesCancelledByUs, at, text);
        }
        if end == ScopeEnd::Elapsed && !expired {
            let text = format!("scope {scope} ended in Elapsed and had not expired");
            self.violate(Check::CancelAttributed, at, text);
        }
        let Some(owner) = owner else { return };
        let track = self.task(owner);
        let innermost = track.scopes.last() == Some(&scope);
        track.scopes.retain(|other| *other != scope);
        if !innermost {
            let text = format!("scope {scope} of task {owner} is not its innermost");
            self.violate(Check::NestingIsLifo, at, text);
        }
        if expired {
            let track = self.task(owner);
            track.count = track.count.saturating_sub(1);
            track.undelivered &= track.count > 0;
        }
    }

    fn owner_had_ended(&mut self, owner: Option<u64>) -> bool {
        owner.is_some_and(|owner| self.task(owner).ended)
    }

    fn requested(&mut self, at: Instant, task: u64, by: Requester) {
        if let Requester::Scope(scope) = by {
            let track = self.scope(scope);
            track.requests += 1;
            let (owner, expired) = (track.owner, track.expired);
            if owner != Some(task) || !expired {
                let text = format!(
                    "scope {scope} asked task {task}, which it does not own or was not due to ask"
                );
                self.violate(Check::CancelAttributed, at, text);
            }
        }
        let track = self.task(task);
        track.count += 1;
        // A task that waits for another one passes the request on, unless that one has ended.
        let joining = track.joining;
        let passed_on = joining.is_some_and(|on| !self.task(on).ended);
        self.task(task).undelivered |= !passed_on;
    }

    fn joining(&mut self, task: u64, on: u64) {
        let track = self.task(task);
        track.joining = Some(on);
        track.undelivered = false;
    }

    fn ended(&mut self, at: Instant, task: u64, end: TaskEnd) {
        let track = self.task(task);
        let lost = track.undelivered && end == TaskEnd::Returned;
        track.ended = true;
        if lost {
            let text = format!("task {task} was asked to cancel and returned before it was told");
            self.violate(Check::CancelNeverLost, at, text);
        }
    }
}

fn slot<T: Clone + Default>(tracks: &mut Vec<T>, id: u64) -> &mut T {
    let index = id as usize;
    if tracks.len() <= index {
        tracks.resize(index + 1, T::default());
    }
    &mut tracks[index]
}

#[cfg(test)]
mod tests;
