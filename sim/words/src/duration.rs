//! Durations: a number and a unit, `250ms` or `1.5s`.
//!
//! 1. Everything is whole nanoseconds; a decimal is accepted when it comes to a whole number of them.
//! 2. Nothing rounds and nothing wraps: a duration fits in an `i64` (about 292 years) or is an error.
//! 3. What [`write_ns`] writes, [`parse_ns`] reads back as the same number.
//!
//! No floats are involved. Compound forms (`1h30m`) are left out on purpose: `90m` says the same.
//!
//! A scenario file needs a unit always. A setting (an argument of the attribute, a variable, an option of the
//! command) may also be plain `0`: see [`setting`].

use std::time::Duration;

use crate::digits::digits;
use crate::error::{Problem, WordError};

/// The units, longest first, with their length in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// More decimal places than this are a fraction of a nanosecond in every unit: an hour has 13 factors
/// of two, so its fourteenth place cannot come to a whole one.
const MAX_DECIMALS: usize = 13;

/// What a duration looks like, with examples such as `1ms or 2.5s`.
///
/// # Examples
///
/// ```
/// use deadheat_words::duration::expected;
///
/// assert_eq!(expected("30s"), "a number and a unit (ns us ms s m h), such as 30s");
/// ```
pub fn expected(examples: &str) -> String {
    let units: Vec<&str> = UNITS.iter().rev().map(|(name, _)| *name).collect();
    format!(
        "a number and a unit ({}), such as {examples}",
        units.join(" ")
    )
}

/// Reads a duration that is not below zero, in nanoseconds.
///
/// # Examples
///
/// ```
/// use deadheat_words::{Problem, duration::parse_ns};
///
/// assert_eq!(parse_ns("1.5s"), Ok(1_500_000_000));
/// assert_eq!(parse_ns("0.5ns").unwrap_err().problem(), Problem::TooFine);
/// assert_eq!(parse_ns("-1s").unwrap_err().problem(), Problem::Negative);
/// ```
///
/// # Errors
///
/// If the text is something else; a range and a duration below zero are told apart from the rest.
pub fn parse_ns(text: &str) -> Result<u64, WordError> {
    unsigned(text).map_err(|problem| error(text, problem))
}

/// Reads a duration that may begin with a minus, in nanoseconds.
///
/// # Examples
///
/// ```
/// use deadheat_words::duration::parse_signed_ns;
///
/// assert_eq!(parse_signed_ns("-250us"), Ok(-250_000));
/// ```
///
/// # Errors
///
/// If the text is something else; a range is told apart from the rest.
pub fn parse_signed_ns(text: &str) -> Result<i64, WordError> {
    signed(text).map_err(|problem| error(text, problem))
}

/// Reads a range of two durations, such as `1s..5s`: the low end and the high end, in nanoseconds. None if
/// it has no `..`.
///
/// # Examples
///
/// ```
/// use deadheat_words::{Problem, duration::parse_range_ns};
///
/// assert_eq!(parse_range_ns("1ms..2s"), Some(Ok((1_000_000, 2_000_000_000))));
/// assert_eq!(parse_range_ns("3ns"), None);
/// let reversed = parse_range_ns("2s..1s").unwrap();
/// assert_eq!(reversed.unwrap_err().problem(), Problem::Reversed);
/// ```
///
/// # Errors
///
/// If an end is not what [`parse_ns`] reads, or the low end is above the high end.
pub fn parse_range_ns(text: &str) -> Option<Result<(u64, u64), WordError>> {
    let (low, high) = text.split_once("..")?;
    let ends = unsigned(low).and_then(|low| Ok((low, unsigned(high)?)));
    let range = ends.and_then(|(low, high)| {
        if low > high {
            Err(Problem::Reversed)
        } else {
            Ok((low, high))
        }
    });
    Some(range.map_err(|problem| error(text, problem)))
}

/// Reads a duration as a setting has it: what [`parse_ns`] reads, or plain `0`.
///
/// # Examples
///
/// ```
/// use deadheat_words::duration::{parse_ns, setting};
/// use std::time::Duration;
///
/// assert_eq!(setting("2.5s"), Ok(Duration::from_millis(2_500)));
/// assert_eq!(setting("0"), Ok(Duration::ZERO));
/// assert!(parse_ns("0").is_err());
/// ```
///
/// # Errors
///
/// Those of [`parse_ns`].
pub fn setting(text: &str) -> Result<Duration, WordError> {
    match text {
        "0" => Ok(Duration::ZERO),
        text => parse_ns(text).map(Duration::from_nanos),
    }
}

