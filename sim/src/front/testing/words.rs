//! How a setting is written: durations, seeds, and which known word was meant by an unknown one.
//!
//! The attribute reads its arguments when a test is compiled, the library reads the environment when it
//! is run, and a procedural macro can export nothing but macros. So this file stands in both packages,
//! and a test holds the two equal.

use std::time::Duration;

/// What a duration may look like.
pub(crate) const DURATION: &str = "a number and a unit (ns us ms s m h), such as 1ms or 2.5s";
/// What a seed may look like.
pub(crate) const SEED: &str = "a whole number, decimal or 0x and hexadecimal, or \"random\"";

/// The seed of run 0 as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// This one.
    Fixed(u64),
    /// Another one each time, told before anything runs.
    Random,
}

/// Reads a seed.
pub(crate) fn seed(text: &str) -> Option<Seed> {
    if text == "random" {
        return Some(Seed::Random);
    }
    let number = match text.strip_prefix("0x") {
        Some(hex) => digits(hex, 16),
        None => digits(text, 10),
    };
    number.map(Seed::Fixed)
}

/// Reads a number in digits alone: no sign, no blanks.
pub(crate) fn digits(text: &str, radix: u32) -> Option<u64> {
    let plain = text.chars().all(|c| c.is_digit(radix));
    if plain {
        u64::from_str_radix(text, radix).ok()
    } else {
        None
    }
}

const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];
/// No unit has a whole number of nanoseconds with more places than this.
const PLACES_MAX: usize = 14;

/// Reads a duration of whole nanoseconds that fits the virtual clock.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let (_, unit_ns) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let (whole, part) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some(halves) => halves,
        None => (number, ""),
    };
    if part.len() > PLACES_MAX {
        return None;
    }
    let scale = 10_u128.pow(part.len() as u32);
    let part = if part.is_empty() {
        0
    } else {
        digits(part, 10)?
    };
    let number = u128::from(digits(whole, 10)?).checked_mul(scale)? + u128::from(part);
    let scaled = number.checked_mul(*unit_ns)?;
    let nanos = i64::try_from(scaled / scale).ok()?;
    let is_whole = scaled.is_multiple_of(scale);
    is_whole.then(|| Duration::from_nanos(nanos.unsigned_abs()))
}

/// The known word that was most likely meant, if any is near.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().copied();
    let near = near.min_by_key(|known| edits(word, known))?;
    let most = (near.len() / 3).max(1);
    let begins = word.len() >= 3 && (near.starts_with(word) || word.starts_with(near));
    (edits(word, near) <= most || begins).then_some(near)
}

/// How many letters must be put in, taken away, exchanged or swapped with the next (Damerau and
/// Levenshtein's distance, each place edited once). Long words count as their beginnings.
fn edits(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(40).collect();
    let other: Vec<char> = other.chars().take(40).collect();
    let mut rows = vec![(0..=other.len()).collect::<Vec<usize>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let exchanged = rows[i][j] + usize::from(a != b);
            let mut least = exchanged.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_nanoseconds_with_a_unit() {
        let read = |text| duration(text).map(|duration| duration.as_nanos());
        assert_eq!(read("1ms"), Some(1_000_000));
        assert_eq!(read("2.5s"), Some(2_500_000_000));
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("90m"), Some(5_400_000_000_000));
        for bad in [
            "",
            "5",
            "ms",
            "1 ms",
            "-1s",
            "1.s",
            ".5s",
            "0.5ns",
            "1e3s",
            "1s1",
            "+1s",
            "1..2s",
            "9999999999h",
            "99999999999999999999ns",
            "18446744073709551615.00000000000001h",
            "1w",
            "１s",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn seeds_are_decimal_hexadecimal_or_random() {
        assert_eq!(seed("12"), Some(Seed::Fixed(12)));
        assert_eq!(seed("0xff"), Some(Seed::Fixed(255)));
        assert_eq!(seed("random"), Some(Seed::Random));
        for bad in ["", "0x", "-1", "+1", "ff", "0x+1", "18446744073709551616"] {
            assert_eq!(seed(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["runs", "scheduler", "late", "time"];
        assert_eq!(nearest("rusn", &known), Some("runs"));
        assert_eq!(nearest("run", &known), Some("runs"));
        assert_eq!(nearest("sched", &known), Some("scheduler"));
        assert_eq!(nearest("lateness", &known), Some("late"));
        assert_eq!(nearest("zebra", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
