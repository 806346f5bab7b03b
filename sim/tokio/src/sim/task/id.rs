//! Which task this is.

use std::cell::Cell;
use std::fmt;

/// Identifies a task among those that are not finished. Inside a run its number is the one by which reports call it:
/// that of `task-3` is 3.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(Which);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    Tokio(tokio::task::Id),
    Run(u32),
}

impl Id {
    pub(crate) fn of_task(task: u32) -> Self {
        Id(Which::Run(task))
    }
}

impl From<tokio::task::Id> for Id {
    fn from(id: tokio::task::Id) -> Self {
        Id(Which::Tokio(id))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Tokio(id) => id.fmt(f),
            Which::Run(number) => number.fmt(f),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Tokio(id) => id.fmt(f),
            Which::Run(number) => f.debug_tuple("Id").field(number).finish(),
        }
    }
}

thread_local! {
    static CURRENT: Cell<Option<Id>> = const { Cell::new(None) };
}

/// Runs `f` as this task, or as none.
pub(crate) fn as_task<R>(id: Option<Id>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Id>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _restore = Restore(CURRENT.replace(id));
    f()
}

/// The task that takes its turn.
///
/// # Panics
///
/// Outside of a task, as in `block_on`.
#[track_caller]
pub fn id() -> Id {
    match crate::sim::budget::in_run() {
        true => CURRENT
            .get()
            .expect("Can't get a task id when not inside a task"),
        false => tokio::task::id().into(),
    }
}

/// The task that takes its turn; none outside of a task, as in `block_on`.
pub fn try_id() -> Option<Id> {
    match crate::sim::budget::in_run() {
        true => CURRENT.get(),
        false => tokio::task::try_id().map(Id::from),
    }
}
