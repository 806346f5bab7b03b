//! A panic in a task, with its place: a failure of the run, not the end of the search.
//!
//! 1. The place of a panic is known only to the panic hook. Ours is put before the one that is there, once,
//!    and takes nothing from anybody: what is raised on a thread without a run it passes on.
//! 2. It keeps quiet about a panic that can be caught, since that becomes a part of a report. One that nothing
//!    can catch ends the process: whoever watches over the run is told (`witness/mod.rs`), and the hook that
//!    was there before has it, too.
//! 3. What a panic was raised with is dropped where a panic of that drop is caught and told.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, Once, PoisonError};

use crate::base::printable;
use crate::engine::beside;
use crate::engine::unwound::RunIsOver;
use crate::record::origin;
use crate::record::panic::{NO_TEXT, Noted, PanicReport};
use crate::state::world;
use crate::witness;

/// How many panics after the first one are reported with it.
const ALSO_MAX: usize = 3;

/// Puts panics that came after the first one, if there was one, into its report.
#[inline]
pub(crate) fn gather(panic: &mut Option<PanicReport>, after: Vec<PanicReport>) {
    if !after.is_empty() {
        put_together(panic, after);
    }
}

/// [`gather`] for what may have panicked.
#[inline]
pub(crate) fn add(panic: &mut Option<PanicReport>, after: Option<Box<PanicReport>>) {
    if let Some(report) = after {
        put_together(panic, vec![*report]);
    }
}

#[cold]
fn put_together(panic: &mut Option<PanicReport>, after: Vec<PanicReport>) {
    let count = after.len();
    for (number, report) in after.into_iter().enumerate() {
        match panic {
            None => *panic = Some(report),
            Some(first) if number < ALSO_MAX => {
                first.message.push_str(&format!("\nthen {report}"));
            }
            Some(first) => {
                let more = count - number;
                first.message.push_str(&format!("\nand {more} more"));
                return;
            }
        }
    }
}

const UNKNOWN: &str = "an unknown place";
/// How many panics are remembered that were not seen to be caught.
const NOTED_MAX: usize = 8;

thread_local! {
    /// The panics of this thread that were not seen to be caught, the latest last.
    static NOTED: RefCell<Vec<Noted>> = const { RefCell::new(Vec::new()) };
    /// Something of a user's is called on this thread that may be called outside of a run.
    static BESIDE: Cell<bool> = const { Cell::new(false) };
}

static INSTALLED: Once = Once::new();

/// Puts our hook before the present one.
pub(crate) fn install() {
    INSTALLED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !note(info) && !is_told(info) {
                next(info);
            }
        }));
    });
}

/// How many panics of other threads are remembered.
const TOLD_MAX: usize = 64;

/// Whether the same panic of a thread that makes no run was passed on before: a program that starts a thread does so in
/// each run, and a report takes dozens of runs. Tests have threads of their own, with their names.
fn is_told(info: &PanicHookInfo<'_>) -> bool {
    /// Of each the thread's name, the message and the place.
    static TOLD: Mutex<VecDeque<(Option<String>, String)>> = Mutex::new(VecDeque::new());
    if world::run_number() != 0 || BESIDE.get() || !witness::is_anybody_watched() {
        return false;
    }
    let thread = std::thread::current().name().map(ToOwned::to_owned);
    let panic = (thread, info.to_string());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.contains(&panic) {
        return true;
    }
    if told.len() == TOLD_MAX {
        told.pop_front();
    }
    told.push_back(panic);
    false
}

/// Notes a panic inside a run, or beside one; false if it is for the next hook.
fn note(info: &PanicHookInfo<'_>) -> bool {
    let run = world::run_number();
    let beside = BESIDE.get();
    if run == 0 && !beside && !witness::is_anybody_watched() {
        return false;
    }
    let noted = Noted {
        run,
        message: info.payload_as_str().map(ToOwned::to_owned),
        place: info
            .location()
            .map_or_else(|| UNKNOWN.to_owned(), ToString::to_string),
    };
    look_above(info, &noted.place);
    let can_be_caught = can_be_caught(info);
    if !can_be_caught {
        let tell = match run {
            0 => witness::last_words_elsewhere,
            _ => witness::last_words,
        };
        tell(&noted, &latest(run));
    }
    let kept = NOTED.try_with(|all| {
        let mut all = all.borrow_mut();
        if all.len() == NOTED_MAX {
            all.remove(0);
        }
        all.push(noted);
    });
    kept.is_ok() && can_be_caught && (run != 0 || beside)
}

