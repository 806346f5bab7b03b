//! Fault points: places of the program where something may go wrong.
//!
//! Whether it does is a decision like any other: recorded, replayed, and taken away by the shrinker. The
//! dullest choice is that nothing goes wrong, so FIFO on time has no faults.

use std::panic::Location;

use crate::engine::inside::inside;

/// Whether the thing of this name goes wrong here.
///
/// # Determinism
///
/// One decision; a run has at most [`Limits::faults`](crate::Limits::faults) faults, beyond which the
/// answer is no. In a sampled run how often it is yes is drawn once for the run, from never to as often
/// as not.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, fault};
///
/// let failure = check(&Config::new(), || async {
///     let written = !fault("writing to the disk");
///     assert!(written, "nobody looked at the result");
/// })
/// .unwrap_err();
/// assert!(failure.to_string().contains("writing to the disk fails"));
/// ```
#[track_caller]
pub fn fault(name: &'static str) -> bool {
    fault_of(name, &[("fails", ())]).is_some()
}

/// In which of these ways the thing of this name goes wrong here: what stands beside its words, or none if it does not.
///
/// The list is to be there for ever: where its values are not simple ones, make it a `const`.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::fault::fault_of;
///
/// enum Reply { Lost, Twice }
///
/// # let run = deadheat::run(&deadheat::Config::new(), || async {
/// match fault_of("the reply", &[("is lost", Reply::Lost), ("comes twice", Reply::Twice)]) {
///     None => (),                                 // as it should be, and always so in FIFO order
///     Some(Reply::Lost) => (),                    // nobody answers
///     Some(Reply::Twice) => (),
/// }
/// # });
/// # run.unwrap();
/// ```
#[track_caller]
pub fn fault_of<W>(name: &'static str, ways: &'static [(&'static str, W)]) -> Option<&'static W> {
    let from = Location::caller();
    inside("fault", |world| world.fault(name, ways, from))
}
