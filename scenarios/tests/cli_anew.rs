//! `explore --save`: what no longer fits what was kept of it begins anew and says so; nothing that was not run
//! holds.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

const COMMAND: &str = env!("CARGO_BIN_EXE_deadheat");

const HOLDS: &str = r#"
scenario "same name"
task "m" { sleep "1s..5s"; log "end" }
expect { task "m" ends="returned" }
"#;

/// Every run of it fails.
const FAILS: &str = r#"
scenario "same name"
task "m" { sleep "1s..5s"; fail "boom" }
expect { task "m" ends="returned" }
"#;

/// Fails where the reply comes at the deadline.
const REPLY: &str = r#"
scenario "reply"
task "main" { timeout "t" after="3s" { recv "q" } }
task "server" { sleep "1s..5s"; send "q" "v" }
expect { task "main" ends="returned" }
"#;

/// A folder in which the command is called, with a folder in it to save in.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn saved(&self, name: &str) -> PathBuf {
        self.path("saved").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    fn explore_by(&self, command: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(command);
        command.arg("explore").args(args).args(["--save", "saved"]);
        command.current_dir(self.0.path());
        loop {
            match command.output() {
                // A copy that a test has just written: a process that another test began meanwhile has not closed
                // what it inherited yet.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
                output => return output.expect("the command starts"),
            }
        }
    }

    /// The exit status of an exploration of 200 runs, and what the summary says of its first scenario.
    fn explore(&self, args: &[&str]) -> (i32, Value) {
        self.explored_by(Path::new(COMMAND), args)
    }

    fn explored_by(&self, command: &Path, args: &[&str]) -> (i32, Value) {
        let mut all = vec!["--json"];
        if !args.contains(&"--executions") {
            all.extend(["--executions", "200"]);
        }
        all.extend(args);
        let output = self.explore_by(command, &all);
        let text = String::from_utf8(output.stdout).expect("text");
        let last = text.lines().last().expect("a line");
        let last: Value = serde_json::from_str(last).expect("JSON");
        let status = output.status.code().expect("an exit status");
        (status, last["summary"]["scenarios"][0].clone())
    }
}

/// That all runs were made again, and that it was said why.
fn is_anew(scenario: &Value, why: &str) {
    assert_eq!(
        (&scenario["runs"], &scenario["runs_before"]),
        (&200.into(), &0.into()),
        "{scenario}"
    );
    let note = scenario["notes"][0].as_str().unwrap_or_default();
    assert!(
        note.starts_with("begins anew: ") && note.contains(why),
        "{scenario}"
    );
}

#[test]
fn a_scenario_that_was_edited_so_that_it_fails_is_found_to_fail() {
    let place = Place::new();
    place.write("a.kdl", HOLDS);
    let (status, first) = place.explore(&["a.kdl"]);
    assert_eq!((status, &first["notes"]), (0, &Value::Array(Vec::new())));
    place.write("a.kdl", FAILS);
    let (status, edited) = place.explore(&["a.kdl"]);
    assert_eq!((status, &edited["verdict"]), (1, &"FAILED".into()));
    is_anew(&edited, "the scenario has changed since 200 runs were made");

    let text = place.explore_by(Path::new(COMMAND), &["a.kdl", "--seed", "9"]);
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(
        text.contains("\na.kdl: begins anew: the arguments have changed (scheduler "),
        "{text}"
    );
}

#[test]
fn an_exploration_that_is_done_says_what_it_showed_then_and_ends_as_it_ended() {
    let place = Place::new();
    place.write("a.kdl", HOLDS);
    place.explore(&["a.kdl"]);
    // The same scenario, laid out in another way.
    place.write(
        "a.kdl",
        &format!("// A remark.\n{}", HOLDS.replace("; ", "\n")),
    );
    let (status, again) = place.explore(&["a.kdl"]);
    assert_eq!(
        (status, &again["verdict"]),
        (0, &"held before, in 200 runs".into())
    );
    assert_eq!(
        (&again["runs"], &again["runs_before"]),
        (&0.into(), &200.into())
    );
    let (status, more) = place.explore(&["a.kdl", "--executions", "300"]);
    assert_eq!(
        (status, &more["verdict"]),
        (0, &"holds, as in 200 runs before".into())
    );
    assert_eq!(
        (&more["runs"], &more["runs_before"]),
        (&100.into(), &200.into())
    );

    place.write("b.kdl", FAILS);
    for _ in 0..2 {
        let (status, failed) = place.explore(&["b.kdl"]);
        assert_eq!((status, &failed["verdict"]), (1, &"FAILED".into()));
    }
}

