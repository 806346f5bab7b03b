//! Of what there is both an argument and a variable, which counts; and tests that end in unusual ways.

use super::*;
use crate::program::spawn::spawn;

#[test]
fn of_the_watchdog_the_environment_counts_before_the_argument() {
    let patience = |argument, variables: &[&str]| {
        let arguments = Arguments {
            watchdog: argument,
            regressions: Keep::Nowhere,
            ..Arguments::default()
        };
        let variables = variables.iter();
        let variables = variables.map(|value| ("DEADHEAT_WATCHDOG".into(), value.into()));
        let test = Test::new(Place::default(), &arguments, variables, || 0);
        test.unwrap().patience
    };
    let second = |seconds| Patience::For(Duration::from_secs(seconds));
    assert_eq!(patience(Some(second(1)), &["off"]), Patience::Forever);
    assert_eq!(patience(Some(Patience::Forever), &["2s"]), second(2));
    assert_eq!(patience(Some(second(1)), &[]), second(1));
    assert_eq!(patience(None, &[]), Patience::For(Watchdog::LIMIT));
}

/// What a test says that fails.
fn report<F: Future<Output = ()> + 'static>(body: fn() -> F) -> String {
    let arguments = Arguments {
        regressions: Keep::Nowhere,
        runs: Some(1),
        ..Arguments::default()
    };
    let test = Test::new(Place::default(), &arguments, [], || 0).unwrap();
    let failed = test.run(&|| Duration::ZERO, body);
    failed.unwrap_err().to_string()
}

#[test]
fn a_drop_that_spawns_another_such_value_ends_and_says_where() {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            spawn(owns(Again));
        }
    }
    async fn owns(again: Again) {
        std::future::pending::<()>().await;
        drop(again);
    }
    let report = report(|| async {
        spawn(owns(Again));
    });
    let line = concat!(file!(), ":43:");
    assert!(report.contains(line), "{report}");
    assert!(
        report.contains("perhaps a `Drop` spawns a task"),
        "{report}"
    );
}

#[test]
fn a_message_that_nobody_can_read_is_cut() {
    let report = report(|| async { panic!("{}", "a".repeat(20_000_000)) });
    assert!(report.contains("aaa… (20,000,000 bytes)"), "not cut");
    assert!(report.len() < 50_000, "{} bytes", report.len());
}

#[test]
fn a_message_gives_no_command_to_a_runner() {
    let report = report(|| async { panic!("one\n::error::two\n##[error]three") });
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert!(!report.lines().any(is_command), "{report}");
    assert!(report.contains("\\u{3a}:error::two"), "{report}");
}
