//! What a test tells where it is read: that its runs were alike, colours, a line for GitHub Actions.

use crate::child::run;

#[test]
fn runs_that_were_all_alike_are_told_in_one_line() {
    let alike = "note: all 1,000 runs were alike: no ranges, no order to choose; one run would do";
    run("has_nothing_to_decide", &[]).says(alike);
    for test in ["passes", "has_arguments", "draws_and_looks_at_nothing"] {
        let ended = run(test, &[]);
        assert!(!ended.text.contains("alike"), "{}", ended.text);
    }
    let single = run("has_nothing_to_decide", &[("DEADHEAT_RUNS", "1")]);
    assert!(!single.text.contains("alike"), "{}", single.text);
}

#[test]
fn a_report_has_colours_where_they_are_asked_for_and_the_same_words() {
    let plain = run("fails", &[]);
    assert!(!plain.text.contains('\u{1b}'), "{}", plain.text);
    let coloured = run("fails", &[("CLICOLOR_FORCE", "1")]);
    coloured.says("\u{1b}[1;31mFAILED\u{1b}[0m  fixtures::fails");
    let forbidden = run("fails", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!forbidden.text.contains('\u{1b}'), "{}", forbidden.text);
}

/// The lines for GitHub Actions.
fn annotations(test: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let variables = [variables, &[("GITHUB_ACTIONS", "true")]].concat();
    let ended = run(test, &variables);
    let lines = ended.text.lines().filter(|line| line.contains("::error"));
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn each_failing_test_is_one_line_under_github_actions() {
    let told = annotations("fails", &[]);
    let [line] = &*told else {
        panic!("{told:?}");
    };
    let file = "::error file=sim/macros/tests/attribute/fixtures.rs,line=";
    assert!(line.starts_with(file), "{line}");
    assert!(
        line.contains(",title=fixtures%3A%3Afails::panicked: "),
        "{line}"
    );
    assert!(line.contains("%0ADEADHEAT_REPLAY='dh1:"), "{line}");
    // An error that is returned has no line of its own: that of the test's attribute is told.
    let told = annotations("returns_an_error", &[]);
    let attribute = line_of("async fn returns_an_error(") - 1;
    let place = format!("{file}{attribute},col=1,");
    assert!(told.len() == 1 && told[0].starts_with(&place), "{told:?}");
    assert_eq!(annotations("passes", &[]), [""; 0]);
    assert_eq!(annotations("should_panic", &[]), [""; 0]);
}

#[test]
fn a_file_is_told_from_the_folder_of_the_repository() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let told = annotations("fails", &[("GITHUB_WORKSPACE", folder)]);
    let file = "::error file=macros/tests/attribute/fixtures.rs,line=";
    assert!(told[0].starts_with(file), "{told:?}");
}

/// Where a text stands in the fixtures, from 1.
fn line_of(text: &str) -> usize {
    let lines = include_str!("fixtures.rs").lines();
    1 + lines.take_while(|line| !line.contains(text)).count()
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_tells_how_far_a_test_was() {
    let ended = crate::child::interrupted("passes", &[("DEADHEAT_RUNS", "1000000000")]);
    assert_eq!(ended.status, Some(130), "{}", ended.text);
    let last = ended.text.lines().last().unwrap_or_default();
    let (begin, end) = (
        "deadheat: fixtures::passes: interrupted; ",
        " of 1,000,000,000 runs, seed 0, none failed",
    );
    assert!(last.starts_with(begin) && last.ends_with(end), "{last}");
}
