//! What tokio takes for each workload, with its clock paused: a new runtime for each run, as a test has one.

mod rt;
#[path = "../workloads/mod.rs"]
mod workloads;

use deadheat_bench::{MESSAGE, ORDER, SMALL_RUN, TIMER_EVENT};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use workloads::{kitchen, messages, sleepers, three_tasks};

#[library_benchmark]
#[bench::low(SMALL_RUN.low)]
#[bench::high(SMALL_RUN.high)]
fn small_run(runs: u64) {
    for _ in 0..runs {
        let outcome = rt::runtime().block_on(kitchen::run());
        assert_eq!(outcome, kitchen::EXPECTED);
    }
}

#[library_benchmark]
#[bench::low(TIMER_EVENT.low)]
#[bench::high(TIMER_EVENT.high)]
fn timer_event(runs: u64) {
    for _ in 0..runs {
        rt::runtime().block_on(sleepers::sleepers());
    }
}

#[library_benchmark]
#[bench::low(MESSAGE.low)]
#[bench::high(MESSAGE.high)]
fn message(number: u64) {
    rt::runtime().block_on(messages::messages(number));
}

/// A task that waits for the three.
async fn joined() {
    for task in three_tasks::three() {
        task.await.expect("it ends");
    }
}

// One order for all runs: tokio knows no other.
#[library_benchmark]
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn random_order(runs: u64) {
    for _ in 0..runs {
        rt::runtime().block_on(joined());
    }
    assert_eq!(three_tasks::taken_steps(), three_tasks::steps_of(runs));
}

library_benchmark_group!(
    name = all,
    benchmarks = [small_run, timer_event, message, random_order]
);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = all
);
