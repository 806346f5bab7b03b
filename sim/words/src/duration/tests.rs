//! Durations: what is read, what is refused, and why.

use super::*;

fn ns(text: &str) -> Result<u64, Problem> {
    parse_ns(text).map_err(|error| error.problem())
}

fn signed_ns(text: &str) -> Result<i64, Problem> {
    parse_signed_ns(text).map_err(|error| error.problem())
}

#[test]
fn every_unit_is_read() {
    let read = [
        ("1ns", 1),
        ("1us", 1_000),
        ("1ms", 1_000_000),
        ("1s", 1_000_000_000),
        ("1m", 60_000_000_000),
        ("1h", 3_600_000_000_000),
        ("0h", 0),
        ("007s", 7_000_000_000),
        ("90m", 5_400_000_000_000),
    ];
    for (text, expected) in read {
        assert_eq!(ns(text), Ok(expected), "{text}");
        assert_eq!(
            setting(text),
            Ok(Duration::from_nanos(expected)),
            "{text} as a setting"
        );
    }
}

#[test]
fn decimals_are_read_when_they_come_to_whole_nanoseconds() {
    assert_eq!(ns("1.5s"), Ok(1_500_000_000));
    assert_eq!(ns("0.000000001s"), Ok(1));
    assert_eq!(ns("1.000ns"), Ok(1));
    assert_eq!(ns("0.25m"), Ok(15_000_000_000));
    // No place behind the thirteenth can come to a whole number.
    assert_eq!(ns("0.0000000000025h"), Ok(9));
    assert_eq!(ns("0.00000000000025h"), Err(Problem::TooFine));
    assert_eq!(ns("0.5ns"), Err(Problem::TooFine));
    let far = "0".repeat(500);
    assert_eq!(ns(&format!("0.{far}1s")), Err(Problem::TooFine));
    assert_eq!(ns(&format!("1.{far}s")), Ok(1_000_000_000));
}

#[test]
fn what_is_not_a_duration_is_refused_with_the_reason() {
    for text in [
        "", "s", "ms", "fast", ".5s", "1.s", "1.2.3s", "+1s", "--1s", " 1s", "\u{661}s", "１s",
    ] {
        assert_eq!(ns(text), Err(Problem::NotANumber), "{text:?}");
    }
    for text in ["5", "5.0", "-5", "0"] {
        assert_eq!(signed_ns(text), Err(Problem::NoUnit), "{text:?}");
    }
    for text in [
        "1 s", "1 ms", "1S", "1sec", "1s1", "1h30m", "1s ", "1_000s", "1e3s", "1d", "1w",
    ] {
        assert_eq!(ns(text), Err(Problem::UnknownUnit), "{text:?}");
    }
    assert_eq!(ns("1..2s"), Err(Problem::Range));
    assert_eq!(ns("-1s"), Err(Problem::Negative));
}

#[test]
fn the_longest_duration_is_that_of_an_i64() {
    assert_eq!(ns("9223372036854775807ns"), Ok(i64::MAX as u64));
    assert_eq!(signed_ns("-9223372036854775808ns"), Ok(i64::MIN));
    for text in [
        "9223372036854775808ns",
        "9999999999h",
        "99999999999999999999ns",
    ] {
        assert_eq!(ns(text), Err(Problem::TooLong), "{text}");
    }
    assert_eq!(signed_ns("-9223372036854775809ns"), Err(Problem::TooLong));
    let nines = "9".repeat(500);
    assert_eq!(ns(&format!("{nines}h")), Err(Problem::TooLong));
    assert_eq!(ns(&format!("{}h", u128::MAX)), Err(Problem::TooLong));
    assert_eq!(ns(&format!("{}.5ns", u128::MAX)), Err(Problem::TooFine));
}

#[test]
fn ranges_have_a_low_end_and_a_high_end() {
    let range = |text| parse_range_ns(text).map(|range| range.map_err(|error| error.problem()));
    assert_eq!(range("1ns..5ns"), Some(Ok((1, 5))));
    assert_eq!(range("5ns..5ns"), Some(Ok((5, 5))));
    assert_eq!(range("5ns..1ns"), Some(Err(Problem::Reversed)));
    assert_eq!(range("-1ns..1ns"), Some(Err(Problem::Negative)));
    for text in ["1ns..=5ns", "1ns...5ns", ".."] {
        assert_eq!(range(text), Some(Err(Problem::NotANumber)), "{text}");
    }
    assert_eq!(range("1ns..2ns..3ns"), Some(Err(Problem::Range)));
    assert_eq!(range("1ns"), None);
}

#[test]
fn a_setting_may_be_plain_zero_and_no_other_number_is() {
    assert_eq!(setting("0"), Ok(Duration::ZERO));
    for text in ["00", "5", "-0", "0.0", ""] {
        assert!(setting(text).is_err(), "{text:?}");
    }
}

#[test]
fn zero_is_refused_where_it_has_no_meaning() {
    for text in ["0", "0s", "0.0h"] {
        let error = more_than_none(text).unwrap_err();
        assert_eq!(error.problem(), Problem::NoTime, "{text}");
        assert_eq!(error.expected(), "more than no time");
    }
    assert_eq!(more_than_none("1ns"), Ok(Duration::from_nanos(1)));
}

#[test]
fn what_is_written_is_read_back() {
    let mut lengths = vec![0, 1, i64::MAX as u64];
    for (_, unit) in UNITS {
        lengths.extend([unit - 1, unit, unit + 1, 7 * unit]);
    }
    for length in lengths {
        assert_eq!(ns(&write_ns(length)), Ok(length));
        let below = -length.cast_signed();
        assert_eq!(signed_ns(&write_signed_ns(below)), Ok(below));
    }
    assert_eq!(signed_ns(&write_signed_ns(i64::MIN)), Ok(i64::MIN));
}
