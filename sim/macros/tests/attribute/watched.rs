//! What ends the process, and what never ends, is told with the test, the run, and the line that makes it again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use deadheat::testing::{Arguments, Outside, Patience, Place, Test};

use crate::child::{Ended, run_in};

fn run(test: &str, variables: &[(&str, &str)]) -> Ended {
    run_in("deadly", test, variables)
}

/// Ends the process of a test that stands still.
const SOON: [(&str, &str); 2] = [("DEADHEAT_TIME", "1ms"), ("DEADHEAT_WATCHDOG", "300ms")];

#[test]
fn a_panic_while_a_panic_unwinds_is_told_with_both_before_the_process_ends() {
    let ended = run("panics_twice", &[]);
    assert_eq!(ended.status, None, "a signal ends it: {}", ended.text);
    ended.says("deadheat: deadly::panics_twice: the process ends here, by a panic that nothing can catch: panic in a destructor during cleanup");
    let first = ended
        .text
        .find("  panicked at sim/macros/tests/attribute/deadly.rs:");
    let second = ended
        .text
        .find("  then at sim/macros/tests/attribute/deadly.rs:");
    assert!(first.is_some() && first < second, "{}", ended.text);
    ended.says(": the first panic\n");
    ended.says(": the second panic\n");
    ended.says("  in a turn of worker (task 1, spawned at sim/macros/tests/attribute/deadly.rs:");
    ended.says("), run ");
    ended.says(", seed ");
    ended.says("cargo test -p deadheat-macros --test attribute deadly::panics_twice -- --exact\n");

    let again = run("panics_twice", &[("DEADHEAT_REPLAY", &ended.token())]);
    assert_eq!(again.status, None, "{}", again.text);
    assert_eq!(again.token(), ended.token());
}

#[test]
fn what_ends_the_process_on_another_thread_is_told_with_the_run_that_was_under_way() {
    let ended = run("panics_twice_on_a_thread_of_its_own", &[]);
    assert_eq!(ended.status, None, "a signal ends it: {}", ended.text);
    let test = "deadly::panics_twice_on_a_thread_of_its_own";
    ended.says(&format!("deadheat: {test}: the process ends here, by a panic that nothing can catch: panic in a destructor during cleanup"));
    ended.says(": the first panic\n  then at sim/macros/tests/attribute/deadly.rs:");
    ended.says("on a thread that makes no run, while this one was under way on another:\n  run 1, seed 0, scheduler ");
    ended.says(&format!(
        "cargo test -p deadheat-macros --test attribute {test} -- --exact\n"
    ));
}

#[test]
fn a_panic_that_a_destructor_catches_while_one_unwinds_is_not_told() {
    let ended = run("survives_a_panic_while_one_unwinds", &[]);
    assert_eq!(ended.status, Some(101), "{}", ended.text);
    ended.says("main panicked at sim/macros/tests/attribute/deadly.rs:");
    ended.says(": the only one that counts\n");
    assert!(!ended.text.contains("the process ends"), "{}", ended.text);
}

#[test]
fn a_payload_that_panics_as_it_is_dropped_is_told_in_the_report() {
    let ended = run("has_a_payload_that_panics", &[]);
    assert_eq!(ended.status, Some(101), "{}", ended.text);
    ended.says("FAILED  deadly::has_a_payload_that_panics");
    ended.says(
        ": a value that is no text\n    then what it panicked with panicked as it was dropped, at ",
    );
    ended.says(": the payload's own panic\n");
}

/// The line that makes the last run that was announced.
fn alone(ended: &Ended) -> String {
    let line = ended
        .text
        .lines()
        .rfind(|line| line.contains("; it alone: "));
    let only = line.and_then(|line| line.split("DEADHEAT_ONLY=").nth(1));
    let number = only.and_then(|only| only.split(' ').next());
    number
        .unwrap_or_else(|| panic!("no such line: {}", ended.text))
        .to_owned()
}

/// So many that one of them ends the process, whatever the seed is: with the test's own 20 runs one seed in 300 ends none.
const MANY: (&str, &str) = ("DEADHEAT_RUNS", "500");

