//! The invariants of the user's own that are on in a run.

use std::fmt;
use std::sync::Arc;

use super::event::{End, Event};
use super::{Check, Invariant};

type Make = dyn Fn() -> Box<dyn Invariant> + Send + Sync;

/// Makes an invariant for each run.
#[derive(Clone)]
pub(crate) struct Own(Arc<Make>);

impl Own {
    pub(crate) fn new<I: Invariant + 'static>(
        make: impl Fn() -> I + Send + Sync + 'static,
    ) -> Self {
        Own(Arc::new(move || Box::new(make())))
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("own")
    }
}

/// They are equal if one is a clone of the other.
impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Own {}

/// Those of one run.
#[derive(Default)]
pub(crate) struct Owns(Vec<Box<dyn Invariant>>);

impl fmt::Debug for Owns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|own| own.name()))
            .finish()
    }
}

impl Owns {
    pub(crate) fn of(makers: &[Own]) -> Self {
        Owns(makers.iter().map(|Own(make)| make()).collect())
    }

    pub(crate) fn event(&mut self, event: &Event<'_>, mut found: impl FnMut(Check, String)) {
        for own in &mut self.0 {
            if let Err(text) = own.event(event) {
                found(Check::Own(own.name()), text);
            }
        }
    }

    pub(crate) fn end(&mut self, end: &End, mut found: impl FnMut(Check, String)) {
        for own in &mut self.0 {
            if let Err(text) = own.end(end) {
                found(Check::Own(own.name()), text);
            }
        }
    }
}
