//! How a workload is run by deadheat.

use std::future::Future;

use deadheat::search::Single;
use deadheat::{Bounds, Config, Limits, Main, Mix, Sampler, Verdict, check};

use crate::workloads::kitchen;

/// Runs in one manner, on time, and as long as they need.
pub fn only(sampler: Sampler) -> Config {
    let unlimited = Limits {
        steps: u64::MAX,
        steps_per_instant: u64::MAX,
        ..Limits::default()
    };
    let config = Config::new().limits(unlimited);
    config.mix(Mix::only(sampler, Bounds::EXACT))
}

/// One run, FIFO and on time.
pub fn once<F, Fut>(future: F)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let (run, _) = Single::on_this_thread(&Main::new(future), &only(Sampler::Fifo)).fifo();
    assert_eq!(run.verdict, Verdict::Done);
}

/// So many runs of the small program, FIFO and on time, as a test makes them.
pub fn small_runs(runs: u64) {
    let made = check(&only(Sampler::Fifo).runs(runs), || async {
        assert_eq!(kitchen::run().await, kitchen::EXPECTED);
    });
    assert_eq!(made.expect("they hold"), runs);
}

/// The same in the orders and with the lateness that a test has if it says nothing.
pub fn small_runs_by_default(runs: u64) {
    let made = check(&Config::new().runs(runs), || async {
        kitchen::run().await;
    });
    assert_eq!(made.expect("they hold"), runs);
}
