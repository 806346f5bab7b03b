//! The moment of the standard library's clock that stands for the start of every sealed run.

use std::sync::LazyLock;
use std::time::{self, Duration};

use deadheat_seal::{Clock, Hooks, during};

/// What the standard library's clock shows at the start of each sealed run. It is near to what the real one shows, so that
/// moments from outside of runs are of the same time.
pub(crate) fn moment() -> time::Instant {
    ORIGIN.0
}

/// The same moment, and what the system's clock shows then.
static ORIGIN: LazyLock<(time::Instant, Duration)> = LazyLock::new(|| {
    /// A moment is made of what a clock shows, and shows it to nobody: so one is made of a known time.
    struct Known;

    impl Hooks for Known {
        fn read(&self, _: Clock) -> Option<Duration> {
            Some(KNOWN)
        }
    }
    const KNOWN: Duration = Duration::from_secs(1);
    #[expect(
        clippy::disallowed_methods,
        reason = "an origin, which no run depends on"
    )]
    let read = || time::Instant::now();
    let known = during(&Known, read);
    let real = deadheat_seal::lifted(read);
    (real, KNOWN + real.saturating_duration_since(known))
});

/// What the system's clock shows at that moment.
pub(crate) fn reading() -> Duration {
    ORIGIN.1
}
