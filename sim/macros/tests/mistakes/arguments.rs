//! Arguments that cannot be read.

#[deadheat::test(run = 1000)]
async fn unknown_with_a_near_one() {}

#[deadheat::test(zebra = 1)]
async fn unknown_and_far() {}

#[deadheat::test(runs = 10, seed = 1, runs = 20)]
async fn given_twice() {}

#[deadheat::test(runs = "1000", jobs = 0, seed = -1, steps = 1.5)]
async fn numbers() {}

#[deadheat::test(late = 1, time = "5", task_late = "soon", virtual_time = "0s")]
async fn durations() {}

#[deadheat::test(steps_per_instant = 0, watchdog = 5)]
async fn limits() {}

#[deadheat::test(watchdog = "0s")]
async fn no_patience() {}

#[deadheat::test(late = "0.5ns")]
async fn a_duration_that_is_too_fine() {}

#[deadheat::test(scheduler = "pct:0")]
async fn a_scheduler_of_no_depth() {}

#[deadheat::test(scheduler = "round-robin")]
async fn an_unknown_scheduler() {}

#[deadheat::test(check_determinism = "yes", until_quiet, regressions = 3)]
async fn switches() {}

#[deadheat::test(runs = 10 + 10, time = , seed 7)]
async fn no_literals() {}

#[deadheat::test(runs = 10 seed = 7)]
async fn no_comma() {}

#[deadheat::test(1000)]
async fn no_name() {}

#[deadheat::test(crate = deadheat)]
async fn a_path_without_quotes() {}

fn main() {}
