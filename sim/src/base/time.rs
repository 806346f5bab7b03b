//! Virtual time: whole nanoseconds since the start of the run, signed, so that a deadline may lie
//! before it. No floats, no ticks, no relation to any real clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment of a run, in nanoseconds since its start.
///
/// # Examples
///
/// ```
/// use deadheat::Instant;
/// use std::time::Duration;
///
/// let at = Instant::START + Duration::from_millis(1500);
/// assert_eq!(at.as_nanos(), 1_500_000_000);
/// assert_eq!(at.to_string(), "1.5 s");
/// assert_eq!((at + Duration::from_nanos(1)).to_string(), "1.5 s + 1 ns");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

impl Instant {
    /// The start of the run.
    pub const START: Instant = Instant(0);
    /// The last moment there is: about 292 years after the start.
    pub const MAX: Instant = Instant(i64::MAX);

    /// The moment `nanos` after the start, or before it.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Instant;
    ///
    /// assert!(Instant::from_nanos(-1) < Instant::START);
    /// ```
    pub const fn from_nanos(nanos: i64) -> Self {
        Instant(nanos)
    }

    /// Nanoseconds since the start.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deadheat::Instant::START.as_nanos(), 0);
    /// ```
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// `self + by`, or `None` after the last moment there is.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Instant;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Instant::MAX.checked_add(Duration::from_nanos(1)), None);
    /// ```
    #[inline]
    pub fn checked_add(self, by: Duration) -> Option<Self> {
        self.0.checked_add(nanos(by)?).map(Instant)
    }

    /// `self - by`, or `None` before the first moment there is.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Instant;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Instant::START.checked_sub(Duration::from_nanos(1)), Some(Instant::from_nanos(-1)));
    /// ```
    #[inline]
    pub fn checked_sub(self, by: Duration) -> Option<Self> {
        self.0.checked_sub(nanos(by)?).map(Instant)
    }

    /// `self + by`, at most the last moment there is.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Instant;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Instant::MAX.saturating_add(Duration::from_secs(1)), Instant::MAX);
    /// ```
    #[inline]
    pub fn saturating_add(self, by: Duration) -> Self {
        self.checked_add(by).unwrap_or(Instant::MAX)
    }

    /// How long after `earlier` this is; zero if it is not after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::Instant;
    /// use std::time::Duration;
    ///
    /// let later = Instant::START + Duration::from_secs(1);
    /// assert_eq!(later.saturating_duration_since(Instant::START), Duration::from_secs(1));
    /// assert_eq!(Instant::START.saturating_duration_since(later), Duration::ZERO);
    /// ```
    pub fn saturating_duration_since(self, earlier: Instant) -> Duration {
        let nanos = i128::from(self.0) - i128::from(earlier.0);
        u64::try_from(nanos).map_or(Duration::ZERO, Duration::from_nanos)
    }

    /// Reads what a trace has: seconds with a fraction.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix('s')?.trim_end();
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (whole, fraction) = number.split_once('.')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !(3..=9).contains(&fraction.len())
            || !digits(whole)
            || !digits(fraction)
        {
            return None;
        }
        let scale = 10i128.pow(9 - u32::try_from(fraction.len()).ok()?);
        let nanos = whole.parse::<i128>().ok()?.checked_mul(1_000_000_000)?
            + fraction.parse::<i128>().ok()? * scale;
        i64::try_from(if negative { -nanos } else { nanos })
            .ok()
            .map(Instant)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&told(self.0))
    }
}

/// A duration in nanoseconds, if it is no longer than the clock.
#[inline]
fn nanos(by: Duration) -> Option<i64> {
    let seconds = i64::try_from(by.as_secs()).ok()?;
    let nanos = seconds.checked_mul(1_000_000_000)?;
    nanos.checked_add(i64::from(by.subsec_nanos()))
}

/// Seconds with three decimals, or as many as the nanoseconds need.
pub(crate) fn seconds(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let (whole, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    match rest {
        _ if rest % 1_000_000 == 0 => format!("{sign}{whole}.{:03}", rest / 1_000_000),
        _ if rest % 1_000 == 0 => format!("{sign}{whole}.{:06}", rest / 1_000),
        _ => format!("{sign}{whole}.{rest:09}"),
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    /// Saturates at the last moment there is.
    fn add(self, by: Duration) -> Instant {
        self.saturating_add(by)
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    /// Zero if `earlier` is later.
    fn sub(self, earlier: Instant) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// A moment or a span as people write it: "100 ms", "1.5 s", and "100 ms − 1 ns" next to a round one.
pub(crate) fn told(nanos: i64) -> String {
    const MS: i64 = 1_000_000;
    /// Nearer than this to a whole millisecond, the distance is told.
    const NEAR: i64 = 1_000;
    let (below, after) = (nanos.div_euclid(MS), nanos.rem_euclid(MS));
    let (whole, off) = match after > MS / 2 {
        true => (below + 1, after - MS),
        false => (below, after),
    };
    match off {
        0 => of_millis(whole),
        _ if whole != 0 && off.abs() <= NEAR => {
            let sign = if off < 0 { '−' } else { '+' };
            format!("{} {sign} {} ns", of_millis(whole), off.abs())
        }
        _ if nanos.abs() < NEAR => format!("{nanos} ns"),
        _ if nanos.abs() < MS => format!("{} µs", decimal(nanos, NEAR)),
        _ if nanos.abs() < 1_000 * MS => format!("{} ms", decimal(nanos, MS)),
        _ => format!("{} s", decimal(nanos, 1_000 * MS)),
    }
}

fn of_millis(millis: i64) -> String {
    match millis.abs() {
        0..1_000 => format!("{millis} ms"),
        _ => format!("{} s", decimal(millis, 1_000)),
    }
}

/// A number of parts as a decimal number of what has `unit` of them, with no zeros at its end.
fn decimal(parts: i64, unit: i64) -> String {
    let sign = if parts < 0 { "-" } else { "" };
    let (parts, unit) = (parts.unsigned_abs(), unit.unsigned_abs());
    let digits = unit.ilog10() as usize;
    let text = format!("{sign}{}.{:0digits$}", parts / unit, parts % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_time_is_told_as_people_write_it() {
        let told: Vec<String> = [
            0,
            999,
            1_500,
            100_000_000,
            99_999_999,
            100_000_001,
            100_250_000,
            1_500_000_000,
            60_000_000_000,
            60_000_000_001,
            -5_000_000,
            i64::MAX,
        ]
        .into_iter()
        .map(told)
        .collect();
        let expected = [
            "0 ms",
            "999 ns",
            "1.5 µs",
            "100 ms",
            "100 ms − 1 ns",
            "100 ms + 1 ns",
            "100.25 ms",
            "1.5 s",
            "60 s",
            "60 s + 1 ns",
            "-5 ms",
            "9223372036.854775807 s",
        ];
        assert_eq!(told, expected);
    }
}
