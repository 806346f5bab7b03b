//! How long a watchdog waits.

use std::time::Duration;

use crate::duration;
use crate::error::WordError;

/// How long the watchdog waits for a step of a run, in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// For so long.
    For(Duration),
    /// For ever: there is no watchdog.
    Forever,
}

/// Reads `off`, or a duration of more than no time.
///
/// # Examples
///
/// ```
/// use deadheat_words::patience::{Patience, parse};
/// use std::time::Duration;
///
/// assert_eq!(parse("off"), Ok(Patience::Forever));
/// assert_eq!(parse("5s"), Ok(Patience::For(Duration::from_secs(5))));
/// ```
///
/// # Errors
///
/// If the text is anything else. What is expected leaves out `off`, which each place quotes in its own way.
pub fn parse(text: &str) -> Result<Patience, WordError> {
    match text {
        "off" => Ok(Patience::Forever),
        text => duration::more_than_none(text).map(Patience::For),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problem;

    #[test]
    fn patience_is_more_than_no_time_or_none_is_needed() {
        assert_eq!(parse("off"), Ok(Patience::Forever));
        assert_eq!(parse("2s"), Ok(Patience::For(Duration::from_secs(2))));
        let problem = |text| parse(text).map_err(|error| error.problem());
        assert_eq!(problem("0"), Err(Problem::NoTime));
        assert_eq!(problem("0s"), Err(Problem::NoTime));
        assert_eq!(problem("on"), Err(Problem::NotANumber));
        assert_eq!(problem("Off"), Err(Problem::NotANumber));
    }
}
