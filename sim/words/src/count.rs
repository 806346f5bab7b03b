//! Counts: whole numbers from 1.

use crate::digits::digits;
use crate::error::{Problem, WordError};

/// On how many threads a test explores at most.
pub const JOBS_MAX: u64 = 1024;

/// What a count up to `most` looks like.
pub fn expected(most: u64) -> String {
    format!("a whole number from 1 to {most}")
}

/// Reads a number from 1 to `most`, in digits alone: no sign, no blanks.
///
/// # Examples
///
/// ```
/// use deadheat_words::count;
///
/// assert_eq!(count::parse("1000", u64::MAX), Ok(1_000));
/// let error = count::parse("0", 1024).unwrap_err();
/// assert_eq!(error.expected(), "a whole number from 1 to 1024");
/// ```
///
/// # Errors
///
/// If the text is anything else.
pub fn parse(text: &str, most: u64) -> Result<u64, WordError> {
    digits(text, 10)
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| WordError::new(text, Problem::NoCount, expected(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_digits_from_one_to_the_most() {
        assert_eq!(parse("1", 3), Ok(1));
        assert_eq!(parse("003", 3), Ok(3));
        assert_eq!(parse("18446744073709551615", u64::MAX), Ok(u64::MAX));
        for bad in [
            "", "0", "4", "-1", "+1", " 1", "1e3", "1_0", "0x1", "1.0", "１",
        ] {
            let error = parse(bad, 3).unwrap_err();
            assert_eq!(error.problem(), Problem::NoCount, "{bad:?}");
        }
        assert!(parse("18446744073709551616", u64::MAX).is_err());
    }
}
