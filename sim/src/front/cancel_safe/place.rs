//! Where in the sources a future waits.
//!
//! 1. A future that returns `Pending` has taken note of its waker in that poll, or nobody could wake it.
//!    The stack at that moment goes through every `async fn` between the poll and what is waited for, and
//!    each stands at its `.await`. So a probing waker (see `engine/waker.rs`) tells when to look at the stack.
//! 2. Where several futures took note (a `select!`), the wait is what their stacks have in common.
//! 3. It is looked at in one replay of a run that failed: it costs nothing before, and changes nothing.
//!
//! Frames are read from the text of a [`Backtrace`], since nothing else of it is stable; what cannot be read
//! is left out. Without debug information there are functions and no lines; with line tables only, functions have
//! no paths, and whose they are follows from where their sources lie.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::engine::waker;

/// A place in the sources at which a future waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct AwaitPlace {
    /// The function.
    pub function: String,
    /// The file, as the compiler was told.
    pub file: Option<String>,
    /// The line and the column of the `.await`.
    pub line: Option<(u32, u32)>,
}

impl fmt::Display for AwaitPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some((line, column))) => {
                write!(f, "{file}:{line}:{column} in {}", self.function)
            }
            _ => write!(
                f,
                "{} (no line: built without debug information)",
                self.function
            ),
        }
    }
}

thread_local! {
    static STACKS: RefCell<Vec<Vec<AwaitPlace>>> = const { RefCell::new(Vec::new()) };
}

/// So many stacks of one poll are looked at.
const STACKS_MAX: usize = 16;

/// A future takes note of a probing waker.
fn touched() {
    STACKS.with_borrow_mut(|stacks| {
        if stacks.len() < STACKS_MAX {
            stacks.push(places(&Backtrace::force_capture().to_string()));
        }
    });
}

/// Polls a future and says where it waits if it does, the innermost place first.
pub(super) fn located<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> (Poll<F::Output>, Vec<AwaitPlace>) {
    let Some(waker) = waker::probing(cx.waker(), touched) else {
        return (future.poll(cx), Vec::new());
    };
    STACKS.with_borrow_mut(Vec::clear);
    let polled = probed(future, &mut Context::from_waker(&waker));
    let stacks = STACKS.with_borrow_mut(std::mem::take);
    (polled, common(stacks))
}

/// Where the sources of this crate lie.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");

/// The end of the stacks.
const MARK: &str = "cancel_safe::place::probed";

fn is_mark(frame: &AwaitPlace) -> bool {
    let without_path = || frame.function.starts_with("probed<") && lies_in(frame, &[OWN]);
    frame.function.contains(MARK) || without_path()
}

#[inline(never)]
fn probed<F: Future>(future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    // Not a tail call: the frame has to stand.
    black_box(future.poll(cx))
}

/// What the stacks have in common, from outside in; the last one if that is nothing.
fn common(mut stacks: Vec<Vec<AwaitPlace>>) -> Vec<AwaitPlace> {
    let last = stacks.pop().unwrap_or_default();
    let shared = |stack: &Vec<AwaitPlace>| {
        let pairs = stack.iter().rev().zip(last.iter().rev());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let shared = stacks.iter().map(shared).min().unwrap_or(last.len());
    match shared {
        0 => last,
        shared => last[last.len() - shared..].to_vec(),
    }
}

/// The frames of a printed backtrace that are the user's and await something, the innermost first, up to our own poll.
fn places(text: &str) -> Vec<AwaitPlace> {
    let mut frames: Vec<AwaitPlace> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                (frame.file, frame.line) = position(place);
            }
        } else if let Some(function) = function(line) {
            frames.push(AwaitPlace {
                function,
                file: None,
                line: None,
            });
        }
    }
    let inside = frames.iter().position(is_mark);
    frames.truncate(inside.unwrap_or(frames.len()));
    let outer = frames.iter().skip(1).map(Some).chain([None]);
    let awaits = frames.iter().zip(outer);
    let mut frames: Vec<AwaitPlace> = awaits
        .filter(|(frame, outer)| is_users(frame) && awaits_something(frame, *outer))
        .map(|(frame, _)| frame.clone())
        .collect();
    frames.iter_mut().for_each(shorten);
    frames
}

/// The function of a line `NUMBER: FUNCTION`; an inlined one has no number.
fn function(line: &str) -> Option<String> {
    let (number, function) = line.split_once(": ")?;
    let numbered = number.chars().all(|c| c.is_ascii_digit());
    numbered.then(|| function.trim().to_owned())
}

/// `FILE:LINE:COLUMN`, of which the column may be missing.
fn position(place: &str) -> (Option<String>, Option<(u32, u32)>) {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    match (file, line.map(str::parse), column.map(str::parse)) {
        (Some(file), Some(Ok(line)), Some(Ok(column))) => {
            let file = file.strip_prefix("./").unwrap_or(file);
            (Some(file.to_owned()), Some((line, column)))
        }
        _ => (None, None),
    }
}

/// Crates that are no user's, for builds without debug information.
const CRATES: [&str; 8] = [
    "std::",
    "core::",
    "alloc::",
    "tokio::",
    "tokio_util::",
    "futures_",
    "deadheat::",
    "deadheat_timeout::",
];

/// Where the sources of other crates lie.
const FOREIGN: [&str; 5] = [
    "/rustc/",
    "/rustlib/",
    "/registry/src/",
    "/git/checkouts/",
    OWN,
];

fn lies_in(frame: &AwaitPlace, folders: &[&str]) -> bool {
    let lies = |file: &String| folders.iter().any(|folder| file.contains(folder));
    frame.file.as_ref().is_some_and(lies)
}

fn is_users(frame: &AwaitPlace) -> bool {
    let function = frame.function.trim_start_matches(['<', '&']);
    !CRATES.iter().any(|of| function.starts_with(of)) && !lies_in(frame, &FOREIGN)
}

/// The body of an `async fn` is a closure, but not one that a function polls: that is written by hand.
fn awaits_something(frame: &AwaitPlace, outer: Option<&AwaitPlace>) -> bool {
    let polls = |outer: &AwaitPlace| {
        outer.function.contains("PollFn") || lies_in(outer, &["/future/poll_fn.rs"])
    };
    let is_body = ["{closure", "{async_"]
        .iter()
        .any(|of| frame.function.contains(of));
    is_body && !outer.is_some_and(polls)
}

/// The body of an `async fn` is a closure to the compiler.
fn shorten(frame: &mut AwaitPlace) {
    let function = frame.function.replace("::{{closure}}", "");
    let function = function.replace("::{closure#0}", "");
    // With line tables only: what it is generic over says nothing, and takes lines.
    let bare = function
        .starts_with('{')
        .then(|| function.split('<').next());
    frame.function = bare.flatten().unwrap_or(&function).to_owned();
}
