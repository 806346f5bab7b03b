//! A moment of the standard library's clock of which it is known what the system's clock shows then.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::hooks::{Clock, Hooks, during, lifted};

/// A moment that stays the same in this process, near to when it was first asked for. A clock that is to begin anew begins
/// there, so that moments that were made by the real one are of about the same time.
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
    /// What a moment is made of, nobody is told: so one is made of what is known.
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
