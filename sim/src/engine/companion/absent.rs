//! No companion: nothing is kept in time, at no cost.

use std::rc::Rc;

/// Stands where a companion would.
#[derive(Debug)]
pub(crate) struct Companion;

impl Companion {
    #[inline]
    pub(crate) fn of_this_run() -> Option<Rc<Companion>> {
        Some(Companion::of_this_thread())
    }

    #[inline]
    pub(crate) fn of_this_thread() -> Rc<Companion> {
        thread_local! {
            static NONE: Rc<Companion> = Rc::new(Companion);
        }
        NONE.with(Rc::clone)
    }

    #[inline]
    pub(crate) fn begin(&self) {}

    #[inline]
    pub(crate) fn turn<R>(&self, _now: i64, f: impl FnOnce() -> R) -> R {
        f()
    }

    #[inline]
    pub(crate) fn within<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }

    #[inline]
    pub(crate) fn pass(&self, _until: i64) {}

    #[inline]
    pub(crate) fn end(self: Rc<Self>) {}
}

/// Tells the companion that the clock has moved within a turn.
#[inline]
pub(crate) fn sync() {}

/// What is to be said of a panic: nothing.
pub(crate) fn advice(_message: &str) -> Option<&'static str> {
    None
}