#[test]
fn failing_runs_that_were_deleted_or_damaged_are_found_again() {
    let place = Place::new();
    place.write("a.kdl", FAILS);
    place.explore(&["a.kdl"]);
    let kept = place.saved("a.kdl.regressions");
    let text = fs::read_to_string(&kept).expect("what was kept");

    fs::remove_file(&kept).expect("it is there");
    let (status, deleted) = place.explore(&["a.kdl"]);
    assert_eq!(status, 1);
    is_anew(&deleted, "a run had failed, and is kept no more");

    fs::write(&kept, "").expect("a file");
    let (status, emptied) = place.explore(&["a.kdl"]);
    assert_eq!(status, 1);
    is_anew(&emptied, "a run had failed, and is kept no more");

    let all = [
        (&text.as_bytes()[..text.len() - 1], ".damaged"),
        (b"no token\n", ".damaged-2"),
        (b"\xff\xfe", ".damaged-3"),
    ];
    for (damaged, name) in all {
        let damaged = [b"dh1:zz", damaged].concat();
        fs::write(&kept, &damaged).expect("a file");
        let (status, found) = place.explore(&["a.kdl"]);
        assert_eq!(status, 1);
        is_anew(&found, name);
        let notes = found["notes"].to_string();
        assert!(notes.contains("it was put aside as "), "{notes}");
        assert!(!notes.contains("nothing is"), "it goes on: {notes}");
        let aside = place.saved(&format!("a.kdl.regressions{name}"));
        assert_eq!(fs::read(aside).expect("it is kept"), damaged);
    }
    // None of them was written over by a later one.
    for (damaged, name) in all {
        let aside = place.saved(&format!("a.kdl.regressions{name}"));
        let aside = fs::read(aside).expect("it is kept");
        assert_eq!(aside, [b"dh1:zz", damaged].concat());
    }
}

#[test]
fn where_none_of_the_kept_runs_fails_any_more_all_runs_are_made_again() {
    let place = Place::new();
    place.write("a.kdl", REPLY);
    assert_eq!(place.explore(&["a.kdl"]).0, 1);
    fs::write(place.saved("a.kdl.regressions"), "dh1:0\n").expect("a file");
    let (status, found) = place.explore(&["a.kdl"]);
    assert_eq!(status, 1);
    is_anew(
        &found,
        "a run had failed, and none of those that are kept fails now",
    );
    assert_eq!(
        found["notes"][1],
        "of the failing runs that are kept 1 passed now"
    );
}

#[test]
fn a_failing_run_that_could_not_be_kept_is_found_again() {
    let place = Place::new();
    place.write("a.kdl", FAILS);
    let in_the_way = place.saved(".a.kdl.regressions.of-deadheat");
    fs::create_dir_all(&in_the_way).expect("a folder");
    assert_eq!(place.explore(&["a.kdl"]).0, 2, "it could not be kept");
    fs::remove_dir(&in_the_way).expect("it is there");
    let (status, found) = place.explore(&["a.kdl"]);
    assert_eq!(status, 1);
    is_anew(&found, "a run had failed, and is kept no more");
}

