//! `DEADHEAT_REPLAY`: the same failure again; and what else a token can turn out to be.

use crate::child::run;

/// The report without how it was found.
fn essence(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    let lines =
        lines.skip_while(|line| !line.contains("panicked: ") && !line.contains("violated: "));
    lines
        .filter(|line| !line.contains("FIFO and on time, except"))
        .take_while(|line| !line.contains("RUST_BACKTRACE"))
        .collect()
}

#[test]
fn the_line_pasted_gives_the_same_failure() {
    for test in ["fails", "states_what_does_not_hold", "returns_an_error"] {
        let found = run(test, &[]);
        let again = run(test, &[("DEADHEAT_REPLAY", &found.token())]);
        assert!(!again.passed, "{}", again.text);
        assert_eq!(essence(&again.text), essence(&found.text));
        assert!(essence(&found.text).len() > 10, "{}", found.text);
        assert_eq!(again.token(), found.token());
    }
}

#[test]
fn a_replay_that_passes_says_whether_it_is_still_the_same_run() {
    let unknown = run("has_arguments", &[("DEADHEAT_REPLAY", "dh1:0")]);
    assert!(unknown.passed, "{}", unknown.text);
    unknown
        .says("replayed dh1:0, and it passes; every decision fits; the token has no fingerprint");
    let token = format!("dh1:0.fp={}", unknown.behind("compare with; fingerprint "));
    let same = run("has_arguments", &[("DEADHEAT_REPLAY", &token)]);
    assert!(same.passed, "{}", same.text);
    same.says("and it passes; it is the token's run, to the last event");
    let mended = run("has_arguments", &[("DEADHEAT_REPLAY", "dh1:0.fp=1234")]);
    assert!(mended.passed, "{}", mended.text);
    mended.says("not the token's run any more: the program has changed since");
}

#[test]
fn a_token_that_no_longer_fits_passes_and_names_the_decision() {
    let token = "dh1:0.n99=1/2";
    let passed = run("has_arguments", &[("DEADHEAT_REPLAY", token)]);
    assert!(passed.passed, "{}", passed.text);
    passed.says(
        "replayed dh1:0.n99=1/2: passes now; the schedule no longer fits, from decision n99 on, which was not reached",
    );
    passed.says("if it is the token of another test, select that one by its name");
}

#[test]
fn a_token_that_no_longer_fits_fails_where_that_is_asked_for() {
    let strict = |token| {
        let variables = [("DEADHEAT_REPLAY", token), ("DEADHEAT_STRICT", "1")];
        run("has_arguments", &variables)
    };
    let stale = strict("dh1:0.n99=1/2");
    assert!(!stale.passed, "{}", stale.text);
    stale.says(
        "STALE   fixtures::has_arguments   the replay of dh1:0.n99=1/2 passes now, and DEADHEAT_STRICT asks for more",
    );
    stale.says("from decision n99 on, which was not reached");
    let fits = strict("dh1:0");
    assert!(fits.passed, "{}", fits.text);
}

#[test]
fn a_token_that_does_not_fit_and_fails_says_both() {
    let token = run("fails", &[]).token();
    let stale = token.replace(".fp=", ".n99=1/2.fp=");
    let stale = run("fails", &[("DEADHEAT_REPLAY", &stale)]);
    assert!(!stale.passed, "{}", stale.text);
    stale.says("FAILED  fixtures::fails");
    stale.says("the schedule no longer fits, from decision n99 on, which was not reached");
}

#[test]
fn a_token_that_cannot_be_read_is_an_error_of_the_variable() {
    let bad = run("fails", &[("DEADHEAT_REPLAY", "dh1:0.n1")]);
    assert!(!bad.passed, "{}", bad.text);
    bad.says("DEADHEAT_REPLAY=\"dh1:0.n1\": this is no replay token, at byte 6");
    assert!(!bad.text.contains("FAILED  "), "{}", bad.text);
}

#[test]
fn the_whole_trace_is_shown_on_request_above_the_report() {
    let token = run("fails", &[]).token();
    for variables in [
        &[("DEADHEAT_TRACE", "1")][..],
        &[("DEADHEAT_REPLAY", &token), ("DEADHEAT_TRACE", "true")],
    ] {
        let failed = run("fails", variables);
        let begins = failed.text.find("deadheat trace 1\n").expect("a trace");
        let report = failed.text.find("FAILED  ").expect("a report");
        assert!(begins < report);
        let trace = failed.text[begins..report].trim_end();
        let trace = deadheat::Trace::parse(&format!(
            "{trace}
"
        ))
        .expect("a trace");
        assert!(trace.events.len() > 5);
    }
    let passed = run(
        "passes",
        &[("DEADHEAT_REPLAY", "dh1:0"), ("DEADHEAT_TRACE", "true")],
    );
    assert!(passed.passed);
    passed.says("deadheat trace 1\n");
}
