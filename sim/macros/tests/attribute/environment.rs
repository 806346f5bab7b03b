//! Each variable has its effect on a test, below the arguments of the attribute.

use crate::child::run;

fn fingerprints(variables: &[(&str, &str)]) -> String {
    let ended = run("passes", variables);
    assert!(ended.passed, "{}", ended.text);
    ended.behind("fingerprints").to_owned()
}

#[test]
fn the_variables_change_what_is_run() {
    let plain = fingerprints(&[]);
    assert_eq!(fingerprints(&[]), plain);
    assert_eq!(fingerprints(&[("DEADHEAT_SEED", "0x0")]), plain);
    for variable in [
        ("DEADHEAT_SEED", "1"),
        ("DEADHEAT_RUNS", "999"),
        ("DEADHEAT_SCHEDULER", "pct:2"),
        ("DEADHEAT_LATE", "2ms"),
    ] {
        assert_ne!(fingerprints(&[variable]), plain, "{variable:?}");
    }
}

#[test]
fn the_number_of_jobs_and_a_repetition_change_nothing() {
    let plain = fingerprints(&[]);
    assert_eq!(fingerprints(&[("DEADHEAT_JOBS", "2")]), plain);
    assert_eq!(
        fingerprints(&[("DEADHEAT_CHECK_DETERMINISM", "true")]),
        plain
    );
}

#[test]
fn an_argument_counts_before_the_environment() {
    let with = |variables| {
        let ended = run("has_arguments", variables);
        ended.says("30 runs passed, seed 7,");
        ended.behind("fingerprints").to_owned()
    };
    let variables = [
        ("DEADHEAT_SEED", "1"),
        ("DEADHEAT_RUNS", "2"),
        ("DEADHEAT_JOBS", "1"),
        ("DEADHEAT_SCHEDULER", "pos"),
        ("DEADHEAT_LATE", "5ms"),
    ];
    assert_eq!(with(&variables), with(&[]));
}

#[test]
fn a_random_seed_is_told_first_and_gives_the_same_failure_again() {
    let random = run("states_what_does_not_hold", &[("DEADHEAT_SEED", "random")]);
    assert!(!random.passed, "{}", random.text);
    let told = random
        .text
        .find("to have it again: DEADHEAT_SEED=0x")
        .expect("a seed");
    assert!(told < random.text.find("FAILED  fixtures").expect("a report"));
    let seed = random.behind("again: DEADHEAT_SEED=").to_owned();
    let again = run("states_what_does_not_hold", &[("DEADHEAT_SEED", &seed)]);
    assert_eq!(again.token(), random.token());
    let other = run(
        "passes",
        &[("DEADHEAT_SEED", "random"), ("DEADHEAT_RUNS", "1")],
    );
    assert_ne!(other.behind("again: DEADHEAT_SEED="), seed);
}

#[test]
fn a_time_ends_the_search_and_one_run_is_made_at_least() {
    let ended = run("passes", &[("DEADHEAT_TIME", "50ms")]);
    let runs: u64 = ended.behind("fixtures::passes:").parse().expect("a number");
    assert!(runs > 1, "{}", ended.text);
    run("passes", &[("DEADHEAT_TIME", "1ns")]).says("1 run passed");
    run("has_arguments", &[("DEADHEAT_TIME", "1h")]).says("30 runs passed");
}

#[test]
fn a_failure_within_a_time_is_one_of_the_runs_that_were_made() {
    let ended = run("fails", &[("DEADHEAT_TIME", "1h")]);
    assert!(!ended.passed, "{}", ended.text);
    let of: u64 = ended
        .text
        .split(" of ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(of < 1_000, "{}", ended.text);
}

#[test]
fn a_run_that_does_not_repeat_is_found_on_request() {
    assert!(run("does_not_repeat", &[]).passed);
    let ended = run("does_not_repeat", &[("DEADHEAT_CHECK_DETERMINISM", "1")]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("not deterministic");
}

#[test]
fn what_cannot_be_read_is_told_before_anything_runs() {
    let bad = [
        ("DEADHEAT_RUNS", "many"),
        ("DEADHEAT_SHEDULER", "pct"),
        ("DEADHEAT_JOBS", "0"),
    ];
    let ended = run("passes", &bad);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("DEADHEAT_JOBS=\"0\": expected a whole number from 1 to 1024");
    ended.says("DEADHEAT_RUNS=\"many\": expected a whole number from 1");
    ended.says(
        "DEADHEAT_SHEDULER: deadheat knows no such variable; did you mean DEADHEAT_SCHEDULER?",
    );
    assert!(!ended.text.contains("passed, seed"), "{}", ended.text);
}

#[test]
fn every_order_is_made_if_it_is_asked_for() {
    let ended = run("passes", &[("DEADHEAT_EXHAUSTIVE", "1")]);
    ended.says("note: every order and tie that the ranges allow, for the draws of seed 0");
    let ended = run("sees_every_order", &[]);
    assert!(!ended.passed);
    ended.says("the reply is late");
}
