//! Fault points: places of the program where something may go wrong.
//!
//! Whether it does is a decision like any other: recorded, replayed, and taken away by the shrinker. The
//! dullest choice is that nothing goes wrong, so FIFO on time has no faults.

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
    fault_of(name, &["fails"]) != 0
}

/// In which of these ways the thing of this name goes wrong here, from 1; 0 is not at all.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// # let run = deadheat::run(&deadheat::Config::new(), || async {
/// match deadheat::fault::fault_of("the reply", &["is lost", "comes twice"]) {
///     0 => (),                                    // as it should be, and always so in FIFO order
///     1 => (),                                    // nobody answers
///     _ => (),
/// }
/// # });
/// # run.unwrap();
/// ```
#[track_caller]
pub fn fault_of(name: &'static str, ways: &'static [&'static str]) -> usize {
    inside("fault", |world| world.fault(name, ways))
}
