//! Where and when a program is: the run, the task, the clock.
//!
//! What needs a run panics outside of one, with a message that says so, as tokio's functions do outside of a
//! runtime.

use std::panic::Location;

use crate::base::time::Instant;
use crate::engine::clock::SimClock;
use crate::engine::inside::inside;
use crate::state::world;

/// Whether this is inside a run, on the run's own thread.
///
/// # Examples
///
/// ```
/// assert!(!deadheat::program::in_run());
/// deadheat::run(&deadheat::Config::new(), || async { assert!(deadheat::program::in_run()) }).unwrap();
/// ```
#[inline]
pub fn in_run() -> bool {
    world::run_number() != 0
}

/// The clock of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     let (late, never) = (std::time::Duration::from_secs(3), std::future::pending::<()>());
///     assert!(deadheat_timeout::timeout(&deadheat::clock(), late, never).await.is_err());
/// }).unwrap();
/// ```
#[track_caller]
pub fn clock() -> SimClock {
    SimClock::of(inside("clock", |world| world.run))
}

/// The present moment of this run.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::now(), deadheat::Instant::START);
/// }).unwrap();
/// ```
#[track_caller]
pub fn now() -> Instant {
    let from = Location::caller();
    inside("now", |world| {
        world.recorder.reads_clock(from);
        world.instant()
    })
}

/// A number of this run that no other run of this process has; none outside of a run. It is not the same when
/// the run is made again.
///
/// # Examples
///
/// ```
/// assert_eq!(deadheat::program::run_id(), None);
/// ```
#[inline]
pub fn run_id() -> Option<u32> {
    match world::run_number() {
        0 => None,
        run => Some(run),
    }
}

/// Says that the caller's line stands in for whoever called it: what that line causes has, in traces and reports, the line of
/// the program that is above it on the stack. It is for an asynchronous function of a library that stands in for another
/// one: `#[track_caller]` does nothing there. Outside of a run, and where no trace is kept, nothing happens.
///
/// # Examples
///
/// ```
/// async fn write() {
///     deadheat::program::stands_in_here(); deadheat::spawn(async {}).await.unwrap();
/// }
/// let run = deadheat::run(&deadheat::Config::new().trace(true), write).unwrap();
/// assert!(run.trace().events.iter().any(|event| event.origin.is_some()));
/// ```
#[track_caller]
pub fn stands_in_here() {
    let from = Location::caller();
    world::current(|world| {
        if world.recorder.keeps {
            world.recorder.origins.stands_in(from);
        }
    });
}

/// The number of the task that takes its turn, in the order of spawning from 0; none outside of a run, and
/// in a program's start, finish and teardown.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::program::current_task(), Some(0)); // the future that was given to `run`
///     deadheat::spawn(async { assert_eq!(deadheat::program::current_task(), Some(1)) }).await.unwrap();
/// }).unwrap();
/// ```
#[inline]
pub fn current_task() -> Option<u32> {
    world::current(|world| world.current).flatten()
}
