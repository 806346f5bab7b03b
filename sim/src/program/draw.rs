//! The program's own draws, and a generator for the `rand` crate's distributions that is fed by them.

use std::convert::Infallible;
use std::panic::Location;

use rand_core::TryRng;

use crate::engine::inside::inside;

/// A number below `bound`, drawn from the run's seed; zero if `bound` is zero.
///
/// # Determinism
///
/// One draw of the stream [`Purpose::User`](crate::decide::Purpose::User), apart from the scheduler's.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert!(deadheat::random(6) < 6);
/// }).unwrap();
/// ```
#[track_caller]
pub fn random(bound: u64) -> u64 {
    let from = Location::caller();
    inside("random", |world| world.draw(bound, from))
}

/// Which of `options` comes first where the program leaves that open, as a `select!` does: a decision of
/// the run, of which 0 is the dullest. Zero if there are fewer than two.
///
/// # Determinism
///
/// The scheduler decides; so other than with [`random`] a shrunk run takes 0 wherever that does not matter.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     assert_eq!(deadheat::program::pick(2), 0, "in FIFO order the first one");
/// }).unwrap();
/// ```
#[track_caller]
pub fn pick(options: u64) -> u64 {
    let at = Location::caller();
    inside("pick", |world| world.pick(options, at))
}

/// A generator of the run's own draws: a `rand::Rng`, for distributions, shuffles and samples.
///
/// Every 32 bits are one draw of the stream [`Purpose::User`](crate::decide::Purpose::User), so they follow
/// from the seed, whoever schedules. Which numbers a distribution makes of them is `rand`'s affair, and
/// may change with its version; [`random`](crate::random) never does.
///
/// # Panics
///
/// Outside of a run, when it draws.
///
/// # Examples
///
/// ```
/// use rand::seq::SliceRandom;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let mut order = [1, 2, 3, 4, 5];
///     order.shuffle(&mut deadheat::program::rng());
/// });
/// run.unwrap();
/// ```
pub fn rng() -> UserRng {
    UserRng { _private: () }
}

/// The generator of [`rng`].
#[derive(Debug, Clone)]
pub struct UserRng {
    _private: (),
}

impl TryRng for UserRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(random(1 << 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let (low, high) = (random(1 << 32), random(1 << 32));
        Ok(high << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let drawn = (random(1 << 32) as u32).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}
