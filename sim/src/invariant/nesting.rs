//! Scopes of a task exit in the reverse order of their enters.

use deadheat_timeout as lib;

use super::event::{Event, Happened};
use super::numbered::Numbered;
use super::{Builtin, Invariant};

/// The scopes that each task is in, outermost first.
#[derive(Debug, Default)]
pub(super) struct NestingIsLifo {
    owners: Numbered<Option<u64>>,
    inside: Numbered<Vec<u64>>,
}

impl Builtin for NestingIsLifo {
    const SENTENCE: &str = "scopes exit in LIFO order";

    fn begin(&mut self) {
        self.owners.clear();
        self.inside.clear();
    }
}

impl Invariant for NestingIsLifo {
    fn name(&self) -> &'static str {
        Self::SENTENCE
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        let Happened::Library(event) = event.what else {
            return Ok(());
        };
        match event {
            lib::Event::ScopeEntered { scope, owner, .. } => {
                *self.owners.of(scope) = owner;
                if let Some(owner) = owner {
                    self.inside.of(owner).push(scope);
                }
            }
            lib::Event::ScopeExited { scope, .. } => {
                let Some(owner) = *self.owners.of(scope) else {
                    return Ok(());
                };
                let inside = self.inside.of(owner);
                let innermost = inside.last() == Some(&scope);
                inside.retain(|other| *other != scope);
                if !innermost {
                    return Err(format!(
                        "scope {scope} of task {owner} is not its innermost"
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
