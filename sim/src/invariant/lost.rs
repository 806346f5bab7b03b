//! A cancel request is delivered, passed on or taken back before its task returns.

use deadheat_timeout as lib;
use deadheat_timeout::TaskEnd;

use super::event::{Event, Happened};
use super::numbered::Numbered;
use super::{Builtin, Invariant};

/// The requests of each task.
#[derive(Debug, Default)]
pub(super) struct CancelNeverLost {
    tasks: Numbered<Requests>,
    scopes: Numbered<Scope>,
}

#[derive(Debug, Clone, Default)]
struct Requests {
    /// Requests that count.
    count: u32,
    undelivered: bool,
    joining: Option<u64>,
    ended: bool,
}

#[derive(Debug, Clone, Default)]
struct Scope {
    owner: Option<u64>,
    expired: bool,
}

impl Builtin for CancelNeverLost {
    const SENTENCE: &str = "a cancel request is never lost";

    fn begin(&mut self) {
        self.tasks.clear();
        self.scopes.clear();
    }
}

impl Invariant for CancelNeverLost {
    fn name(&self) -> &'static str {
        Self::SENTENCE
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        let Happened::Library(event) = event.what else {
            return Ok(());
        };
        match event {
            lib::Event::ScopeEntered { scope, owner, .. } => {
                *self.scopes.of(scope) = Scope {
                    owner,
                    expired: false,
                };
            }
            lib::Event::ScopeExpiring { scope } => self.scopes.of(scope).expired = true,
            lib::Event::ScopeExited { scope, .. } => self.taken_back(scope),
            lib::Event::CancelRequested { task, .. } => self.requested(task),
            lib::Event::CancelDelivered { task } => self.tasks.of(task).undelivered = false,
            lib::Event::Joining { task, on } => {
                let requests = self.tasks.of(task);
                (requests.joining, requests.undelivered) = (Some(on), false);
            }
            lib::Event::Uncancelled { task, remaining } => {
                let requests = self.tasks.of(task);
                requests.count = remaining;
                requests.undelivered &= remaining > 0;
            }
            lib::Event::TaskEnded { task, end } => return self.ended(task, end),
            _ => {}
        }
        Ok(())
    }
}

impl CancelNeverLost {
    fn requested(&mut self, task: u64) {
        let requests = self.tasks.of(task);
        requests.count += 1;
        // A task that waits for another one passes the request on, unless that one has ended.
        let joining = requests.joining;
        let passed_on = joining.is_some_and(|on| !self.tasks.of(on).ended);
        self.tasks.of(task).undelivered |= !passed_on;
    }

    /// A scope that expired takes its own request back as it is left.
    fn taken_back(&mut self, scope: u64) {
        let Scope { owner, expired } = *self.scopes.of(scope);
        if let (Some(owner), true) = (owner, expired) {
            let requests = self.tasks.of(owner);
            requests.count = requests.count.saturating_sub(1);
            requests.undelivered &= requests.count > 0;
        }
    }

    fn ended(&mut self, task: u64, end: TaskEnd) -> Result<(), String> {
        let requests = self.tasks.of(task);
        requests.ended = true;
        match requests.undelivered && end == TaskEnd::Returned {
            true => Err(format!(
                "task {task} was asked to cancel and returned before it was told"
            )),
            false => Ok(()),
        }
    }
}