/// Keeps the line of the program above a panic that code of others has raised, while a trace is kept.
fn look_above(info: &PanicHookInfo<'_>, place: &str) {
    if world::current(|world| world.recorder.keeps) != Some(true) {
        return;
    }
    if let Some(line) = info.location().and_then(origin::above) {
        world::current(|world| world.recorder.origins.panicked(place.to_owned(), line));
    }
}

/// Whether a panic can be caught: not one by which a destructor leaves while the stack is unwound, nor one in
/// a function that must not unwind, nor any where panics abort.
fn can_be_caught(info: &PanicHookInfo<'_>) -> bool {
    // What it is asked for by name is not stable yet; a test holds that this says the same.
    cfg!(panic = "unwind") && !format!("{info:?}").contains("can_unwind: false")
}

/// The panics of a run that were not seen to be caught. Those that the program caught itself may be among them.
fn latest(run: u32) -> Vec<Noted> {
    let all = NOTED.try_with(|all| all.borrow().clone());
    let all = all.unwrap_or_default().into_iter();
    all.filter(|noted| noted.run == run).collect()
}

/// Runs user code; a panic in it comes back as message and place. Inlined always: it is around each turn.
#[inline(always)]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, (String, String)> {
    panic::catch_unwind(AssertUnwindSafe(f)).map_err(told)
}

/// [`catch`] for what is no task; a panic in it comes back as its report.
#[inline]
pub(crate) fn catch_of<R>(who: &str, f: impl FnOnce() -> R) -> Result<R, Box<PanicReport>> {
    panic::catch_unwind(AssertUnwindSafe(f)).map_err(|payload| told_of(who, payload))
}

/// What was caught of `who`, as a report.
#[cold]
pub(crate) fn told_of(who: &str, payload: Box<dyn Any + Send>) -> Box<PanicReport> {
    let (message, place) = told(payload);
    Box::new(PanicReport {
        message,
        place,
        task: who.to_owned(),
    })
}

/// [`catch_of`] for what is called outside of a run as well.
#[inline]
pub(crate) fn catch_beside<R>(who: &str, f: impl FnOnce() -> R) -> Result<R, Box<PanicReport>> {
    install();
    let outer = BESIDE.replace(true);
    let caught = catch_of(who, f);
    BESIDE.set(outer);
    caught
}

#[cold]
fn told(payload: Box<dyn Any + Send>) -> (String, String) {
    RunIsOver::arrive(&*payload);
    let (message, place) = (message(&*payload), take_place(&*payload));
    let mut message = printable::cut(message);
    message.push_str(&discard(payload));
    (message, place)
}

/// Drops what a panic was raised with. A panic of that drop comes back as a line for the message.
pub(crate) fn discard(payload: Box<dyn Any + Send>) -> String {
    let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) else {
        return String::new();
    };
    let (message, place) = (message(&*payload), take_place(&*payload));
    if text(&*payload).is_none() {
        // It may panic again as it is dropped, and so on without end.
        std::mem::forget(payload);
    }
    format!("\nthen what it panicked with panicked as it was dropped, at {place}: {message}")
}

/// Where a panic was raised that has just been caught.
pub(crate) fn take_place(payload: &(dyn Any + Send)) -> String {
    let run = world::run_number();
    let found = NOTED.try_with(|all| {
        let mut all = all.borrow_mut();
        let is_it = |noted: &Noted| noted.run == run && noted.message.as_deref() == text(payload);
        let index = all.iter().rposition(is_it)?;
        // Panics that were raised later have been caught already, so they are forgotten with it.
        all.drain(index..).next().map(|noted| noted.place)
    });
    let found = found.ok().flatten().filter(|_| !payload.is::<RunIsOver>());
    found.unwrap_or_else(|| UNKNOWN.to_owned())
}

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied())
}

pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    if payload.is::<RunIsOver>() {
        return "it waited in block_on, and the run was over".to_owned();
    }
    let text = text(payload).unwrap_or(NO_TEXT);
    // It may come from a runtime of the user's own.
    let advice = panic::catch_unwind(|| beside::advice(text));
    match advice.unwrap_or_else(|payload| {
        discard(payload);
        None
    }) {
        Some(advice) => format!("{text}\n{advice}"),
        None => text.to_owned(),
    }
}
