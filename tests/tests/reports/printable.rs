//! What a program under test is called, logs, states and panics with does not reach a terminal raw.

use std::time::Duration;

use deadheat::program::waiting_for;
use deadheat::record::{EventKind, TraceEvent};
use deadheat::report::Printable;
use deadheat::{Config, Trace, always, check, fault, log, never, run, sleep, spawn_named};
use deadheat_timeout::timeout;
use proptest::prelude::*;
use proptest::sample::select;

/// Steers a terminal, turns a line, hides in it, ends it.
const HOSTILE: &str =
    "\u{1b}[2J\u{9b}31m\u{7}\r\u{8}\u{202e}\u{2066}\u{200b}\u{feff}\u{61c}\u{e0041}";

fn is_printable(text: &str) {
    for c in text.chars() {
        let hostile = c != '\n' && c.is_control()
            || HOSTILE.chars().skip(1).any(|of| of == c && !of.is_ascii());
        assert!(!hostile, "{c:?} in {text:?}");
    }
}

#[test]
fn a_report_has_nothing_raw_of_names_messages_logs_and_statements() {
    let config = Config::new().name(HOSTILE).trace(true);
    let panicked = check(&config, || async {
        log(HOSTILE);
        fault("quiet");
        let task = spawn_named(HOSTILE, async {
            log(HOSTILE);
            sleep(Duration::from_millis(1)..=Duration::from_millis(3)).await;
            panic!("{HOSTILE}");
        });
        task.await.ok();
    });
    let violated = run(&config, || async {
        always(false, || HOSTILE.to_owned());
        never(true, || format!("{HOSTILE}\nin two lines"));
    });
    let stuck = run(&config, || async {
        let stuck = spawn_named(HOSTILE, async {
            waiting_for(HOSTILE.into(), std::future::pending::<()>()).await
        });
        stuck.await.ok();
    });
    let reports = [
        panicked.unwrap_err(),
        violated.map(drop).unwrap_err(),
        stuck.map(drop).unwrap_err(),
    ];
    for failure in reports {
        let report = failure.to_string();
        is_printable(&report);
        is_printable(&format!("{failure:?}"));
        assert!(
            report.starts_with("FAILED  \\u{1b}[2J\\u{9b}31m"),
            "{report}"
        );
        assert!(report.matches("\\u{202e}").count() > 1, "{report}");
        is_printable(&failure.run.trace().to_string());
    }
}

#[test]
fn the_lines_of_a_message_stay_lines_and_are_indented() {
    let failure = check(&Config::new().name("two\nlines"), || async {
        assert_eq!("FAILED  x", "replay   y", "they\ndiffer");
    })
    .unwrap_err();
    let report = failure.to_string();
    assert!(
        report.starts_with("FAILED  two\\nlines   run 1"),
        "{report}"
    );
    assert!(
        report.contains(
            ": they\n    differ\n      left: \"FAILED  x\"\n     right: \"replay   y\"\n"
        ),
        "{report}"
    );
}

#[test]
fn a_trace_with_hostile_names_is_read_back() {
    let run = run(&Config::new().trace(true), || async {
        let named = spawn_named(HOSTILE, async {
            let waits = timeout(
                &deadheat::clock(),
                Duration::from_millis(1),
                std::future::pending::<()>(),
            );
            waits.await.ok();
        });
        log(HOSTILE);
        named.await.unwrap();
    });
    let trace = run.unwrap().trace.unwrap();
    is_printable(&trace.to_string());
    assert_eq!(Trace::parse(&trace.to_string()).unwrap(), trace);
}

fn text() -> impl Strategy<Value = String> {
    let hostile = select(
        HOSTILE
            .chars()
            .chain("\n\t \"\\-.é日\u{3164}\u{ad}\u{301}".chars())
            .collect::<Vec<_>>(),
    );
    let c = prop_oneof![3 => hostile, 1 => any::<char>()];
    prop::collection::vec(c, 0..8).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn any_name_and_any_log_is_printable_and_read_back(name in text(), log in text()) {
        let event = |what| TraceEvent {
            at: deadheat::Instant::START,
            task: Some(name.clone()),
            what,
            origin: None,
            panic: None,
        };
        let trace = Trace {
            events: vec![event(EventKind::Spawn), event(EventKind::Log(log.clone())), event(EventKind::Join(log))],
            truncated: false,
        };
        let written = trace.to_string();
        is_printable(&written);
        prop_assert_eq!(written.lines().count(), 4);
        prop_assert_eq!(Printable(&written).to_string(), written.as_str());
        prop_assert_eq!(Trace::parse(&written).unwrap(), trace);
    }
}
