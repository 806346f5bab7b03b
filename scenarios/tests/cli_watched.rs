//! What the command tells of runs before they begin, and one run alone.

use std::process::{Command, Output};

fn deadheat(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deadheat"))
        .env_remove("GITHUB_ACTIONS")
        .args(args)
        .env_remove("CARGO")
        .output()
        .expect("the command starts")
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (text(&output.stdout), text(&output.stderr))
}

/// A bug of the museum, and options that its runs depend on.
const BUG: &str = "redis-off-by-one";
/// Its first runs come to different outcomes.
const INCOMPLETE: &str = "pool-wake-swallowed";

#[test]
fn each_run_is_announced_on_request_with_the_line_that_makes_it_alone() {
    let seed = ["--seed=7", "--late", "2ms"];
    let options = [
        &["explore", BUG, "--executions", "3", "--jobs", "1"],
        &seed[..],
    ]
    .concat();
    let quiet = deadheat(&options);
    let (found, errors) = texts(&quiet);
    assert_eq!(errors, "");

    let told = deadheat(&[&options[..], &["--announce"]].concat());
    let (found_too, errors) = texts(&told);
    assert_eq!((found_too, told.status), (found, quiet.status));
    let third = errors
        .lines()
        .find(|line| line.contains(": run 3, seed 9, scheduler "));
    let third = third.unwrap_or_else(|| panic!("no third run: {errors}"));
    let line = format!(" explore {BUG} --seed 7 --late 2ms --only 3");
    assert!(third.ends_with(&line), "{third}");
    assert!(!errors.contains(": run 4,"), "{errors}");
}

#[test]
fn one_run_alone_is_the_same_as_among_the_others() {
    let third = |output: &Output| {
        let (lines, _) = texts(output);
        let mut outcomes = lines.lines();
        outcomes
            .find(|line| line.contains("\"seed\":2,"))
            .map(ToOwned::to_owned)
    };
    // Each of its first runs has an outcome of its own.
    let among = deadheat(&["explore", INCOMPLETE, "--executions", "3", "--json"]);
    let alone = deadheat(&["explore", INCOMPLETE, "--only", "3", "--json"]);
    assert!(third(&among).is_some());
    assert_eq!(third(&alone), third(&among));
    let (_, errors) = texts(&deadheat(&["explore", BUG, "--only", "5", "--announce"]));
    assert!(errors.contains(": run 5, seed 4, "), "{errors}");
    assert!(
        !errors.contains(": run 1, ") && !errors.contains(": run 6, "),
        "{errors}"
    );
}

#[test]
fn a_single_run_and_a_replay_are_announced_too() {
    let (_, errors) = texts(&deadheat(&["run", BUG, "--announce"]));
    assert!(
        errors.contains("a single run, seed 0, scheduler fifo"),
        "{errors}"
    );
    let (_, errors) = texts(&deadheat(&["replay", BUG, "dh1:5", "--announce"]));
    assert!(
        errors.contains("the run of dh1:5, seed 5; it alone: "),
        "{errors}"
    );
    assert!(
        errors.contains(&format!(" replay {BUG} 'dh1:5'\n")),
        "{errors}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        &["explore", BUG, "--watchdog", "0s"][..],
        &["explore", BUG, "--watchdog", "on"],
        &["explore", BUG, "--only", "0"],
        &["explore", BUG, "--only", "3", "--exhaustive"],
        &["explore", BUG, "--only", "3", "--scheduler", "bounded"],
    ] {
        let output = deadheat(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    let off = deadheat(&["explore", "--executions", "1", BUG, "--watchdog", "off"]);
    assert_ne!(off.status.code(), Some(2));
}
