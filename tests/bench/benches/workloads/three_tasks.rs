//! Three tasks that only give way: what an order costs.

use std::cell::Cell;
use std::fmt::Debug;

use deadheat_bench::AWAITS;

use super::rt;

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// Takes how many steps were made since this was asked last.
pub fn taken_steps() -> u64 {
    STEPS.take()
}

/// One of the three.
async fn stepper() {
    for _ in 0..AWAITS {
        STEPS.set(STEPS.get() + 1);
        rt::yield_now().await;
    }
    STEPS.set(STEPS.get() + 1);
}

/// The steps of so many runs.
#[must_use]
pub fn steps_of(runs: u64) -> u64 {
    runs * 3 * (AWAITS + 1)
}

/// Spawns the three of them.
pub fn three() -> [impl Future<Output = Result<(), impl Debug>>; 3] {
    [(); 3].map(|()| rt::spawn(stepper()))
}
