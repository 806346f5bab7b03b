//! A panic in a task, with its place: a failure of the run, not the end of the search.
//!
//! The place of a panic is known only to the panic hook. Ours is put before the one that is there,
//! once, and takes nothing from anybody: on a thread without a run it only passes on.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::block_on::RunIsOver;
use crate::companion;
use crate::world;

/// What a task panicked with, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PanicReport {
    /// The message.
    pub message: String,
    /// File, line and column.
    pub place: String,
    /// The task.
    pub task: String,
}

impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} panicked at {}: {}",
            self.task, self.place, self.message
        )
    }
}

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static INSTALLED: Once = Once::new();

/// Puts our hook before the present one.
pub(crate) fn install() {
    INSTALLED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !note(info) {
                next(info);
            }
        }));
    });
}

/// Notes the place of a panic inside a run; false if there is no run on this thread.
fn note(info: &PanicHookInfo<'_>) -> bool {
    if world::run_number() == 0 {
        return false;
    }
    let place = info
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    PLACE.try_with(|slot| slot.replace(Some(place))).is_ok()
}

/// Runs user code; a panic in it comes back as message and place.
#[inline]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, (String, String)> {
    panic::catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        RunIsOver::arrive(&*payload);
        (message(&*payload), place())
    })
}

/// The place of the latest panic of a run on this thread.
pub(crate) fn place() -> String {
    PLACE
        .take()
        .unwrap_or_else(|| "an unknown place".to_owned())
}

pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    if payload.is::<RunIsOver>() {
        return "it waited in block_on, and the run was over".to_owned();
    }
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    let text = text
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned());
    match companion::advice(&text) {
        Some(advice) => format!("{text}\n    {advice}"),
        None => text,
    }
}
