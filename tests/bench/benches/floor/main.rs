//! What each workload takes at least: an executor with nothing in it that the programs do not need.

mod channel;
mod executor;
mod join;
mod ring;
mod rt;
#[path = "../workloads/mod.rs"]
mod workloads;

use deadheat_bench::{MESSAGE, ORDER, SMALL_RUN, TIMER_EVENT};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use workloads::scattered::scattered;
use workloads::{kitchen, messages, sleepers, three_tasks};

#[library_benchmark]
#[bench::low(SMALL_RUN.low)]
#[bench::high(SMALL_RUN.high)]
fn small_run(runs: u64) {
    for _ in 0..runs {
        rt::spawn(async { assert_eq!(kitchen::run().await, kitchen::EXPECTED) });
        executor::run(|_| 0);
    }
}

#[library_benchmark]
#[bench::low(TIMER_EVENT.low)]
#[bench::high(TIMER_EVENT.high)]
fn timer_event(runs: u64) {
    for _ in 0..runs {
        rt::spawn(sleepers::sleepers());
        executor::run(|_| 0);
    }
}

#[library_benchmark]
#[bench::low(MESSAGE.low)]
#[bench::high(MESSAGE.high)]
fn message(number: u64) {
    rt::spawn(messages::messages(number));
    executor::run(|_| 0);
}

#[library_benchmark]
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn random_order(runs: u64) {
    let mut drawn = 0;
    for _ in 0..runs {
        drop(three_tasks::three());
        executor::run(|options| {
            drawn += 1;
            scattered(drawn) as usize % options
        });
    }
    assert_eq!(three_tasks::taken_steps(), three_tasks::steps_of(runs));
}

// The choices of the run before, each with how many options it had, say which run comes next.
#[library_benchmark]
#[bench::low(ORDER.low)]
#[bench::high(ORDER.high)]
fn depth_first(runs: u64) {
    let mut choices: Vec<(usize, usize)> = Vec::new();
    for _ in 0..runs {
        let mut depth = 0;
        drop(three_tasks::three());
        executor::run(|options| {
            if depth == choices.len() {
                choices.push((0, options));
            }
            depth += 1;
            choices[depth - 1].0
        });
        while choices
            .pop_if(|(choice, options)| *choice + 1 == *options)
            .is_some()
        {}
        let last = choices.last_mut().expect("more orders than runs");
        last.0 += 1;
    }
    assert_eq!(three_tasks::taken_steps(), three_tasks::steps_of(runs));
}

library_benchmark_group!(
    name = all,
    benchmarks = [small_run, timer_event, message, random_order, depth_first]
);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = all
);
