//! Seeds.

use crate::count::digits;
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
    let number = match text.strip_prefix("0x") {
        Some(hex) => digits(hex, 16),
        None => digits(text, 10),
    };
    let seed = number.map(Seed::Fixed);
    seed.ok_or_else(|| WordError::new(text, Problem::NoSeed, EXPECTED))
}

/// Reads a seed of the command, which is always a number: it draws none. A plus before the digits is nothing.
///
/// # Examples
///
/// ```
/// use deadheat_words::seed::parse_number;
///
/// assert_eq!(parse_number("0xff"), Ok(255));
/// assert_eq!(parse_number("+7"), Ok(7));
/// assert!(parse_number("random").is_err());
/// ```
///
/// # Errors
///
/// If the text is anything else.
pub fn parse_number(text: &str) -> Result<u64, WordError> {
    let number = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    number.map_err(|_| {
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
    fn a_seed_of_the_command_is_a_number_that_may_have_a_plus() {
        let read = [
            ("0", 0),
            ("12", 12),
            ("+12", 12),
            ("0xff", 255),
            ("0x+ff", 255),
            ("18446744073709551615", u64::MAX),
        ];
        for (text, number) in read {
            assert_eq!(parse_number(text), Ok(number), "{text}");
        }
        for bad in ["", "0x", "-1", "ff", "random", "18446744073709551616"] {
            assert!(parse_number(bad).is_err(), "{bad:?}");
        }
    }
}
