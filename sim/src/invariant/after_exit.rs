//! Nothing happens to a scope after its exit.

use deadheat_timeout as lib;

use super::event::{Event, Happened};
use super::numbered::Numbered;
use super::{Builtin, Invariant};

/// Which scopes have been left.
#[derive(Debug, Default)]
pub(super) struct NothingAfterExit {
    exited: Numbered<bool>,
}

impl Builtin for NothingAfterExit {
    const SENTENCE: &str = "no effect of a scope after its exit";

    fn begin(&mut self) {
        self.exited.clear();
    }
}

impl Invariant for NothingAfterExit {
    fn name(&self) -> &'static str {
        Self::SENTENCE
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        let Happened::Library(event) = event.what else {
            return Ok(());
        };
        let (scope, what) = match event {
            lib::Event::ScopeEntered { scope, .. } => {
                *self.exited.of(scope) = false;
                return Ok(());
            }
            lib::Event::ScopeRescheduled { scope, .. } => (scope, "rescheduled"),
            lib::Event::ScopeExpiring { scope } => (scope, "expired"),
            lib::Event::ScopeExited { scope, .. } => (scope, "left again"),
            _ => return Ok(()),
        };
        let exited = self.exited.of(scope);
        let had_exited = *exited;
        *exited |= what == "left again";
        match had_exited {
            true => Err(format!("scope {scope} was {what} after its exit")),
            false => Ok(()),
        }
    }
}
