//! Durations: what is read, what is refused, and that nothing is lost on the way.

use deadheat_scenarios::ast::Latency;
use deadheat_scenarios::duration::{
    DurationError, parse_latency, parse_ns, parse_signed_ns, write_latency, write_ns,
    write_signed_ns,
};
use proptest::prelude::*;

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
    ];
    for (text, ns) in read {
        assert_eq!(parse_ns(text), Ok(ns), "{text}");
    }
}

#[test]
fn decimals_are_read_when_they_come_to_whole_nanoseconds() {
    assert_eq!(parse_ns("1.5s"), Ok(1_500_000_000));
    assert_eq!(parse_ns("0.000000001s"), Ok(1));
    assert_eq!(parse_ns("1.000ns"), Ok(1));
    assert_eq!(parse_ns("0.25m"), Ok(15_000_000_000));
    assert_eq!(parse_ns("0.00000000000025h"), Err(DurationError::TooFine));
    assert_eq!(parse_ns("0.5ns"), Err(DurationError::TooFine));
    assert_eq!(
        parse_ns(&format!("0.{}1s", "0".repeat(500))),
        Err(DurationError::TooFine)
    );
    assert_eq!(
        parse_ns(&format!("1.{}s", "0".repeat(500))),
        Ok(1_000_000_000)
    );
}

#[test]
fn what_is_not_a_duration_is_refused_with_the_reason() {
    for text in [
        "", "s", "fast", ".5s", "1.s", "1.2.3s", "+1s", "--1s", " 1s", "\u{661}s",
    ] {
        assert_eq!(parse_ns(text), Err(DurationError::NotANumber), "{text:?}");
    }
    for text in ["5", "5.0", "-5", "0"] {
        assert_eq!(
            parse_signed_ns(text),
            Err(DurationError::NoUnit),
            "{text:?}"
        );
    }
    for text in ["1 s", "1S", "1sec", "1h30m", "1s ", "1_000s", "1e3s", "1d"] {
        assert_eq!(parse_ns(text), Err(DurationError::UnknownUnit), "{text:?}");
    }
}

#[test]
fn the_longest_duration_is_that_of_an_i64() {
    assert_eq!(parse_ns("9223372036854775807ns"), Ok(i64::MAX as u64));
    assert_eq!(
        parse_ns("9223372036854775808ns"),
        Err(DurationError::TooLong)
    );
    assert_eq!(parse_signed_ns("-9223372036854775808ns"), Ok(i64::MIN));
    assert_eq!(
        parse_signed_ns("-9223372036854775809ns"),
        Err(DurationError::TooLong)
    );
    assert_eq!(
        parse_ns(&format!("{}h", "9".repeat(500))),
        Err(DurationError::TooLong)
    );
    assert_eq!(
        parse_ns(&format!("{}h", u128::MAX)),
        Err(DurationError::TooLong)
    );
    assert_eq!(
        parse_ns(&format!("{}.5ns", u128::MAX)),
        Err(DurationError::TooFine)
    );
}

#[test]
fn ranges_have_a_low_end_and_a_high_end() {
    let range = |low_ns, high_ns| Ok(Latency::Range { low_ns, high_ns });
    assert_eq!(parse_latency("1ns..5ns"), range(1, 5));
    assert_eq!(parse_latency("5ns..5ns"), range(5, 5));
    assert_eq!(parse_latency("5ns..1ns"), Err(DurationError::Reversed));
    assert_eq!(parse_latency("-1ns..1ns"), Err(DurationError::Negative));
    assert_eq!(parse_latency("1ns..=5ns"), Err(DurationError::NotANumber));
    assert_eq!(parse_latency("1ns...5ns"), Err(DurationError::NotANumber));
    assert_eq!(parse_latency(".."), Err(DurationError::NotANumber));
    assert_eq!(parse_ns("1ns..5ns"), Err(DurationError::Range));
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(ns in any::<i64>(), other in any::<i64>()) {
        prop_assert_eq!(parse_signed_ns(&write_signed_ns(ns)), Ok(ns));
        let (low_ns, high_ns) = (ns.saturating_abs() as u64, other.saturating_abs() as u64);
        prop_assert_eq!(parse_ns(&write_ns(low_ns)), Ok(low_ns));
        let (low_ns, high_ns) = (low_ns.min(high_ns), low_ns.max(high_ns));
        let range = Latency::Range { low_ns, high_ns };
        prop_assert_eq!(parse_latency(&write_latency(range)), Ok(range));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*|[0-9.]{0,30}(ns|us|ms|s|m|h)?|-?[0-9.]{0,5}s") {
        let _ = (parse_ns(&text), parse_signed_ns(&text), parse_latency(&text));
    }
}
