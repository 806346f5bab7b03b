//! What a workload takes that is written for tokio and runs in a simulation.

mod lines;
mod rt;
#[path = "../workloads/simulated.rs"]
mod simulated;
#[path = "../workloads/mod.rs"]
mod workloads;

use deadheat::{Main, Sampler, Watch, explore};
use deadheat_bench::{LINE, MESSAGE, ORDER, SMALL_RUN, TIMER_EVENT};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use workloads::{messages, sleepers, three_tasks};

#[library_benchmark]
#[bench::low(SMALL_RUN.low)]
#[bench::high(SMALL_RUN.high)]
fn small_run(runs: u64) {
    simulated::small_runs(runs);
}

#[library_benchmark]
#[bench::low(SMALL_RUN.low)]
#[bench::high(SMALL_RUN.high)]
fn small_run_by_default(runs: u64) {
    simulated::small_runs_by_default(runs);
}

#[library_benchmark]
#[bench::low(TIMER_EVENT.low)]
#[bench::high(TIMER_EVENT.high)]
fn timer_event(runs: u64) {
    for _ in 0..runs {
        simulated::once(sleepers::sleepers);
    }
}

#[library_benchmark]
#[bench::low(MESSAGE.low)]
#[bench::high(MESSAGE.high)]
fn message(number: u64) {
    simulated::once(move || messages::messages(number));
}

#[library_benchmark]
#[bench::low(LINE.low)]
#[bench::high(LINE.high)]
fn line(number: u64) {
    simulated::once(move || lines::lines(number));
}

/// A task that waits for the three.
async fn joined() {
    for task in three_tasks::three() {
        task.await.expect("it ends");
    }
}

#[library_benchmark]
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn random_order(runs: u64) {
    let config = simulated::only(Sampler::Random).runs(runs);
    let exploration = explore(&Main::new(joined), &config, &Watch::default());
    assert_eq!(exploration.runs, runs);
    assert_eq!(three_tasks::taken_steps(), three_tasks::steps_of(runs));
}

library_benchmark_group!(
    name = all,
    benchmarks = [
        small_run,
        small_run_by_default,
        timer_event,
        message,
        line,
        random_order
    ]
);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = all
);
