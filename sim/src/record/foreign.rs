//! What reached a run from another thread: a wake, or a use of its clock.
//!
//! A run is a pure function of its inputs only if nothing outside takes part. What does is noted
//! here under the run's number, and the run says so when it ends. Entries exist only for runs that
//! are under way, so nothing piles up.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How something outside reached into a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Escape {
    /// A task was woken by another thread.
    Wake,
    /// The clock or a timer of the run was used on another thread.
    Clock,
    /// Work was given to a thread of tokio's.
    Thread,
}

impl std::fmt::Display for Escape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Escape::Wake => {
                "a task was woken from another thread; a run cannot repeat that: do the work in a task \
                 of the run (deadheat::spawn), or replace the thread, real clock or I/O by a simulated one"
            }
            Escape::Clock => {
                "the simulated clock was used on another thread; a run has one thread: use \
                 deadheat::spawn in place of std::thread::spawn or a thread pool"
            }
            Escape::Thread => {
                "work was given to a thread of tokio's (a look-up of a host name; or tokio::fs, stdin, stdout, \
                 spawn_blocking in a crate that uses tokio itself); a run has one thread: `cargo deadheat test` puts \
                 such a crate on the simulation; else keep files in memory, use tokio::io::duplex or \
                 deadheat::fault::Link in place of a connection"
            }
        })
    }
}

static NEXT_RUN: AtomicU32 = AtomicU32::new(1);
static NOTED: AtomicUsize = AtomicUsize::new(0);
static LIVE: Mutex<Vec<(u32, Vec<Escape>)>> = Mutex::new(Vec::new());

/// A number for a run that is about to begin; never zero.
pub(crate) fn next_run() -> u32 {
    loop {
        let run = NEXT_RUN.fetch_add(1, Ordering::Relaxed);
        if run != 0 {
            return run;
        }
    }
}

/// Notes that something outside reached into `run`.
pub(crate) fn report(run: u32, escape: Escape) {
    // Runs of a thread come one after the other: what is noted for a run that has ended would never
    // be taken, so only the newest notes are kept.
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    match live.iter_mut().find(|(of, _)| *of == run) {
        Some((_, escapes)) if escapes.contains(&escape) => return,
        Some((_, escapes)) => escapes.push(escape),
        None => {
            if live.len() >= 64 {
                live.remove(0);
            }
            live.push((run, vec![escape]));
        }
    }
    NOTED.fetch_add(1, Ordering::Release);
}

/// What was noted for `run`.
pub(crate) fn take(run: u32) -> Vec<Escape> {
    if NOTED.load(Ordering::Acquire) == 0 {
        return Vec::new();
    }
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    match live.iter().position(|(of, _)| *of == run) {
        Some(index) => live.swap_remove(index).1,
        None => Vec::new(),
    }
}
