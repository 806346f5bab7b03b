//! The feature `tracing`: one event for each deadline that has been reached.

use crate::elapsed::Elapsed;

/// Tells whoever listens.
#[cfg(feature = "tracing")]
#[cold]
pub(crate) fn elapsed(elapsed: &Elapsed) {
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    tracing::warn!(
        target: "deadheat_timeout",
        name = elapsed.name(),
        place = %elapsed.place(),
        delay_ms = elapsed.delay().map(milliseconds),
        lateness_ms = elapsed.lateness().map(milliseconds),
        "{elapsed}"
    );
}

/// Nobody listens.
#[cfg(not(feature = "tracing"))]
#[inline]
pub(crate) fn elapsed(elapsed: &Elapsed) {
    let _ = elapsed;
}
