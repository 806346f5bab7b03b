//! What `sleep` and `busy` take: a duration, or a range of two.

use deadheat_words::WordError;
use deadheat_words::duration::{parse_ns, parse_range_ns, write_ns};

use crate::ast::Latency;

/// Reads a duration such as `250ms`, or a range of two such as `1s..5s`.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::{ast::Latency, latency::parse_latency};
///
/// let range = Latency::Range { low_ns: 1_000_000, high_ns: 2_000_000_000 };
/// assert_eq!(parse_latency("1ms..2s"), Ok(range));
/// assert_eq!(parse_latency("3ns"), Ok(Latency::Exact(3)));
/// ```
///
/// # Errors
///
/// If a duration cannot be read or is negative, or the low end of a range is above its high end.
pub fn parse_latency(text: &str) -> Result<Latency, WordError> {
    match parse_range_ns(text) {
        None => parse_ns(text).map(Latency::Exact),
        Some(range) => range.map(|(low_ns, high_ns)| Latency::Range { low_ns, high_ns }),
    }
}

/// Writes what [`parse_latency`] reads.
pub fn write_latency(latency: Latency) -> String {
    match latency {
        Latency::Exact(ns) => write_ns(ns),
        Latency::Range { low_ns, high_ns } => {
            format!("{}..{}", write_ns(low_ns), write_ns(high_ns))
        }
    }
}
