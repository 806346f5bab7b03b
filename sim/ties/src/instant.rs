//! Virtual moments for crates that speak of time in `std::time::Instant`.
//!
//! A `std::time::Instant` can only be had from the real clock. So that clock is read once in a process (by
//! deadheat), for a moment that stands for the start of every run; all others are this one and a virtual duration. A
//! program that compares and subtracts moments, which is all that the type allows, cannot tell when it was.

use std::time;

use deadheat::Instant;
use deadheat::beside::origin;

/// A moment of a run, as the standard library's type.
///
/// A moment before the start of the run is the start, if the platform has nothing before it.
///
/// # Examples
///
/// ```
/// use deadheat::Instant;
/// use deadheat_ties::{from_std, to_std};
/// use std::time::Duration;
///
/// let at = Instant::START + Duration::from_nanos(1_500_000_001);
/// assert_eq!(to_std(at) - to_std(Instant::START), Duration::from_nanos(1_500_000_001));
/// assert_eq!(from_std(to_std(at)), at);
/// ```
pub fn to_std(at: Instant) -> time::Instant {
    let by = time::Duration::from_nanos(at.as_nanos().unsigned_abs());
    let shifted = match at < Instant::START {
        true => origin().checked_sub(by),
        false => origin().checked_add(by),
    };
    shifted.unwrap_or(origin())
}

/// The moment of a run that [`to_std`] made this of. One that lies beyond the clock of a run is its last
/// moment, or its first.
///
/// A moment of the real clock is none of a run's, and means nothing here.
pub fn from_std(at: time::Instant) -> Instant {
    match at.checked_duration_since(origin()) {
        Some(after) => Instant::START.saturating_add(after),
        None => {
            let before = origin().saturating_duration_since(at);
            let first = Instant::from_nanos(i64::MIN);
            Instant::START.checked_sub(before).unwrap_or(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_moment_around_the_start_comes_back() {
        for nanos in [-1_000_000_001, -1, 0, 1, 999, 3_600_000_000_000] {
            let at = Instant::from_nanos(nanos);
            assert_eq!(from_std(to_std(at)), at);
        }
    }

    #[test]
    fn moments_keep_their_distance_to_the_nanosecond() {
        let (early, late) = (Instant::from_nanos(7), Instant::from_nanos(1_000_000_008));
        let between = Duration::from_nanos(1_000_000_001);
        assert_eq!(to_std(late) - to_std(early), between);
    }

    #[test]
    fn what_lies_beyond_the_clock_is_its_last_moment() {
        let year = Duration::from_secs(365 * 86_400);
        let far = to_std(Instant::START).checked_add(year * 1_000);
        assert!(far.is_none_or(|far| from_std(far) == Instant::MAX));
    }
}