#[test]
fn each_run_is_announced_on_request_so_that_the_last_one_is_known() {
    for test in ["overflows_the_stack", "aborts"] {
        let quiet = run(test, &[]);
        assert_eq!(quiet.status, None, "{}", quiet.text);
        assert!(!quiet.text.contains("run 1, seed 0"), "{}", quiet.text);

        let ended = run(
            test,
            &[
                ("DEADHEAT_ANNOUNCE", "1"),
                ("DEADHEAT_SEED", "random"),
                MANY,
            ],
        );
        assert_eq!(ended.status, None, "{}", ended.text);
        ended.says(&format!("deadheat: deadly::{test}: run 1, seed "));
        ended.says(&format!(
            "cargo test -p deadheat-macros --test attribute deadly::{test} -- --exact\n"
        ));
        let seed = ended.behind("it alone: DEADHEAT_SEED=");
        let only = alone(&ended);
        let variables = [("DEADHEAT_SEED", seed), ("DEADHEAT_ONLY", &only), MANY];
        let again = run(test, &variables);
        assert_eq!(
            again.status, None,
            "it ends in the same way: {}",
            again.text
        );
    }
}

#[test]
fn one_run_is_made_alone_and_no_kept_one() {
    let ended = run(
        "is_slow",
        &[("DEADHEAT_ONLY", "2"), ("DEADHEAT_ANNOUNCE", "1")],
    );
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("deadheat: deadly::is_slow: run 2, seed 1, scheduler ");
    ended.says("1 run passed");
    assert!(
        !ended.text.contains("run 1,") && !ended.text.contains("run 3,"),
        "{}",
        ended.text
    );
}

#[test]
fn a_run_that_takes_no_step_is_told_and_ended_once_its_time_is_over() {
    let ended = run("spins", &SOON);
    assert_eq!(ended.status, Some(124), "{}", ended.text);
    ended.says("deadheat: deadly::spins: no step for 300ms of real time, in a turn of busy (task 1, spawned at sim/macros/tests/attribute/deadly.rs:");
    ended.says("std::sync::Mutex");
    ended.says("it is left to go on");
    ended.says("its time is over and it takes no step: the process ends with status 124\n");
    assert_eq!(
        ended.text.matches("no step for").count(),
        1,
        "{}",
        ended.text
    );

    let mut variables = SOON.to_vec();
    let token = ended.token();
    assert!(
        token.contains(".p"),
        "the pick of the turn itself is in it: {token}"
    );
    variables.push(("DEADHEAT_REPLAY", &token));
    variables.remove(0);
    let again = crate::child::until("deadly", "spins", &variables, "no step for 300ms");
    again.says(&format!("the run of {token}"));
}

#[test]
fn what_hangs_otherwise_is_told_too() {
    let ended = run("locks_across_an_await", &SOON[..1]);
    assert_eq!(ended.status, Some(124), "{}", ended.text);
    ended.says("no step for 300ms of real time, in a turn of main (task 0, spawned at ");
    let ended = run("blocks_on_a_channel", &SOON);
    assert_eq!(ended.status, Some(124), "{}", ended.text);
    ended.says("no step for 300ms of real time, in a turn of main (task 0, spawned at ");
}

#[test]
fn a_run_that_is_slow_is_not_ended_by_its_time() {
    let ended = run(
        "is_slow",
        &[("DEADHEAT_TIME", "1ms"), ("DEADHEAT_WATCHDOG", "2s")],
    );
    assert_eq!(ended.status, Some(0), "{}", ended.text);
    ended.says("1 run passed");
}

#[test]
fn a_watchdog_that_is_off_never_looks() {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    let outside = Outside {
        elapsed: &|| Duration::ZERO,
        pause: |_| {
            LOOKS.fetch_add(1, Ordering::Relaxed);
            thread::park();
        },
        tell: |_| (),
        end: |_| (),
        debugged: || false,
    };
    let test = |watchdog, variables: &[(&str, &str)]| {
        let arguments = Arguments {
            watchdog,
            regressions: deadheat::testing::Keep::Nowhere,
            ..Arguments::default()
        };
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Test::new(Place::default(), &arguments, variables, || 0).expect("good settings")
    };
    let off = [("DEADHEAT_WATCHDOG", "off")];
    for test in [test(Some(Patience::Forever), &[]), test(None, &off)] {
        test.run_watched(&outside, async || ()).expect("it passes");
        assert_eq!(LOOKS.load(Ordering::Relaxed), 0);
    }
    let until_it_looks = async || {
        while LOOKS.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
    };
    test(None, &[])
        .run_watched(&outside, until_it_looks)
        .expect("it passes");
}

#[test]
fn the_limit_of_steps_in_one_instant_is_an_argument() {
    let ended = run("yields_often", &[]);
    assert_eq!(ended.status, Some(101), "{}", ended.text);
    ended.says("limit: the limit on steps without time passing (a livelock) was reached");
}
