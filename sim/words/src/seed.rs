//! Seeds.

use crate::digits::digits;
use crate::error::{Problem, WordError};

/// What a seed of a test looks like.
pub const EXPECTED: &str = "a whole number, decimal or 0x and hexadecimal, or \"random\"";

/// The seed of run 0 as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// This one.
    Fixed(u64),
    /// Another one each time, told before anything runs.
    Random,
}

/// Reads a seed of a test, in its attribute or in a variable: digits, `0x` and hexadecimal digits, or `random`.
///
/// # Examples
///
/// ```
/// use deadheat_words::seed::{Seed, parse};
///
/// assert_eq!(parse("12"), Ok(Seed::Fixed(12)));
/// assert_eq!(parse("0xff"), Ok(Seed::Fixed(255)));
/// assert_eq!(parse("random"), Ok(Seed::Random));
/// ```
///
/// # Errors
///
/// If the text is anything else, a number with a sign too.
pub fn parse(text: &str) -> Result<Seed, WordError> {
    if text == "random" {
        return Ok(Seed::Random);
    }
    let seed = number(text).map(Seed::Fixed);
    seed.ok_or_else(|| WordError::new(text, Problem::NoSeed, EXPECTED))
}

/// Decimal digits, or `0x` and hexadecimal ones.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => digits(hex, 16),
        None => digits(text, 10),
    }
}

/// Reads a seed of the command, which is always a number: it draws none.
///
/// # Examples
///
/// ```
/// use deadheat_words::seed::parse_number;
///
/// assert_eq!(parse_number("0xff"), Ok(255));
/// assert!(parse_number("random").is_err());
/// ```
///
/// # Errors
///
/// If the text is anything else, a number with a sign too.
pub fn parse_number(text: &str) -> Result<u64, WordError> {
    number(text).ok_or_else(|| {
        let expected = format!("a number from 0 to {}, decimal or 0x…", u64::MAX);
        WordError::new(text, Problem::NoSeed, expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_decimal_hexadecimal_or_random() {
        assert_eq!(parse("12"), Ok(Seed::Fixed(12)));
        assert_eq!(parse("0xff"), Ok(Seed::Fixed(255)));
        assert_eq!(parse("0xFF"), Ok(Seed::Fixed(255)));
        assert_eq!(parse("random"), Ok(Seed::Random));
        for bad in [
            "",
            "0x",
            "-1",
            "+1",
            "ff",
            "0x+1",
            "0XFF",
            "Random",
            "18446744073709551616",
        ] {
            let error = parse(bad).unwrap_err();
            assert_eq!(error.problem(), Problem::NoSeed, "{bad:?}");
            assert_eq!(error.expected(), EXPECTED);
        }
    }

    #[test]
    fn a_seed_of_the_command_is_a_number() {
        let read = [
            ("0", 0),
            ("12", 12),
            ("0xff", 255),
            ("18446744073709551615", u64::MAX),
        ];
        for (text, number) in read {
            assert_eq!(parse_number(text), Ok(number), "{text}");
        }
        for bad in [
            "",
            "0x",
            "-1",
            "+12",
            "0x+ff",
            "ff",
            "random",
            "18446744073709551616",
        ] {
            assert!(parse_number(bad).is_err(), "{bad:?}");
        }
    }
}
