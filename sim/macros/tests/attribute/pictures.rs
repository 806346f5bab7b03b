//! `DEADHEAT_TRACE`: a picture of the failing, the replayed or the default run, where the report says.

use std::fs;
use std::path::Path;

use crate::child::run;

#[test]
fn a_picture_is_drawn_in_each_form_and_the_report_ends_with_where() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drawn");
    let forms = [
        ("html", "html", "<!doctype html>"),
        ("perfetto", "perfetto.json", "{\"displayTimeUnit\""),
        ("json", "jsonl", "{\"event\":1,\"at_ns\":0,"),
        ("text", "txt", "  All that happened   "),
    ];
    for (form, ending, begins) in forms {
        for (test, passes) in [("fails", false), ("passes", true)] {
            let path = target.join(format!("deadheat/fixtures.{test}.{ending}"));
            let _ = fs::remove_file(&path);
            let folder = target.to_str().expect("a path");
            let ended = run(
                test,
                &[("DEADHEAT_TRACE", form), ("CARGO_TARGET_DIR", folder)],
            );
            assert_eq!(ended.passed, passes, "{}", ended.text);
            let (before, line) = ended.text.split_once("\n  picture  ").expect("a picture");
            let line = line.lines().next().unwrap_or_default();
            assert!(path.ends_with(line), "{line}");
            assert!(passes || before.contains("\n  replay   "), "{}", ended.text);
            let drawn = fs::read_to_string(&path).expect("it is there");
            assert!(drawn.starts_with(begins), "{drawn}");
        }
    }
}

#[test]
fn a_page_of_a_test_has_the_line_that_replays_it_and_lines_of_its_sources() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drawn-again");
    let folder = target.to_str().expect("a path");
    let failed = run(
        "fails",
        &[("DEADHEAT_TRACE", "html"), ("CARGO_TARGET_DIR", folder)],
    );
    let page =
        fs::read_to_string(target.join("deadheat/fixtures.fails.html")).expect("it is there");
    assert!(page.contains(&failed.token()), "{page}");
    assert!(
        page.contains("<h2>Where</h2>") && page.contains("fixtures.rs"),
        "{page}"
    );
}

#[test]
fn as_text_all_events_stand_in_the_words_of_the_report_in_the_file_and_above_the_report() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drawn-as-text");
    let folder = target.to_str().expect("a path");
    let failed = run(
        "fails",
        &[("DEADHEAT_TRACE", "text"), ("CARGO_TARGET_DIR", folder)],
    );
    let drawn =
        fs::read_to_string(target.join("deadheat/fixtures.fails.txt")).expect("it is there");
    let (above, report) = failed.text.split_once("FAILED  ").expect("a report");
    assert!(above.contains(&drawn), "{}", failed.text);
    let (_, shown) = report.split_once("  What happened").expect("what happened");
    let last = |text: &str| {
        let events = text.lines().skip(1).take_while(|line| !line.is_empty());
        events
            .last()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(last(&drawn), last(shown));
    assert!(drawn.contains("  ▸ "), "{drawn}");
}

#[test]
fn nothing_is_drawn_unless_asked_for() {
    let failed = run("fails", &[("DEADHEAT_TRACE", "true")]);
    assert!(!failed.text.contains("\n  picture "), "{}", failed.text);
}
