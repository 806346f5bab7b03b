//! What the command tells whoever calls it: numbers of runs from 1, what fits no longer, colours, a line for GitHub
//! Actions, and its exit status.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The reply comes in 1 to 5 s; the file believes that it always comes before the deadline.
const RACE: &str = r#"
scenario "race"
task "main" { try { body { timeout "t" after="3s" { recv "q"; log "got it" } }; on "timeout" { log "late" } } }
task "server" { sleep "1s..5s"; send "q" "v" }
expect { never "late" }
"#;

fn deadheat(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deadheat"));
    for name in [
        "CARGO",
        "GITHUB_ACTIONS",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
    ] {
        command.env_remove(name);
    }
    let command = command.args(args).envs(variables.iter().copied());
    command.output().expect("the command starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn race() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("race.kdl");
    std::fs::write(&path, RACE).expect("a file");
    (folder, path.display().to_string())
}

#[test]
fn runs_are_counted_from_1_in_text_json_and_announcements() {
    let (_folder, race) = race();
    let explore = ["explore", &race, "--jobs", "1", "--seed", "100"];
    let shown = text(&deadheat(&explore, &[]).stdout);
    let number = shown.split("   run ").nth(1).expect("a run");
    let number: u64 = number.split(' ').next().unwrap().parse().expect("a number");
    // The first run has the seed that was asked for.
    assert!(
        shown.contains(&format!("(seed {}, ", 99 + number)),
        "{shown}"
    );
    assert!(shown.contains(&format!("  run {number}  ")), "{shown}");

    let json = text(&deadheat(&[&explore[..], &["--json"]].concat(), &[]).stdout);
    let summary: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    let first = &summary["summary"]["scenarios"][0]["first_failing_run"];
    assert_eq!(first, number);

    let only = number.to_string();
    let alone = [&explore[..], &["--announce", "--only", &only]].concat();
    let alone = deadheat(&alone, &[]);
    assert_eq!(alone.status.code(), Some(1));
    let announced = text(&alone.stderr);
    let told = format!(": run {number}, seed {}, ", 99 + number);
    assert!(announced.contains(&told), "{announced}");
    let shown = text(&alone.stdout);
    assert!(shown.contains(&format!("   run {number} of ")), "{shown}");
}

#[test]
fn a_token_that_passes_and_no_longer_fits_fails_only_on_request() {
    let (_folder, race) = race();
    let token = "dh1:0.n99=1/2";
    let passes = deadheat(&["replay", &race, token], &[]);
    assert_eq!(passes.status.code(), Some(0));
    let note = "note: passes now; the schedule no longer fits, from decision n99 on, which was not reached";
    assert!(
        text(&passes.stdout).contains(note),
        "{}",
        text(&passes.stdout)
    );
    let json = deadheat(&["replay", &race, token, "--trace", "json"], &[]);
    assert!(
        text(&json.stderr).starts_with(note),
        "{}",
        text(&json.stderr)
    );
    let strict = |token| deadheat(&["replay", &race, token, "--strict"], &[]);
    assert_eq!(strict(token).status.code(), Some(1));
    assert_eq!(strict("dh1:0").status.code(), Some(0));
}

#[test]
fn reports_have_colours_where_they_are_asked_for_and_not_in_a_pipe() {
    let (_folder, race) = race();
    for args in [
        &["explore", &race][..],
        &["run", &race, "--scheduler", "random", "--seed", "2"],
    ] {
        let plain = text(&deadheat(args, &[]).stdout);
        assert!(!plain.contains('\u{1b}'), "{plain}");
        let coloured = text(&deadheat(args, &[("CLICOLOR_FORCE", "1")]).stdout);
        assert_eq!(
            plain.contains("FAILED  "),
            coloured.contains("\u{1b}[1;31mFAILED\u{1b}[0m  ")
        );
        let none = deadheat(args, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
        assert_eq!(text(&none.stdout), plain);
    }
}

#[test]
fn what_fails_is_one_line_under_github_actions() {
    let (_folder, race) = race();
    let github = [("GITHUB_ACTIONS", "true")];
    let told = text(&deadheat(&["explore", &race], &github).stderr);
    let begins = format!("::error file={race},line=1,title=race::violated: ");
    assert!(told.starts_with(&begins), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    // A known bug is to be found.
    let found = deadheat(&["explore", "connection-pool-bug"], &github);
    assert_eq!(text(&found.stderr), "");
}

#[test]
fn a_bug_is_to_be_found_by_name_as_with_all_others() {
    let found = deadheat(&["explore", "connection-pool-bug"], &[]);
    assert_eq!(found.status.code(), Some(0));
    let shown = text(&found.stdout);
    assert!(
        shown.contains("FAILED  ") && shown.contains("planted bug found"),
        "{shown}"
    );
    let args = [
        "explore",
        "connection-pool-bug",
        "--scheduler",
        "fifo",
        "--late",
        "0",
    ];
    let missed = deadheat(&args, &[]);
    let shown = text(&missed.stdout);
    assert!(shown.contains("planted bug NOT found"), "{shown}");
    assert_eq!(missed.status.code(), Some(1));
}

#[test]
fn the_help_of_each_command_that_runs_something_tells_the_exit_status() {
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["explore", "--help"],
        &["replay", "--help"],
    ] {
        let help = text(&deadheat(args, &[]).stdout);
        assert!(help.contains("Exit status:\n  0 "), "{help}");
        assert!(help.contains("\n  130  It was interrupted"), "{help}");
    }
}

#[test]
fn every_step_of_a_report_has_its_line_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("stuck.kdl").display().to_string();
    let stuck = r#"scenario "stuck"
task "first" {
    timeout "t" after="1s" {
        try { finally { log "left" }; body { wait "go" } }
    }
    acquire "lock" { wait "never" }
}
task "second" { sleep "2s"; set "go" }
expect {
    never "left"
    task "first" ends="timeout"
}
"#;
    std::fs::write(&path, stuck).expect("a file");
    let shown = text(&deadheat(&["explore", &path], &[]).stdout);
    for (what, place) in [
        ("is asked to cancel by the deadline of t", "3:5"),
        ("says \"left\"", "4:25"),
        ("violated: expected log \"left\" never", "10:5"),
    ] {
        let ends = format!("stuck.kdl:{place}");
        let is_it = |line: &str| line.contains(what) && line.ends_with(&ends);
        assert!(shown.lines().any(is_it), "{what} at {place}: {shown}");
    }

    std::fs::write(&path, stuck.replace("after=\"1s\"", "")).expect("a file");
    let shown = text(&deadheat(&["explore", &path], &[]).stdout);
    let waits = |line: &str| line.contains("first waits for event never since");
    let line = shown.lines().find(|line| waits(line));
    assert!(
        line.is_some_and(|line| line.ends_with("stuck.kdl:6:22")),
        "{shown}"
    );
}

#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn a_report_is_as_wide_as_the_terminal() {
    let (_folder, race) = race();
    // `script` gives the command a terminal of its own.
    let line = format!(
        "stty cols 60; {} explore {race}",
        env!("CARGO_BIN_EXE_deadheat")
    );
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .env_remove("COLUMNS");
    let Ok(output) = command.output() else {
        eprintln!("skipped: there is no `script` here, which makes a terminal");
        return;
    };
    let shown = text(&output.stdout);
    let report = shown.split("replay ").next().expect("a report");
    assert!(report.contains("violated: "), "{shown}");
    // A line of progress is written over.
    let is_long = |line: &&str| !line.contains('\r') && line.chars().count() > 90;
    assert_eq!(report.lines().find(is_long), None);
    let piped = text(&deadheat(&["explore", &race], &[]).stdout);
    assert!(piped.lines().any(|line| is_long(&line)), "{piped}");
}
