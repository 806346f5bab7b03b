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
fn a_test_that_should_panic_passes_if_every_run_panics() {
    let ended = run("should_panic", &[]);
    assert!(ended.passed, "{}", ended.text);
    ended.says("1000 runs passed");
}

#[test]
fn a_run_that_does_not_panic_as_it_should_fails_the_test() {
    let cases = [
        (
            "panics_in_some_runs",
            "it should have panicked: it returned",
        ),
        (
            "waits_and_should_panic",
            "it should have panicked: it waits for ever",
        ),
        (
            "panics_with_something_else",
            "it should have panicked with \"main\": main panicked with something else",
        ),
    ];
    for (test, why) in cases {
        let ended = run(test, &[]);
        assert!(!ended.passed, "{}", ended.text);
        ended.says(&format!("FAILED  fixtures::{test}"));
        ended.says(why);
        ended.says("test did not panic as expected");
        assert!(!ended.text.contains("kept in"), "{}", ended.text);
        let token = ended.token();
        let again = run(test, &[("DEADHEAT_REPLAY", &token)]);
        assert!(!again.passed, "{}", again.text);
        again.says(why);
    }
}

#[test]
fn a_statement_is_told_with_its_values() {
    let ended = run("states_what_does_not_hold", &[]);
    assert!(!ended.passed, "{}", ended.text);
    ended.says("violated: 7 of at most 6");
}
