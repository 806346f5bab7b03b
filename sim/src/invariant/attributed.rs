//! A cancel request comes from at most one scope, and `Elapsed` only from a scope that expired.

use deadheat_timeout as lib;
use deadheat_timeout::{Requester, ScopeEnd};

use super::event::{Event, Happened};
use super::numbered::Numbered;
use super::{Builtin, Invariant};

/// Who owns a scope, and whether it has expired.
#[derive(Debug, Default)]
pub(super) struct CancelAttributed {
    scopes: Numbered<Scope>,
}

#[derive(Debug, Clone, Default)]
struct Scope {
    entered: bool,
    owner: Option<u64>,
    expired: bool,
}

impl Builtin for CancelAttributed {
    const SENTENCE: &str = "each cancel is attributed to one scope";

    fn begin(&mut self) {
        self.scopes.clear();
    }
}

impl Invariant for CancelAttributed {
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
                    entered: true,
                    owner,
                    expired: false,
                };
            }
            lib::Event::ScopeExpiring { scope } => self.scopes.of(scope).expired = true,
            lib::Event::CancelRequested {
                task,
                by: Requester::Scope(scope),
            } => {
                let Scope { owner, expired, .. } = *self.scopes.of(scope);
                if owner != Some(task) || !expired {
                    return Err(format!(
                        "scope {scope} asked task {task}, which it does not own or was not due to ask"
                    ));
                }
            }
            lib::Event::ScopeExited { scope, end, .. } => {
                let Scope {
                    entered, expired, ..
                } = *self.scopes.of(scope);
                if entered && end == ScopeEnd::Elapsed && !expired {
                    return Err(format!(
                        "scope {scope} ended in Elapsed and had not expired"
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
