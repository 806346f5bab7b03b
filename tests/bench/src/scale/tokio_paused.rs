//! The programs on tokio, with its clock paused.

use crate::scale::{MOST_TASKS, SLEEPS, meter, scattered};

#[path = "../../benches/workloads/kitchen.rs"]
mod kitchen;
#[path = "../../benches/workloads/many.rs"]
mod many;
#[path = "../../benches/tokio/rt.rs"]
mod rt;

/// So many tasks that sleep.
pub fn tasks(number: u64) {
    rt::runtime().block_on(many::tasks(number));
}

/// So many timers.
pub fn timers(number: u64) {
    rt::runtime().block_on(many::timers(number));
}

/// So many runs of a small program, each on a runtime of its own.
pub fn runs(number: u64) {
    for _ in 0..number {
        let outcome = rt::runtime().block_on(kitchen::run());
        assert_eq!(outcome, kitchen::EXPECTED);
    }
}
