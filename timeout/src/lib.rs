//! asyncio's timeouts for Rust, on any clock and any executor.
//!
//! Two forms of one thing:
//!
//! - **Rust-native**: [`timeout`] and [`Timeout::run`] drop the future at the deadline, like
//!   `tokio::time::timeout`; but the deadline of a [`Timeout`] can be moved while it runs, also from
//!   other tasks and threads, through its [`Handle`].
//! - **Cooperative**: [`task`] makes a cancellable task. Its waits ([`Cx::wait`], [`Cx::join`])
//!   deliver [`Cancelled`] as an error, so that the body can clean up, and clean-up can await.
//!   [`Cx::timeout`] is asyncio's `timeout`: at the deadline the task is asked to cancel, and the
//!   scope turns that one `Cancelled` into [`Elapsed`].
//!
//! Both are generic over a [`Clock`]; `TokioClock` is the one for production, and the `deadheat`
//! simulator brings one that tests control.
//!
//! # The contract
//!
//! The clauses that the documentation and the tests cite. The reference is CPython 3.13
//! (`asyncio/timeouts.py`, `tasks.py`) and async-timeout 5; where Rust forces a difference, the code
//! says `DIFFERENCE`.
//!
//! - **T1 deadline.** An instant of the scope's own clock, or none. A delay counts from the call; a
//!   sum that overflows the clock means none.
//! - **T2 enter.** Once only. Remembers as the baseline the owner's count of cancel requests, less
//!   one if a request still waits to be delivered (DIFFERENCE: CPython does not subtract it, gh-134471).
//! - **T3 zero or past.** Fires on the next turn, never inline: the body runs to its first
//!   suspension, and a body that ends before it suspends has not timed out.
//! - **T4 fire.** `expired()` is true from this moment. The owner gets exactly one cancel request.
//! - **T5 cancel request.** Delivered once, at the wait the task is in or the next one it enters. It
//!   beats a value that is ready in the same turn. A task that is waited for gets it instead. A task
//!   that is cancelled before its first turn never runs its body.
//! - **T6 exit.** Only if the count is back at the baseline and the body ended in `Cancelled` does
//!   the scope end in `Elapsed`; else the body's own end passes through.
//! - **T7** An outside cancel is never swallowed.
//! - **T8 reschedule.** In state `Active` only, from anywhere. A shift without a deadline is that error in every
//!   state.
//! - **T9** `when`, `expired` and `state` can be read at any time. No timer outlives its scope.
//! - **T10 nesting.** With equal deadlines only the outermost ends in `Elapsed`.
//! - **T11** A timeout error that the body raises does not make `expired()` true.
//! - **T12 `wait_for`**: [`wait_for`], [`Cx::wait_for`], [`Cx::wait_for_body`], [`Cx::wait_for_task`].
//! - **T13 `shield`**: [`shield`].
//! - **T14 `uncancel`**: [`Cx::uncancel`].
//! - **T15 the Rust-native form**: [`timeout`], [`timeout_at`], [`Timeout::run`]. At a tie the
//!   future is polled before the deadline, as in tokio.
//!
//! # Features
//!
//! `tokio` (default): `TokioClock`. `anyhow`: bodies may end in `anyhow::Error`. `tracing`: an event for each deadline
//! that is reached, a warning of target `deadheat_timeout` with the fields `name`, `place`, `delay_ms` and `lateness_ms`.
//!
//! # Which timeout was it?
//!
//! An [`Elapsed`] says it: its name ([`Timeout::named`]), where it was made, after what time it was due, and how late that was
//! noticed. A [`Metered`] clock tells what was left of those deadlines that were kept.
//!
//! # Errors of bodies
//!
//! [`Interrupted`] is ready-made. What else will do, and what makes it so, is said at [`BodyError`].

#[cfg(feature = "tokio")]
mod tokio_clock;

#[doc(inline)]
pub use deadheat_timeout_core::*;
#[cfg(feature = "tokio")]
pub use tokio_clock::{TokioClock, TokioTimer};
