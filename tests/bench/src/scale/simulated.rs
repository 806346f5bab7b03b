//! The programs in a simulation, in the way that is like tokio's: FIFO and on time.

use std::future::Future;

use deadheat::search::Single;
use deadheat::{Bounds, Config, Limits, Main, Mix, Sampler, Verdict, check};

use crate::scale::{MOST_TASKS, SLEEPS, meter, scattered};

#[path = "../../benches/workloads/kitchen.rs"]
mod kitchen;
#[path = "../../benches/workloads/many.rs"]
mod many;
#[path = "../../benches/native/rt.rs"]
mod rt;

fn config() -> Config {
    let unlimited = Limits {
        steps: u64::MAX,
        steps_per_instant: u64::MAX,
        ..Limits::default()
    };
    let config = Config::new().limits(unlimited);
    config.mix(Mix::only(Sampler::Fifo, Bounds::EXACT))
}

fn once<F: Future<Output = ()> + 'static>(future: impl Fn() -> F + Sync) {
    let (run, _) = Single::of(&Main::new(future), &config()).fifo();
    assert_eq!(run.verdict, Verdict::Done);
}

/// So many tasks that sleep.
pub fn tasks(number: u64) {
    once(move || many::tasks(number));
}

/// So many timers.
pub fn timers(number: u64) {
    once(move || many::timers(number));
}

/// So many runs of a small program.
pub fn runs(number: u64) {
    let made = check(&config().runs(number), || async {
        assert_eq!(kitchen::run().await, kitchen::EXPECTED);
    });
    assert_eq!(made.expect("they hold"), number);
}
