//! Where in the sources a future waits, and for what.
//!
//! 1. A future that returns `Pending` has taken note of its waker in that poll, or nobody could wake it.
//!    The stack at that moment goes through every `async fn` between the poll and what is waited for, and
//!    each stands at its `.await`. So a probing waker (see `engine/waker.rs`) tells when to look at the stack.
//! 2. Where several futures took note (a `select!`), the wait is what their stacks have in common.
//! 3. It is looked at in one replay of a run that failed: it costs nothing before, and changes nothing.
//!
//! How a stack is read, `engine/frames.rs` says.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::hint::black_box;
use std::task::{Context, Waker};

use crate::engine::frames::{self, OWN, bare, is_users, lies_in, told};
use crate::engine::waker;
use crate::record::await_place::AwaitPlace;
use crate::record::events::Raw;
use crate::record::wait::Wait;
use crate::record::workspace;
use crate::state::world::{self, World};

thread_local! {
    static STACKS: RefCell<Vec<Wait>> = const { RefCell::new(Vec::new()) };
}

/// So many stacks of one poll are looked at.
const STACKS_MAX: usize = 16;

/// A future takes note of a probing waker.
fn touched() {
    STACKS.with_borrow_mut(|stacks| {
        if stacks.len() < STACKS_MAX {
            stacks.push(waits(&Backtrace::force_capture().to_string()));
        }
    });
}

/// Polls something by a probing waker, and says where it waits if it does; none if the waker is somebody else's.
pub(crate) fn located<R>(
    waker: &Waker,
    poll: impl FnOnce(&mut Context<'_>) -> R,
) -> (R, Option<Wait>) {
    let Some(waker) = waker::probing(waker, touched) else {
        return (poll(&mut Context::from_waker(waker)), None);
    };
    STACKS.with_borrow_mut(Vec::clear);
    world::with(|world| {
        if let Some(first) = world.tasks.ends.first() {
            workspace::learn(world.tasks.places[first.spawned_at].file());
        }
    });
    let polled = probed(poll, &mut Context::from_waker(&waker));
    let stacks = STACKS.with_borrow_mut(std::mem::take);
    (polled, Some(common(stacks)))
}

/// One turn of a task; if it is one that is to be looked at, the run is told where the task waits.
pub(crate) fn looked_at<R>(
    task: u32,
    waker: &Waker,
    poll: impl FnOnce(&mut Context<'_>) -> R,
) -> R {
    if world::with(|world| world.is_looked_at(task)) != Some(true) {
        return poll(&mut Context::from_waker(waker));
    }
    let (polled, wait) = located(waker, poll);
    world::with(|world| {
        world.looks.take(task);
        world.looks.seen.extend(wait.map(|wait| (task, wait)));
    });
    polled
}

impl World {
    fn is_looked_at(&self, task: u32) -> bool {
        let of_task = self.looks.wanted.iter().find(|(wanted, _)| *wanted == task);
        let of_task = of_task.filter(|_| self.looks.may_take(task));
        of_task.is_some_and(|(_, before)| self.last_turn(task) == Some(*before))
    }

    /// How many events were recorded before the last turn of a task.
    fn last_turn(&self, task: u32) -> Option<usize> {
        let events = &self.recorder.events;
        events
            .iter()
            .rposition(|event| event.raw == Raw::Turn(task))
    }
}

/// The end of the stacks.
const MARK: &str = "engine::awaits::probed";

fn is_mark(frame: &AwaitPlace) -> bool {
    let without_path = || frame.function.starts_with("probed<") && lies_in(frame, &[OWN]);
    frame.function.contains(MARK) || without_path()
}

#[inline(never)]
fn probed<R>(poll: impl FnOnce(&mut Context<'_>) -> R, cx: &mut Context<'_>) -> R {
    // Not a tail call: the frame has to stand.
    black_box(poll(cx))
}

/// What the stacks have in common, from outside in; the last one if that is nothing.
fn common(mut stacks: Vec<Wait>) -> Wait {
    let Some(mut last) = stacks.pop() else {
        return Wait::default();
    };
    let shared = |stack: &Wait| {
        let pairs = stack.places.iter().rev().zip(last.places.iter().rev());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let all = last.places.len();
    match stacks.iter().map(shared).min().unwrap_or(all) {
        0 => {}
        shared => drop(last.places.drain(..all - shared)),
    }
    let mut on: Vec<String> = stacks.into_iter().flat_map(|stack| stack.on).collect();
    on.append(&mut last.on);
    on.dedup();
    Wait {
        on,
        keeps_waker: true,
        ..last
    }
}

/// The frames of a printed backtrace that are the user's and await something, the innermost first, up to our own poll.
fn waits(text: &str) -> Wait {
    let mut frames = frames::of(text);
    let inside = frames.iter().position(is_mark);
    frames.truncate(inside.unwrap_or(frames.len()));
    let outer = frames.iter().skip(1).map(Some).chain([None]);
    let pairs = frames.iter().zip(outer);
    let awaits = pairs.map(|(frame, outer)| is_users(frame) && awaits_something(frame, outer));
    let awaits: Vec<bool> = awaits.collect();
    let innermost = awaits.iter().position(|awaits| *awaits);
    // The frame just inside is that of what is awaited.
    let on = innermost.and_then(|innermost| awaited(&frames[..innermost]));
    let mut awaits = awaits.into_iter();
    frames.retain(|_| awaits.next() == Some(true));
    frames.iter_mut().for_each(told);
    Wait {
        places: frames,
        on: on.into_iter().collect(),
        keeps_waker: true,
        ..Wait::default()
    }
}

/// What is awaited, by the outermost of the frames inside that says something.
fn awaited(inside: &[AwaitPlace]) -> Option<String> {
    let plumbing = ["core::", "std::", "alloc::", "deadheat::engine::"];
    let says = |frame: &&AwaitPlace| {
        let function = bare(&frame.function);
        let is_plumbing = plumbing.iter().any(|of| function.starts_with(of));
        !is_plumbing && !is_users(frame) && function.contains("::")
    };
    inside
        .iter()
        .rev()
        .find(says)
        .map(|frame| bare(&frame.function))
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
