//! What a test says when it passes and when it fails.

use crate::child::run;

#[test]
fn a_test_that_passes_says_how_many_runs_it_made_and_what_never_held() {
    let ended = run("passes", &[]);
    assert!(ended.passed, "{}", ended.text);
    ended.says("deadheat: fixtures::passes: 1000 runs passed, seed 0, fingerprints ");
    ended.says("note: in no run held: a fifth of four");
    assert!(!ended.text.contains("random(4) == 3"), "{}", ended.text);
}

#[test]
fn a_test_that_fails_panics_with_the_report_whose_last_line_can_be_pasted() {
    let ended = run("fails", &[]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("FAILED  fixtures::fails   run ");
    ended.says("the reply is late");
    ended.says("looked after 50 ms");
    let line = format!(
        "replay   DEADHEAT_REPLAY='{}' cargo test -p deadheat-macros --test attribute fixtures::fails -- --exact\n",
        ended.token()
    );
    let report = ended
        .text
        .split("note: run with `RUST_BACKTRACE")
        .next()
        .unwrap();
    assert!(report.ends_with(&line), "{report}");
}

#[test]
fn under_nextest_the_line_to_paste_is_one_for_nextest() {
    let ended = run("fails", &[("NEXTEST", "1")]);
    ended.says("cargo nextest run -p deadheat-macros --test attribute -E 'test(=fixtures::fails)'");
}

#[test]
fn the_report_says_where_the_function_stands() {
    let ended = run("fails", &[]);
    ended.says("main panicked at sim/macros/tests/attribute/fixtures.rs:");
}

#[test]
fn an_error_that_is_returned_fails_the_run_and_stands_in_the_report() {
    let ended = run("returns_an_error", &[]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("violated: the test returned an error: ParseIntError { kind: InvalidDigit }");
    assert!(run("returns_an_error", &[("DEADHEAT_REPLAY", "dh1:0")]).passed);
}

#[test]
fn a_test_may_return_a_code_as_any_test_may() {
    let ended = run("returns_a_code", &[]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("violated: the test returned an error: ExitCode(");
    let passed = run("returns_success", &[]);
    assert!(passed.passed, "{}", passed.text);
}

#[test]
fn an_expected_panic_is_looked_for_in_the_report_and_nothing_is_kept() {
    let ended = run("should_panic", &[]);
    assert!(ended.passed, "{}", ended.text);
    ended.says("FAILED  fixtures::should_panic");
    assert!(!ended.text.contains("kept in"), "{}", ended.text);
}

#[test]
fn a_statement_is_told_with_its_values() {
    let ended = run("states_what_does_not_hold", &[]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("violated: 7 of at most 6");
}
