//! The times of random programs: few, so that many meet; and some that meet nearly.

use std::time::Duration;

use proptest::prelude::{BoxedStrategy, Just, Strategy, prop_oneof};
use proptest::sample::select;

use crate::ast::{Deadline, Latency};

/// What times are drawn from, in nanoseconds.
#[derive(Debug, Clone)]
pub(super) struct Times {
    pub(super) exact: Vec<u64>,
    pub(super) near: Vec<u64>,
}

/// Later is never reached, and sums of it stay within the clock.
const LATEST: u64 = i64::MAX as u64 / 1024;

pub(super) fn nanos(times: impl IntoIterator<Item = Duration>) -> Vec<u64> {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(LATEST).min(LATEST);
    times.into_iter().map(nanos).collect()
}

impl Default for Times {
    fn default() -> Self {
        Times {
            exact: nanos((0..=4).map(Duration::from_secs)),
            near: nanos([Duration::from_millis(1), Duration::from_nanos(1)]),
        }
    }
}

impl Times {
    pub(super) fn time(&self) -> BoxedStrategy<u64> {
        if self.exact.is_empty() {
            return Just(0).boxed();
        }
        let exact = || select(self.exact.clone());
        if self.near.is_empty() {
            return exact().boxed();
        }
        let near = || select(self.near.clone());
        prop_oneof![
            12 => exact(),
            // Short ones, which add up to what is near.
            4 => (near(), 1..=3_u64).prop_map(|(near, times)| near * times),
            2 => (exact(), near()).prop_map(|(exact, near)| exact.saturating_sub(near)),
            2 => (exact(), near()).prop_map(|(exact, near)| exact + near),
        ]
        .boxed()
    }

    pub(super) fn latency(&self) -> impl Strategy<Value = Latency> + use<> {
        let range = |(a, b): (u64, u64)| Latency::Range {
            low_ns: a.min(b),
            high_ns: a.max(b),
        };
        prop_oneof![
            3 => self.time().prop_map(Latency::Exact),
            1 => (self.time(), self.time()).prop_map(range),
        ]
    }

    pub(super) fn deadline(&self) -> impl Strategy<Value = Deadline> + Clone + use<> {
        prop_oneof![
            5 => self.time().prop_map(Deadline::After),
            2 => self.time().prop_map(Deadline::At),
            1 => Just(Deadline::None),
        ]
    }

    pub(super) fn limit(&self) -> impl Strategy<Value = Option<u64>> + Clone + use<> {
        proptest::option::weighted(0.8, self.time())
    }
}
