//! Durations as a scenario and the command line write them: a number and a unit, `250ms` or `1.5s`.
//!
//! 1. Everything is whole nanoseconds; a decimal is accepted when it comes to a whole number of them.
//! 2. Nothing rounds and nothing wraps: a duration fits in an `i64` (about 292 years) or is an error.
//! 3. What [`write_ns`] writes, [`parse_ns`] reads back as the same number.
//!
//! No floats are involved. Compound forms (`1h30m`) are left out on purpose: `90m` says the same.

use std::fmt;

use crate::ast::Latency;

/// The units, longest first, with their length in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// More decimal places than this are a fraction of a nanosecond in every unit: an hour has 14 factors
/// of two, so its fifteenth place cannot come to a whole one.
const MAX_DECIMALS: usize = 14;

/// Why a text is not a duration, or not one of the kind that was asked for.
///
/// `Display` continues a sentence that begins with the text: `"5"` + `has no unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationError {
    /// It does not begin with a number such as `2` or `1.5`.
    NotANumber,
    /// A number and nothing behind it.
    NoUnit,
    /// A number, and behind it something else than `ns us ms s m h`.
    UnknownUnit,
    /// It is not a whole number of nanoseconds.
    TooFine,
    /// It does not fit in an `i64` of nanoseconds.
    TooLong,
    /// It is below zero where that has no meaning.
    Negative,
    /// It is a range where one value is needed.
    Range,
    /// It is a range whose low end is above its high end.
    Reversed,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "does not begin with a number",
            Self::NoUnit => "has no unit",
            Self::UnknownUnit => "has an unknown unit",
            Self::TooFine => "is not a whole number of nanoseconds",
            Self::TooLong => "is too long: the most is about 292 years (2^63 nanoseconds)",
            Self::Negative => "is negative",
            Self::Range => "is a range",
            Self::Reversed => "is a range whose low end is above its high end",
        })
    }
}

impl std::error::Error for DurationError {}

/// Reads a duration that is not below zero, in nanoseconds.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::duration::{DurationError, parse_ns};
///
/// assert_eq!(parse_ns("1.5s"), Ok(1_500_000_000));
/// assert_eq!(parse_ns("0.5ns"), Err(DurationError::TooFine));
/// assert_eq!(parse_ns("-1s"), Err(DurationError::Negative));
/// ```
///
/// # Errors
///
/// Every variant of [`DurationError`] but [`Reversed`](DurationError::Reversed).
pub fn parse_ns(text: &str) -> Result<u64, DurationError> {
    u64::try_from(parse_signed_ns(text)?).map_err(|_| DurationError::Negative)
}

/// Reads a duration that may begin with a minus, in nanoseconds.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::duration::parse_signed_ns;
///
/// assert_eq!(parse_signed_ns("-250us"), Ok(-250_000));
/// ```
///
/// # Errors
///
/// Every variant of [`DurationError`] but [`Negative`](DurationError::Negative) and
/// [`Reversed`](DurationError::Reversed).
pub fn parse_signed_ns(text: &str) -> Result<i64, DurationError> {
    if text.contains("..") {
        return Err(DurationError::Range);
    }
    let (negative, amount) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let magnitude = i128::try_from(magnitude_ns(amount)?).map_err(|_| DurationError::TooLong)?;
    let signed = if negative { -magnitude } else { magnitude };
    i64::try_from(signed).map_err(|_| DurationError::TooLong)
}

/// Reads what `sleep` and `busy` take: a duration, or a range of two such as `1s..5s`.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::{ast::Latency, duration::parse_latency};
///
/// let range = Latency::Range { low_ns: 1_000_000, high_ns: 2_000_000_000 };
/// assert_eq!(parse_latency("1ms..2s"), Ok(range));
/// assert_eq!(parse_latency("3ns"), Ok(Latency::Exact(3)));
/// ```
///
/// # Errors
///
/// Every variant of [`DurationError`].
pub fn parse_latency(text: &str) -> Result<Latency, DurationError> {
    let Some((low, high)) = text.split_once("..") else {
        return parse_ns(text).map(Latency::Exact);
    };
    let (low_ns, high_ns) = (parse_ns(low)?, parse_ns(high)?);
    if low_ns > high_ns {
        return Err(DurationError::Reversed);
    }
    Ok(Latency::Range { low_ns, high_ns })
}

/// Writes a duration as a whole number of the longest unit that divides it.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::duration::write_ns;
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

/// Writes a duration that may be below zero; see [`write_ns`].
pub fn write_signed_ns(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    format!("{sign}{}", write_ns(ns.unsigned_abs()))
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

/// A number without a sign, and a unit.
fn magnitude_ns(text: &str) -> Result<u128, DurationError> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(DurationError::NotANumber),
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || decimals.contains('.') {
        return Err(DurationError::NotANumber);
    }
    let length = u128::from(unit_ns(unit)?);
    let whole_ns = digits(whole)?
        .checked_mul(length)
        .ok_or(DurationError::TooLong)?;
    whole_ns
        .checked_add(decimals_ns(decimals, length)?)
        .ok_or(DurationError::TooLong)
}

fn unit_ns(unit: &str) -> Result<u64, DurationError> {
    if unit.is_empty() {
        return Err(DurationError::NoUnit);
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known
        .map(|(_, length)| *length)
        .ok_or(DurationError::UnknownUnit)
}

/// What the places behind the point come to.
fn decimals_ns(decimals: &str, length: u128) -> Result<u128, DurationError> {
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() {
        return Ok(0);
    }
    if decimals.len() > MAX_DECIMALS {
        return Err(DurationError::TooFine);
    }
    let scale = 10_u128.pow(decimals.len() as u32);
    let scaled = digits(decimals)? * length;
    if !scaled.is_multiple_of(scale) {
        return Err(DurationError::TooFine);
    }
    Ok(scaled / scale)
}

/// ASCII digits only ever fail by being too many.
fn digits(text: &str) -> Result<u128, DurationError> {
    text.parse().map_err(|_| DurationError::TooLong)
}
