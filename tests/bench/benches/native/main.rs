//! What a workload takes that is written for deadheat.

mod rt;
#[path = "../workloads/simulated.rs"]
mod simulated;
#[path = "../workloads/mod.rs"]
mod workloads;

use deadheat::{Bounds, Program, Sampler, Verdict, Watch, explore, explore_exhaustive};
use deadheat_bench::{MESSAGE, ORDER, SMALL_RUN, TIMER_EVENT};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use workloads::{messages, sleepers, three_tasks};

/// Three tasks and nobody who waits for them.
struct Three;

impl Program for Three {
    type Handles = ();
    type Outcome = ();

    fn start(&self) {
        drop(three_tasks::three());
    }

    fn finish(&self, _handles: (), verdict: Verdict) {
        assert_eq!(verdict, Verdict::Done);
    }
}

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
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn random_order(runs: u64) {
    let config = simulated::only(Sampler::Random).runs(runs);
    let exploration = explore(&Three, &config, &Watch::default());
    assert_eq!(exploration.runs, runs);
    assert_eq!(three_tasks::taken_steps(), three_tasks::steps_of(runs));
}

#[library_benchmark]
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn depth_first(runs: u64) {
    let config = simulated::only(Sampler::Fifo).runs(runs);
    let exploration = explore_exhaustive(&Three, &config, Bounds::EXACT, &Watch::default());
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
        random_order,
        depth_first,
    ]
);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = all
);