/// Whenever the process is killed, what it leaves is no obstacle, and nothing that fails is forgotten.
#[test]
fn explorations_that_are_killed_again_and_again_leave_no_obstacle() {
    let place = Place::new();
    place.write("a.kdl", FAILS);
    for round in 0..20_u64 {
        let mut child = Command::new(COMMAND)
            .args([
                "explore",
                "a.kdl",
                "--save",
                "saved",
                "--executions",
                "1000000000",
            ])
            .current_dir(place.0.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("the command starts");
        // Anywhere between its start and its first records.
        std::thread::sleep(Duration::from_micros(round * 8_641 % 150_000));
        child.kill().expect("it is running");
        child.wait().expect("it has ended");
    }
    // Some that were left half written.
    fs::create_dir_all(place.path("saved")).expect("a folder");
    for left in [
        ".a.kdl.progress.of-deadheat",
        ".a.kdl.regressions.of-deadheat",
    ] {
        fs::write(place.saved(left), "half of a li").expect("a file");
    }
    let progress = fs::read_to_string(place.saved("a.kdl.progress")).unwrap_or_default();
    let made = progress.trim_end().rsplit(' ').next().unwrap_or_default();
    let executions = (made.parse().unwrap_or(0) + 200_u64).to_string();
    let (status, found) = place.explore(&["a.kdl", "--executions", &executions]);
    assert_eq!(found["runs"], 200);
    assert_eq!(
        (status, &found["verdict"]),
        (1, &"FAILED".into()),
        "{found}"
    );
}

#[test]
fn a_record_of_progress_that_is_damaged_or_of_another_version_counts_for_nothing() {
    let place = Place::new();
    place.write("a.kdl", FAILS);
    for (progress, why) in [
        ("", "is damaged"),
        ("deadheat session 2\nbuild", "is damaged"),
        (
            "deadheat session 1\nscheduler Portfolio late mixed seed 0\nruns 1000\n",
            "another version",
        ),
    ] {
        fs::create_dir_all(place.path("saved")).expect("a folder");
        fs::write(place.saved("a.kdl.progress"), progress).expect("a file");
        let (status, found) = place.explore(&["a.kdl"]);
        assert_eq!(status, 1);
        is_anew(&found, why);
    }
}

#[test]
fn kept_runs_are_tried_on_the_edited_scenario_and_it_is_told_where_they_do_not_fit() {
    let place = Place::new();
    place.write("a.kdl", REPLY);
    assert_eq!(place.explore(&["a.kdl"]).0, 1);
    // The deadline moves and every kept run passes or fits no more; others fail.
    let wrong = REPLY.replace("3s", "4999999999ns");
    place.write("a.kdl", &wrong);
    let (status, found) = place.explore(&["a.kdl"]);
    assert_eq!(
        (status, &found["verdict"]),
        (1, &"FAILED".into()),
        "{found}"
    );
    is_anew(&found, "the scenario has changed");

    // Now the reply is always in time.
    place.write("a.kdl", &REPLY.replace("1s..5s", "1s"));
    let (status, held) = place.explore(&["a.kdl"]);
    assert_eq!((status, &held["verdict"]), (0, &"holds".into()), "{held}");
    let notes = held["notes"].to_string();
    assert!(
        notes.contains("is kept and passes now; the schedule no longer fits, from decision "),
        "{notes}"
    );
}

#[test]
fn scenarios_of_one_name_and_files_of_like_names_share_nothing() {
    let place = Place::new();
    place.write("a.kdl", HOLDS);
    place.write("b.kdl", FAILS);
    place.write("x y.kdl", HOLDS);
    place.write("x_y.kdl", FAILS);
    for (file, expected) in [("a.kdl", 0), ("b.kdl", 1), ("x y.kdl", 0), ("x_y.kdl", 1)] {
        let (status, found) = place.explore(&[file]);
        assert_eq!((status, &found["runs"]), (expected, &200.into()), "{file}");
        assert_eq!(found["notes"], Value::Array(Vec::new()), "{file}");
    }
    let files = fs::read_dir(place.path("saved")).expect("a folder").count();
    assert_eq!(files, 4 + 2, "one each, and the failing runs of two");
}

/// What is run may be another program, although nothing else has changed.
#[cfg(target_os = "linux")]
#[test]
fn another_build_of_the_command_begins_anew() {
    let place = Place::new();
    let copy = place.path("deadheat");
    fs::copy(COMMAND, &copy).expect("a copy");
    let museum = "pool-wake-swallowed-fixed";
    place.explored_by(&copy, &[museum]);
    let (status, same) = place.explored_by(&copy, &[museum]);
    assert_eq!(
        (status, &same["runs_before"]),
        (0, &200.into()),
        "the same build"
    );
    let mut bytes = fs::read(&copy).expect("a file");
    bytes.push(0);
    fs::write(&copy, bytes).expect("a file");
    let (status, other) = place.explored_by(&copy, &[museum]);
    assert_eq!(status, 0);
    is_anew(&other, "deadheat has been built anew");
}

#[test]
fn searches_that_are_not_by_number_neither_count_nor_use_what_was_counted() {
    let place = Place::new();
    place.write("a.kdl", HOLDS);
    place.explore(&["a.kdl", "--late", "0"]);
    for search in [
        &["--exhaustive"][..],
        &["--scheduler", "exhaustive"],
        &["--scheduler", "bounded:2"],
    ] {
        for _ in 0..2 {
            let mut args = vec!["a.kdl", "--late", "0"];
            args.extend(search);
            let (status, found) = place.explore(&args);
            assert_eq!(status, 0);
            assert!(
                found["runs"].as_u64().is_some_and(|runs| runs > 0),
                "{found}"
            );
            assert_eq!(
                (&found["runs_before"], &found["notes"]),
                (&0.into(), &Value::Array(Vec::new()))
            );
        }
    }
    let (_, again) = place.explore(&["a.kdl", "--late", "0"]);
    assert_eq!(again["runs_before"], 200, "what was counted is still there");
    // Runs that were not repeated say nothing of whether they repeat.
    let (_, repeated) = place.explore(&["a.kdl", "--late", "0", "--check-determinism"]);
    is_anew(&repeated, "the arguments have changed");
}

#[test]
fn nothing_that_was_not_run_holds() {
    let place = Place::new();
    place.write("a.kdl", HOLDS);
    for args in [
        &["a.kdl", "--executions", "0"][..],
        &["a.kdl", "--executions", "0", "--exhaustive"],
        &["a.kdl", "--time", "0"],
    ] {
        let output = place.explore_by(Path::new(COMMAND), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(
            text.contains("nothing was shown") && !text.contains("hold"),
            "{text}"
        );
        let told = String::from_utf8(output.stderr).expect("text");
        assert_eq!(
            told,
            "error: a.kdl: no run was made, so nothing was shown\n"
        );
    }
}
