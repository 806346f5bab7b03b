//! Work that tokio gives to a thread, as a turn of the run: what files and the standard streams are made of.
//!
//! 1. An operation is a task of the run that takes one turn. No virtual time passes in it, but for files in memory of which
//!    it was said.
//! 2. A write that was handed over is made, also if the run ends before its turn: tokio makes it as its runtime ends. Not
//!    where its host crashes.
//! 3. What was made on one side of a run and is used on the other panics with advice, in each of its operations.

mod buf;

pub(crate) use buf::Buf;

use std::io;

#[cfg(feature = "fs")]
use deadheat::net::Files;
use deadheat::program::Latency;

use crate::runtime::context;
use crate::task::{JoinHandle, spawn_operation_on};

/// How much a file or a stream reads or writes in one operation, unless it was told: as tokio does.
pub(crate) const DEFAULT_MAX_BUF_SIZE: usize = 2 * 1024 * 1024;

const MADE_OUTSIDE: &str = "a file, a listing or a standard stream of tokio's that was made outside of a deadheat run \
     was used inside of one, where an operation is a turn of the run: make it inside the run";

const MADE_INSIDE: &str = "a file, a listing or a standard stream of tokio's that was made inside a deadheat run was \
     used outside of that run: make it where it is used";

/// The run in which something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MadeIn(u32);

impl MadeIn {
    /// The run under way; none outside of one.
    #[track_caller]
    pub(crate) fn here() -> Option<MadeIn> {
        if !crate::sim::budget::in_run() {
            return None;
        }
        deadheat::program::run_id().map(MadeIn)
    }

    /// What was made in this run is used.
    #[track_caller]
    pub(crate) fn assert_here(self) {
        assert!(MadeIn::here() == Some(self), "{MADE_INSIDE}");
    }
}

/// What was made outside of a run is used.
#[track_caller]
pub(crate) fn assert_outside() {
    assert!(MadeIn::here().is_none(), "{MADE_OUTSIDE}");
}

/// Does an operation in a turn of its own. Inside a run only.
#[cfg(feature = "io-std")]
#[track_caller]
pub(crate) fn begin<R: 'static>(
    name: &'static str,
    operation: impl FnOnce() -> R + 'static,
) -> JoinHandle<R> {
    begin_after(None, name, operation)
}

/// Does an operation in a turn of its own, once the time has passed that it takes. Inside a run only.
#[track_caller]
pub(crate) fn begin_after<R: 'static>(
    takes: Option<Latency>,
    name: &'static str,
    operation: impl FnOnce() -> R + 'static,
) -> JoinHandle<R> {
    let owner = context::here().unwrap_or_else(|| panic!("{MADE_INSIDE}"));
    spawn_operation_on(&owner, (name, takes), operation)
}

/// Does a write in a turn of its own, and in any case. Inside a run only.
///
/// # Errors
///
/// If the runtime has been shut down.
#[track_caller]
pub(crate) fn begin_write<R: 'static>(
    takes: Option<Latency>,
    name: &'static str,
    write: impl FnOnce() -> R + 'static,
) -> io::Result<JoinHandle<R>> {
    if context::here().is_some_and(|owner| owner.is_closed()) {
        return Err(failed());
    }
    let write = InAnyCase(Some(write));
    Ok(begin_after(takes, name, move || write.make()))
}

/// Does an operation in a turn of its own, and waits for it. Inside a run only.
#[cfg(feature = "fs")]
pub(crate) async fn in_a_turn<T: 'static>(
    name: &'static str,
    operation: impl FnOnce() -> io::Result<T> + 'static,
) -> io::Result<T> {
    let takes = Files::here().and_then(Files::takes);
    begin_for_caller(takes, name, operation)
        .await
        .unwrap_or_else(|_| Err(failed()))
}

/// [`begin_after`] in an asynchronous function, which knows no caller: reports have the line of the program that awaits it.
#[cfg(feature = "fs")]
#[track_caller]
fn begin_for_caller<R: 'static>(
    takes: Option<Latency>,
    name: &'static str,
    operation: impl FnOnce() -> R + 'static,
) -> JoinHandle<R> {
    deadheat::program::stands_in_here();
    begin_after(takes, name, operation)
}

fn failed() -> io::Error {
    io::Error::other("background task failed")
}

/// Invariant 2: a write, which is made as it is dropped if it had no turn.
struct InAnyCase<F: FnOnce() -> R, R>(Option<F>);

impl<F: FnOnce() -> R, R> InAnyCase<F, R> {
    fn make(mut self) -> R {
        let write = self.0.take();
        write
            .map(|write| write())
            .expect("it is taken here and in its drop")
    }
}

impl<F: FnOnce() -> R, R> Drop for InAnyCase<F, R> {
    fn drop(&mut self) {
        if let Some(write) = self.0.take()
            && !deadheat::net::is_going_down()
        {
            write();
        }
    }
}
