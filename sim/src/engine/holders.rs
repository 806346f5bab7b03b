//! Who keeps whom waiting, once a run is over: a task is dropped, and whoever that wakes had waited for something that it had.
//!
//! 1. It happens in a replay whose turns are looked at, after it was looked back at, so it changes no run. Nothing has to be
//!    known of locks and channels, and no type of theirs has to be ours.
//! 2. What a task lets go of goes to the next in line, and as that one is dropped in its turn it wakes the next but one, who
//!    never waited for it alone. So the drop of a task that was woken before tells only who is before whom.
//! 3. Those who are dropped first are woken by nobody any more. So whoever wants to know all makes more replays, in other
//!    orders.
//!
//! The stack at such a wake goes through what is dropped: a guard, in the function whose variable it is, at the end of that
//! variable's scope.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::collections::VecDeque;

use crate::engine::frames::{self, bare, is_users, told};
use crate::engine::panics;
use crate::engine::waker;
use crate::record::await_place::AwaitPlace;
use crate::record::held::Holder;
use crate::record::panic::PanicReport;
use crate::state::tasks::BoxFuture;
use crate::state::world::{self, World};

/// What is let go of, and where.
type LetGo = (Option<String>, Option<AwaitPlace>);

thread_local! {
    static WOKEN: RefCell<Vec<(u32, LetGo)>> = const { RefCell::new(Vec::new()) };
}

/// A task is woken that has not been dropped.
fn hear(task: u32) {
    let waits = |world: &mut World| {
        let slot = world.tasks.slots.get(task as usize);
        slot.is_some_and(|slot| !slot.ended && !slot.queued)
    };
    if world::with(waits) == Some(true) {
        let stack = Backtrace::force_capture().to_string();
        WOKEN.with_borrow_mut(|woken| woken.push((task, let_go(frames::of(&stack)))));
    }
}

/// Drops the tasks that are looked at, in the order in which they were asked for, and notes who is woken by that. Gives what
/// panics meanwhile.
#[cold]
pub(super) fn drop_and_hear() -> Vec<PanicReport> {
    waker::on_noted(hear);
    let wanted = world::with(|world| world.looks.wanted.clone()).unwrap_or_default();
    let mut left: VecDeque<u32> = wanted.into_iter().map(|(task, _)| task).collect();
    let (mut panics, mut handed_to) = (Vec::new(), Vec::new());
    while let Some(task) = left.pop_front() {
        let taken = world::with(|world| Some((world.take_to_drop(task)?, world.task_name(task))));
        let Some((future, name)) = taken.flatten() else {
            continue;
        };
        panics.extend(
            panics::catch_of(&name, || drop(future))
                .err()
                .map(|report| *report),
        );
        let woken = WOKEN.with_borrow_mut(std::mem::take);
        for (waits, (has, until)) in woken.into_iter().rev() {
            let holder = Holder {
                task: name.clone(),
                has,
                until,
                waits_too: handed_to.contains(&task),
                number: task,
            };
            world::with(|world| world.looks.held.push((waits, holder)));
            // It has now what it waited for, and whoever is behind it is woken as it is dropped.
            handed_to.push(waits);
            left.retain(|left| *left != waits);
            left.push_front(waits);
        }
    }
    waker::on_noted(|_| ());
    panics
}

impl World {
    fn take_to_drop(&mut self, task: u32) -> Option<BoxFuture> {
        let slot = self.tasks.slots.get_mut(task as usize)?;
        if std::mem::replace(&mut slot.ended, true) {
            return None;
        }
        slot.future.take()
    }
}

/// What is dropped, and by which function of the program, as the stack has it.
fn let_go(frames: Vec<AwaitPlace>) -> LetGo {
    let mut inside: Vec<String> = Vec::new();
    for frame in frames {
        let Some(dropped) = dropped(&frame.function).map(str::to_owned) else {
            continue;
        };
        if !is_body(&dropped) {
            inside.push(dropped);
            continue;
        }
        if let Some(place) = body(dropped, frame) {
            return (named(&inside), Some(place));
        }
    }
    (named(&inside), None)
}

/// The type that a function drops, in the compiler's legacy mangling (`drop_in_place<T>`) or in its newer one, v0
/// (`drop_in_place::<T>`).
fn dropped(function: &str) -> Option<&str> {
    let (_, rest) = function.split_once("drop_in_place")?;
    let rest = rest.strip_prefix("::").unwrap_or(rest);
    rest.strip_prefix('<')?.strip_suffix('>')
}

/// Whether a type is the body of a function: `f::{{closure}}` in the legacy mangling, `f::{closure#0}` in v0, and
/// `f::{async_fn_env#0}` in debug information.
fn is_body(dropped: &str) -> bool {
    let is_closure = |last: &str| last.starts_with("{closure#") && last.ends_with('}');
    let last = dropped.rsplit("::").next();
    dropped.ends_with("{{closure}}") || dropped.contains("{async_") || last.is_some_and(is_closure)
}

/// The function whose body is dropped, if it is one of the program. Where the compiler has put that into a function of
/// others, the line is theirs and says nothing.
fn body(function: String, frame: AwaitPlace) -> Option<AwaitPlace> {
    let without_line = AwaitPlace {
        function,
        file: None,
        line: None,
    };
    let with_line = AwaitPlace {
        function: without_line.function.clone(),
        ..frame
    };
    let mut place = [with_line, without_line].into_iter().find(is_users)?;
    told(&mut place);
    Some(place)
}

/// The name of the outermost type that is dropped and says something.
fn named(inside: &[String]) -> Option<String> {
    let plumbing = [
        "core::",
        "std::",
        "alloc::",
        "deadheat::",
        "deadheat_tokio::",
        "[",
        "(",
        "&",
        "dyn ",
    ];
    let says = |of: &&String| !plumbing.iter().any(|plumbing| of.starts_with(plumbing));
    let path = bare(inside.iter().rev().find(says)?);
    path.rsplit("::").next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames of a lock's guard that is dropped with the body of a function of the program.
    fn let_go_of(guard: &str, body: &str) -> LetGo {
        let text = format!(
            "   3: {guard}\n             at /rustc/0a/library/core/src/ptr/mod.rs:523:1\n   \
             4: {body}\n             at ./src/transfer.rs:62:1\n"
        );
        let_go(frames::of(&text))
    }

    #[test]
    fn what_is_let_go_of_and_by_whom_is_read_in_both_manglings() {
        let legacy = let_go_of(
            "core::ptr::drop_in_place<tokio::sync::mutex::MutexGuard<u32>>",
            "core::ptr::drop_in_place<mine::transfer::{{closure}}>",
        );
        let v0 = let_go_of(
            "core::ptr::drop_in_place::<tokio::sync::mutex::MutexGuard<u32>>",
            "core::ptr::drop_in_place::<mine::transfer::{closure#0}>",
        );
        let (has, until) = &legacy;
        assert_eq!(has.as_deref(), Some("MutexGuard"));
        let until = until.as_ref().map(ToString::to_string);
        assert_eq!(
            until.as_deref(),
            Some("src/transfer.rs:62:1 in mine::transfer")
        );
        assert_eq!(v0, legacy);
    }
}
