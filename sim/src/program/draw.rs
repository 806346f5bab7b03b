//! A generator for the `rand` crate's distributions, fed by the run's own draws.

use std::convert::Infallible;

use rand_core::TryRng;

use crate::program::inside;

/// A generator of the run's own draws: a `rand::Rng`, for distributions, shuffles and samples.
///
/// Every 32 bits are one draw of the stream [`Purpose::User`](crate::Purpose::User), so they follow
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
///     order.shuffle(&mut deadheat::rng());
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
        Ok(inside::random(1 << 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let (low, high) = (inside::random(1 << 32), inside::random(1 << 32));
        Ok(high << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let drawn = (inside::random(1 << 32) as u32).to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}
