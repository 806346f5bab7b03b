//! `select!`: which branch is polled first is a decision of the run.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::panic::Location;
use std::task::Context;

use tokio::task::coop;

/// Waits for the first of several branches, and drops the others; tokio's `select!`.
///
/// ```text
/// select! {
///     biased;                                             // may be left out
///     pattern = future, if condition => handler,          // up to 64 of them; the condition may be left out
///     else => handler                                     // may be left out
/// }
/// ```
///
/// # Timing
///
/// All conditions are looked at first, then all futures are made, then they are polled by the task itself.
/// With `biased;` they are polled in order. Without it, each poll goes around from another one: inside a
/// run that is a decision ([`deadheat::program::pick`]) among the enabled branches, of which the first is the dullest;
/// outside it is random. A branch whose output does not match its pattern is disabled.
///
/// # Panics
///
/// If every branch is disabled and there is no `else`.
///
/// # Cancel safety
///
/// The futures that lose are dropped where they wait, before the handler runs.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let won = tokio::select! {
///         () = tokio::time::sleep(Duration::from_secs(1)) => "short",
///         () = tokio::time::sleep(Duration::from_secs(2)) => "long",
///     };
///     assert_eq!(won, "short");
/// });
/// run.unwrap();
/// ```
#[macro_export]
macro_rules! select {
    ($($input:tt)*) => {
        $crate::__private::select! { $crate; $($input)* }
    };
}

/// Whether the turn's budget is used up, so that no future would do anything; then the task is woken again.
#[doc(hidden)]
#[inline]
pub fn must_yield(cx: &Context<'_>) -> bool {
    let must = !coop::has_budget_remaining();
    if must {
        cx.waker().wake_by_ref();
    }
    must
}

/// The branch that comes `nth` if `begin` comes first.
#[inline]
pub fn branch(begin: u32, nth: u32, branches: u32) -> u32 {
    (begin + nth) % branches
}

/// Where the next poll goes on, after others have gone first in the last one: a branch and one. Zero before the first poll,
/// and `FROM_THE_START` after one that others have not come before.
type GoesOnAt = u8;

const FROM_THE_START: GoesOnAt = u8::MAX;

/// Whether other threads go on before this branch is polled, with another one polled before it in the same turn. Then
/// the poll ends, and goes on later.
#[doc(hidden)]
#[inline]
#[track_caller]
pub fn pauses(at: &mut GoesOnAt, branch: u32, cx: &Context<'_>) -> bool {
    // What is ready at the first poll is so on threads, too.
    let pauses = *at == FROM_THE_START
        && crate::sim::budget::in_run()
        && crate::runtime::context::let_others_go_first(
            "the next branch of select! is polled",
            Location::caller(),
            cx,
        );
    if pauses {
        *at = branch as u8 + 1;
    }
    pauses
}

/// The poll has found every branch pending.
#[doc(hidden)]
#[inline]
pub fn waits(at: &mut GoesOnAt) {
    *at = FROM_THE_START;
}

/// The branch that a poll goes on with, if others have gone first in the last one.
#[doc(hidden)]
#[inline]
pub fn goes_on(at: &mut GoesOnAt) -> Option<u32> {
    if matches!(*at, 0 | FROM_THE_START) {
        return None;
    }
    let branch = u32::from(std::mem::take(at)) - 1;
    deadheat::program::others_went_first().then_some(branch)
}

/// The branch that is polled first: one of those that are not `disabled`, as the run decides, or at random
/// outside of one.
#[doc(hidden)]
#[inline]
#[track_caller]
pub fn begin_with(branches: u32, disabled: u64) -> u32 {
    let is_enabled = |branch: &u32| disabled & (1 << branch) == 0;
    let enabled = (0..branches).filter(is_enabled).count() as u64;
    if enabled < 2 {
        return 0;
    }
    let nth = match crate::sim::budget::in_run() {
        true => deadheat::program::pick(enabled),
        false => random(enabled),
    };
    let mut enabled = (0..branches).filter(is_enabled);
    enabled.nth(nth as usize).unwrap_or(0)
}

/// A random number below `bound`, outside of a run: SplitMix64 of a seed that the thread draws once.
fn random(bound: u64) -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0_u8));
    }
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % bound
}
