//! The invariants of the user's own that are on in a run.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
///
/// One that panics has panicked for good: it is told of nothing any more, and what it panicked with is kept until
/// somebody can tell of it. A panic must not go on from here, since an event is told in the middle of a task's turn, or
/// of a drop, which are not at fault.
#[derive(Default)]
pub(crate) struct Owns {
    judges: Vec<Judge>,
}

struct Judge {
    name: &'static str,
    /// None once it has panicked.
    own: Option<Box<dyn Invariant>>,
    panicked: Option<Box<dyn Any + Send>>,
}

impl fmt::Debug for Owns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.judges.iter().map(|judge| judge.name);
        f.debug_list().entries(names).finish()
    }
}

impl Owns {
    /// # Panics
    ///
    /// As a maker does.
    pub(crate) fn of(makers: &[Own]) -> Self {
        let judge = |Own(make): &Own| {
            let own = make();
            Judge {
                name: own.name(),
                own: Some(own),
                panicked: None,
            }
        };
        Owns {
            judges: makers.iter().map(judge).collect(),
        }
    }

    pub(super) fn event(&mut self, event: &Event<'_>, found: impl FnMut(Check, String)) {
        self.ask(|own| own.event(event), found);
    }

    pub(super) fn end(&mut self, end: &End, found: impl FnMut(Check, String)) {
        self.ask(|own| own.end(end), found);
    }

    fn ask(
        &mut self,
        mut ask: impl FnMut(&mut dyn Invariant) -> Result<(), String>,
        mut found: impl FnMut(Check, String),
    ) {
        for judge in &mut self.judges {
            let Some(own) = &mut judge.own else {
                continue;
            };
            match catch_unwind(AssertUnwindSafe(|| ask(&mut **own))) {
                Ok(Ok(())) => {}
                Ok(Err(text)) => found(Check::Own(judge.name), text),
                Err(payload) => {
                    judge.panicked = Some(payload);
                    // Its state is unknown, so that its drop may panic as well: nothing of it is run again.
                    std::mem::forget(judge.own.take());
                }
            }
        }
    }

    /// Which panicked, and with what.
    pub(crate) fn panics(&mut self) -> impl Iterator<Item = (&'static str, Box<dyn Any + Send>)> {
        let taken = |judge: &mut Judge| Some((judge.name, judge.panicked.take()?));
        self.judges.iter_mut().filter_map(taken)
    }
}
