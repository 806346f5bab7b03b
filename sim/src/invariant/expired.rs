//! A scope that expired asked its owner to cancel, exactly once; one that did not, never.

use deadheat_timeout as lib;
use deadheat_timeout::{Requester, State};

use super::event::{Event, Happened};
use super::numbered::Numbered;
use super::{Builtin, Invariant};

/// What scopes have asked of their owners.
#[derive(Debug, Default)]
pub(super) struct ExpiredImpliesCancelledByUs {
    scopes: Numbered<Asking>,
    ended: Numbered<bool>,
}

#[derive(Debug, Clone, Default)]
struct Asking {
    entered: bool,
    owner: Option<u64>,
    expired: bool,
    requests: u32,
}

impl Builtin for ExpiredImpliesCancelledByUs {
    const SENTENCE: &str = "expired implies cancelled by us";

    fn begin(&mut self) {
        self.scopes.clear();
        self.ended.clear();
    }
}

impl Invariant for ExpiredImpliesCancelledByUs {
    fn name(&self) -> &'static str {
        Self::SENTENCE
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        let Happened::Library(event) = event.what else {
            return Ok(());
        };
        match event {
            lib::Event::ScopeEntered { scope, owner, .. } => {
                *self.scopes.of(scope) = Asking {
                    entered: true,
                    owner,
                    ..Asking::default()
                };
            }
            lib::Event::ScopeExpiring { scope } => self.scopes.of(scope).expired = true,
            lib::Event::CancelRequested {
                by: Requester::Scope(scope),
                ..
            } => self.scopes.of(scope).requests += 1,
            lib::Event::TaskEnded { task, .. } => *self.ended.of(task) = true,
            lib::Event::ScopeExited { scope, state, .. } => return self.exited(scope, state),
            _ => {}
        }
        Ok(())
    }
}

impl ExpiredImpliesCancelledByUs {
    fn exited(&mut self, scope: u64, state: State) -> Result<(), String> {
        let Asking {
            entered,
            owner,
            expired,
            requests,
        } = *self.scopes.of(scope);
        // Who has ended cannot be asked, and who has no owner asks nobody.
        let asked = requests == 1 || owner.is_none_or(|owner| *self.ended.of(owner));
        let holds = state.is_expired() == expired && if expired { asked } else { requests == 0 };
        if !entered || holds {
            return Ok(());
        }
        Err(format!(
            "scope {scope} is {state} after asking its owner {requests} times"
        ))
    }
}
