//! `explore --save`: what was found is kept at once, and a search goes on where it was interrupted.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deadheat"));
    command.env_remove("GITHUB_ACTIONS");
    command.arg("explore").args(args).arg("--save").arg(folder);
    command
}

fn explore(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("the command starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn summary(output: &Output) -> Value {
    let text = stdout(output);
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    last["summary"].clone()
}

const BUG: &str = "connection-pool-bug";

#[test]
fn an_exploration_that_is_killed_has_kept_its_failures_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = command(folder.path(), &[BUG, "--executions", "1000000000"])
        .stdout(Stdio::null())
        .spawn()
        .expect("the command starts");
    let kept = folder.path().join(format!("{BUG}.regressions"));
    let progress = folder.path().join(format!("{BUG}.progress"));
    while !(kept.exists() && progress.exists()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it is running");
    child.wait().expect("it has ended");
    let tokens = fs::read_to_string(&kept).expect("what was kept");
    assert!(
        tokens.lines().any(|line| line.starts_with("dh1:")),
        "{tokens}"
    );
    let made = fs::read_to_string(&progress).expect("how far it was");
    let made: u64 = made
        .trim()
        .rsplit(' ')
        .next()
        .expect("a number")
        .parse()
        .expect("a number");
    let executions = (made + 500).to_string();
    let rest = explore(folder.path(), &[BUG, "--executions", &executions, "--json"]);
    assert_eq!(rest.status.code(), Some(0), "what was kept is found");
    let summary = summary(&rest);
    assert_eq!(
        (&summary["runs"], &summary["scenarios"][0]["runs_before"]),
        (&500.into(), &made.into())
    );
}

#[test]
fn what_is_kept_is_shrunk_and_made_first() {
    let folder = tempfile::tempdir().expect("a folder");
    explore(folder.path(), &[BUG]);
    let again = explore(folder.path(), &[BUG]);
    let text = stdout(&again);
    assert_eq!(again.status.code(), Some(0), "{text}");
    assert!(text.contains("  kept  "), "{text}");
    let kept = fs::read_to_string(folder.path().join(format!("{BUG}.regressions"))).expect("kept");
    let token = text
        .lines()
        .find_map(|line| line.split('\'').nth(1))
        .expect("a token");
    assert!(kept.contains(token), "{kept}");
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error_that_says_which() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let output = explore(&file, &[BUG]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains("cannot read"), "{text}");
}

/// However often it is killed, and whatever was found in the meantime.
#[test]
fn no_more_failing_runs_are_kept_by_many_sessions_than_by_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join(format!("{BUG}.regressions"));
    let progress = folder.path().join(format!("{BUG}.progress"));
    let lines = || {
        let text = fs::read_to_string(&kept).expect("what was kept");
        text.lines().filter(|line| line.starts_with("dh1:")).count()
    };
    for seed in ["1000", "2000", "3000", "4000"] {
        let args = [
            BUG,
            "--executions",
            "1000000000",
            "--jobs",
            "1",
            "--seed",
            seed,
        ];
        let mut child = command(folder.path(), &args)
            .stdout(Stdio::null())
            .spawn()
            .expect("the command starts");
        // It is written for the second time after half a second.
        let made = || {
            let text = fs::read_to_string(&progress).unwrap_or_default();
            let of_this = text.contains(&format!("seed {seed}\n"));
            let runs = text.trim_end().rsplit(' ').next();
            let runs = runs.and_then(|runs| runs.parse().ok());
            runs.filter(|_| of_this).unwrap_or(0_u64)
        };
        while made() < 1_000 {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("it is running");
        child.wait().expect("it has ended");
        assert!(lines() <= 4, "{} after {seed}", lines());
    }
    assert!(lines() > 0);
}

#[test]
fn runs_that_are_kept_and_fail_no_more_take_no_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join(format!("{BUG}.regressions"));
    let stale = ["1", "2", "3", "4", "5"].map(|seed| format!("dh1:{seed}\n"));
    fs::write(&kept, stale.concat()).expect("a file");
    assert_eq!(explore(folder.path(), &[BUG]).status.code(), Some(0));
    let text = fs::read_to_string(&kept).expect("what was kept");
    assert!(text.starts_with(&stale.concat()), "{text}");
    let lines = text.lines().filter(|line| line.starts_with("dh1:")).count();
    assert_eq!(lines, 5 + 4, "{text}");
}
