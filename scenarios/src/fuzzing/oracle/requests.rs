//! Cancel requests: how many count, where one waits to be delivered, and what that makes of a scope.
//!
//! A request waits in one task. A task that waits for another one passes it on: the other's request
//! follows at once, `by=waiter`.

use std::collections::{BTreeMap, BTreeSet};

use deadheat::Trace;
use deadheat::record::{CancelledBy, EventKind, TaskOutcome, TraceEvent};
use deadheat_timeout::{ScopeEnd, State};

use super::{fault, task_of};

const RULE: &str = "requests add up";

/// Each request is delivered, passed on or taken back, once; what a scope asked for, and only that, it
/// takes back at its exit (T5, T6, T14); it ends in `Elapsed` only if no foreign request is left (T7). A
/// task that is cancelled before its first turn, or that makes no wait after it was, ends cancelled (T5).
/// At the end nobody waits to be told, of a request or of the end of a task.
///
/// # Errors
///
/// Where that does not hold.
pub fn requests_add_up(trace: &Trace) -> Result<(), String> {
    let mut books = Books::default();
    for event in &trace.events {
        books.enter(event).map_err(|why| fault(RULE, event, &why))?;
    }
    books.close()
}

#[derive(Default)]
struct Books<'a> {
    tasks: BTreeMap<&'a str, Account<'a>>,
    ended: BTreeSet<&'a str>,
    /// The baseline of each scope that was entered.
    baselines: BTreeMap<&'a str, u32>,
    /// A task that has just been asked to cancel while it waits for another, and that one.
    passes_on: Option<(&'a str, &'a str)>,
}

#[derive(Default)]
struct Account<'a> {
    count: u32,
    /// A request waits here to be delivered.
    waits: bool,
    /// In which of its turns, from 1, or after it, the task was asked.
    asked_in: u32,
    turns: u32,
    /// Nothing can come but its end.
    doomed: bool,
    joins: Option<&'a str>,
}

impl<'a> Books<'a> {
    fn enter(&mut self, event: &'a TraceEvent) -> Result<(), String> {
        let name = task_of(event);
        if let Some((waiter, on)) = self.passes_on.take() {
            let passed_on = name == on
                && matches!(&event.what, EventKind::Cancel(CancelledBy::Waiter(by)) if by == waiter);
            holds(passed_on, || {
                format!("{waiter} did not pass its request on to {on}")
            })?;
        }
        let last = matches!(
            event.what,
            EventKind::Deliver | EventKind::End(TaskOutcome::Cancelled)
        );
        holds(last || !self.account(name).doomed, || {
            "it goes on after its cancellation".to_owned()
        })?;
        match &event.what {
            EventKind::Cancel(by) => return self.request(name, by),
            EventKind::Deliver => {
                let account = self.account(name);
                let waited = std::mem::take(&mut account.waits);
                account.doomed |= account.asked_in == account.turns;
                return holds(waited, || "there is no request to deliver".to_owned());
            }
            EventKind::Join(on) => {
                self.account(name).joins = Some(on);
                self.note_passing_on(name);
            }
            EventKind::Turn => self.turn(name),
            EventKind::Uncancel { remaining } => {
                let left = self.account(name).take_back();
                return holds(*remaining == left, || format!("{left} remain"));
            }
            EventKind::Enter { scope, .. } => {
                let account = self.account(name);
                let baseline = account.count - u32::from(account.waits && account.count > 0);
                self.baselines.insert(scope, baseline);
            }
            EventKind::Exit { scope, state, end } => return self.exit(name, scope, *state, *end),
            EventKind::End(how) => {
                self.ended.insert(name);
                self.account(name).doomed = false;
                let lost = self.account(name).waits && *how == TaskOutcome::Returned;
                return holds(!lost, || "a request was never delivered".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// The run is over, done or stuck.
    fn close(&self) -> Result<(), String> {
        for (name, account) in &self.tasks {
            if self.ended.contains(name) {
                continue;
            }
            if account.waits {
                return Err(format!("{RULE}: {name} was asked to cancel and never told"));
            }
            if let Some(on) = account.joins.filter(|on| self.ended.contains(on)) {
                return Err(format!("{RULE}: {name} waits for {on}, which has ended"));
            }
        }
        Ok(())
    }

    fn account(&mut self, task: &'a str) -> &mut Account<'a> {
        self.tasks.entry(task).or_default()
    }

    fn request(&mut self, name: &'a str, by: &'a CancelledBy) -> Result<(), String> {
        if let CancelledBy::Waiter(waiter) = by {
            let waiter = self.account(waiter);
            if waiter.joins == Some(name) {
                waiter.waits = false;
            }
        }
        let account = self.account(name);
        (account.count, account.waits) = (account.count + 1, true);
        account.asked_in = account.turns;
        self.note_passing_on(name);
        let ended = self.ended.contains(name);
        holds(!ended, || "it has ended".to_owned())
    }

    /// A request does not wait in a task that waits for another one (T5).
    fn note_passing_on(&mut self, name: &'a str) {
        let Account { waits, joins, .. } = *self.account(name);
        let joins = joins.filter(|on| waits && !self.ended.contains(on));
        self.passes_on = joins.map(|on| (name, on));
    }

    fn turn(&mut self, name: &'a str) {
        let over = self
            .account(name)
            .joins
            .filter(|on| self.ended.contains(on));
        let account = self.account(name);
        if over.is_some() {
            account.joins = None;
        }
        account.turns += 1;
        account.doomed = account.turns == 1 && account.waits;
    }

    fn exit(
        &mut self,
        name: &'a str,
        scope: &str,
        state: State,
        end: ScopeEnd,
    ) -> Result<(), String> {
        let baseline = self.baselines.get(scope).copied().unwrap_or_default();
        if state != State::Expired {
            return holds(end != ScopeEnd::Elapsed, || "it did not expire".to_owned());
        }
        let left = self.account(name).take_back();
        match end {
            ScopeEnd::Elapsed => holds(left <= baseline, || {
                format!("{left} requests are left of which {baseline} were there before")
            }),
            ScopeEnd::Cancelled => holds(left > baseline, || "no other request is left".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Account<'_> {
    /// Takes one request back, and says how many remain.
    fn take_back(&mut self) -> u32 {
        self.count = self.count.saturating_sub(1);
        self.waits &= self.count > 0;
        self.count
    }
}

fn holds(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