/// Reads a setting for which zero has no meaning.
///
/// # Examples
///
/// ```
/// use deadheat_words::{Problem, duration::more_than_none};
///
/// assert_eq!(more_than_none("0s").unwrap_err().problem(), Problem::NoTime);
/// ```
///
/// # Errors
///
/// Those of [`setting`], and [`Problem::NoTime`].
pub fn more_than_none(text: &str) -> Result<Duration, WordError> {
    match setting(text)? {
        Duration::ZERO => Err(WordError::new(text, Problem::NoTime, "more than no time")),
        time => Ok(time),
    }
}

/// Writes a duration as a whole number of the longest unit that divides it.
///
/// # Examples
///
/// ```
/// use deadheat_words::duration::write_ns;
///
/// assert_eq!(write_ns(1_500_000_000), "1500ms");
/// assert_eq!(write_ns(120_000_000_000), "2m");
/// assert_eq!(write_ns(0), "0s");
/// ```
pub fn write_ns(ns: u64) -> String {
    if ns == 0 {
        return "0s".to_owned();
    }
    let (unit, length) = UNITS
        .iter()
        .find(|(_, length)| ns.is_multiple_of(*length))
        .unwrap_or(&("ns", 1));
    format!("{}{unit}", ns / length)
}

/// Writes a duration as [`write_ns`] does; one that is too long for the virtual clock as the longest.
///
/// # Examples
///
/// ```
/// use deadheat_words::duration::write;
/// use std::time::Duration;
///
/// assert_eq!(write(Duration::from_millis(90)), "90ms");
/// ```
pub fn write(time: Duration) -> String {
    let longest = i64::MAX.unsigned_abs();
    let ns = u64::try_from(time.as_nanos()).unwrap_or(longest);
    write_ns(ns.min(longest))
}

/// Writes a duration that may be below zero; see [`write_ns`].
pub fn write_signed_ns(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}", write_ns(ns.unsigned_abs()))
}

fn error(text: &str, problem: Problem) -> WordError {
    WordError::new(text, problem, expected("1ms or 2.5s"))
}

fn unsigned(text: &str) -> Result<u64, Problem> {
    u64::try_from(signed(text)?).map_err(|_| Problem::Negative)
}

fn signed(text: &str) -> Result<i64, Problem> {
    if text.contains("..") {
        return Err(Problem::Range);
    }
    let (negative, amount) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let magnitude = i128::try_from(magnitude_ns(amount)?).map_err(|_| Problem::TooLong)?;
    let signed = if negative { -magnitude } else { magnitude };
    i64::try_from(signed).map_err(|_| Problem::TooLong)
}

/// A number without a sign, and a unit.
fn magnitude_ns(text: &str) -> Result<u128, Problem> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(Problem::NotANumber),
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || decimals.contains('.') {
        return Err(Problem::NotANumber);
    }
    let length = u128::from(unit_ns(unit)?);
    let whole_ns = plain_number(whole)?
        .checked_mul(length)
        .ok_or(Problem::TooLong)?;
    whole_ns
        .checked_add(decimals_ns(decimals, length)?)
        .ok_or(Problem::TooLong)
}

fn unit_ns(unit: &str) -> Result<u64, Problem> {
    if unit.is_empty() {
        return Err(Problem::NoUnit);
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map(|(_, length)| *length).ok_or(Problem::UnknownUnit)
}

/// What the places behind the point come to.
fn decimals_ns(decimals: &str, length: u128) -> Result<u128, Problem> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Ok(0);
    }
    if decimals.len() > MAX_DECIMALS {
        return Err(Problem::TooFine);
    }
    let scale = 10_u128.pow(decimals.len() as u32);
    let scaled = plain_number(decimals)? * length;
    if !scaled.is_multiple_of(scale) {
        return Err(Problem::TooFine);
    }
    Ok(scaled / scale)
}

/// ASCII digits only ever fail by being too many.
fn plain_number(text: &str) -> Result<u128, Problem> {
    digits(text, 10).ok_or(Problem::TooLong)
}

#[cfg(test)]
mod tests;
