//! Durations and ranges of two: what is read of ranges, and that nothing is lost on the way.

use deadheat_scenarios::ast::Latency;
use deadheat_scenarios::latency::{parse_latency, write_latency};
use deadheat_words::Problem;
use deadheat_words::duration::{parse_ns, parse_signed_ns, write_ns, write_signed_ns};
use proptest::prelude::*;

#[test]
fn ranges_have_a_low_end_and_a_high_end() {
    let range = |low_ns, high_ns| Ok(Latency::Range { low_ns, high_ns });
    let read = |text| parse_latency(text).map_err(|error| error.problem());
    assert_eq!(read("1ns..5ns"), range(1, 5));
    assert_eq!(read("5ns..5ns"), range(5, 5));
    assert_eq!(read("5ns"), Ok(Latency::Exact(5)));
    assert_eq!(read("5ns..1ns"), Err(Problem::Reversed));
    assert_eq!(read("-1ns..1ns"), Err(Problem::Negative));
    assert_eq!(read("-1ns"), Err(Problem::Negative));
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
