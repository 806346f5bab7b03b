//! A moment, as the standard library's `Instant` and as the reading of the system's clock that it was made of.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::hooks::{Clock, Hooks, during, lifted};

/// A moment of this process: the one at which this was first called. It is the same from then on.
///
/// A clock that begins anew begins there. So it shows about what the real one shows, and moments of the two can be compared.
///
/// # Examples
///
/// ```
/// use deadheat_seal::{Clock, Hooks, during, is_installed, origin, origin_reading};
/// use std::time::{Duration, Instant};
///
/// struct There;
///
/// impl Hooks for There {
///     fn read(&self, _: Clock) -> Option<Duration> {
///         Some(origin_reading())
///     }
/// }
///
/// assert!(!is_installed() || during(&There, Instant::now) == origin());
/// ```
pub fn origin() -> Instant {
    ORIGIN.0
}

/// What the system's clock shows at [`origin`].
pub fn origin_reading() -> Duration {
    ORIGIN.1
}

static ORIGIN: LazyLock<(Instant, Duration)> = LazyLock::new(|| {
    /// An `Instant` does not tell its reading. So one is made whose reading is known, and others are measured from it.
    struct Known;

    impl Hooks for Known {
        fn read(&self, _: Clock) -> Option<Duration> {
            Some(KNOWN)
        }
    }
    const KNOWN: Duration = Duration::from_secs(1);
    let known = during(&Known, Instant::now);
    let real = lifted(Instant::now);
    (real, KNOWN + real.saturating_duration_since(known))
});
