//! Which random programs the tests of this package draw, and how many.

use deadheat_scenarios::strategy::{Drawn, Programs};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// How many cases a property is tried with: always the same ones, unless `PROPTEST_RNG_SEED` says
/// otherwise; `PROPTEST_CASES` is how many in place of 256, and scales `cases` with it.
pub fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    let scale = |asked: u32| u64::from(asked) * u64::from(cases) / 256;
    config.cases = u32::try_from(scale(config.cases).max(1)).unwrap_or(u32::MAX);
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config.failure_persistence = None;
    config
}

/// Everything that there is.
pub fn scenario() -> impl Strategy<Value = Drawn> {
    Programs::new().strategy()
}

/// Many tasks that meet at few instants.
pub fn crowd() -> impl Strategy<Value = Drawn> {
    Programs::crowd().strategy()
}

/// One to three tasks of a few steps, whose every order can be tried.
pub fn small_scenario() -> impl Strategy<Value = Drawn> {
    Programs::small().strategy()
}
