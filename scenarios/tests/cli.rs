//! The command as a shell sees it: output, errors, exit status.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

fn deadheat(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deadheat"))
        .env_remove("GITHUB_ACTIONS")
        .args(args)
        .env_remove("CARGO")
        .env("COLUMNS", "100")
        .output()
        .expect("the command starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

fn json_lines(output: &Output) -> Vec<Value> {
    let text = stdout(output);
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// Files in a folder of their own.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Files(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

const BASIC: &str = r#"
scenario "basic"
task "m" { timeout "t" after="1s" { sleep "10s" } }
"#;

/// The reply comes in 1 to 5 s; the file believes that it always comes before the deadline.
const RACE: &str = r#"
scenario "race"
task "main" { try { body { timeout "t" after="3s" { recv "q"; log "got it" } }; on "timeout" { log "late" } } }
task "server" { sleep "1s..5s"; send "q" "v" }
expect { never "late" }
"#;

const STUCK: &str = "scenario \"stuck\"\ntask \"m\" { wait \"E\" }\n";

#[test]
fn help() {
    for (name, args) in [
        ("help", &["--help"][..]),
        ("help_run", &["run", "--help"]),
        ("help_explore", &["explore", "--help"]),
        ("help_replay", &["replay", "--help"]),
    ] {
        let output = deadheat(args);
        assert_eq!(status(&output), 0);
        insta::assert_snapshot!(name, stdout(&output));
    }
}

/// The output without the place of this build.
fn steady(output: &Output) -> String {
    stdout(output).replace(env!("CARGO_BIN_EXE_deadheat"), "deadheat")
}

#[test]
fn the_list_of_the_catalogue() {
    insta::assert_snapshot!(steady(&deadheat(&["list"])));
}

#[test]
fn the_table_of_an_exploration() {
    let args = [
        "explore",
        "connection-pool",
        "connection-pool-bug",
        "--executions",
        "100",
    ];
    let output = deadheat(&args);
    assert_eq!(status(&output), 0, "a bug that is named is to be found");
    insta::assert_snapshot!(steady(&output));
}

#[test]
fn the_whole_catalogue_is_as_it_should_be() {
    let output = deadheat(&["explore"]);
    assert_eq!(status(&output), 0, "{}", stdout(&output));
    let text = stdout(&output);
    assert!(text.matches("planted bug found").count() >= 5, "{text}");
    assert!(!text.contains("FAILED") && !text.contains("NOT"), "{text}");
    assert_eq!(stderr(&output), "", "no progress bar in a pipe");
}

#[test]
fn run_prints_the_contract_of_the_json() {
    let files = Files::new();
    let output = deadheat(&["run", &files.write("basic.kdl", BASIC), "--json"]);
    assert_eq!(status(&output), 0);
    let text = stdout(&output);
    let expected = r#"{"scenario":"basic","verdict":"done","scheduler":"fifo","seed":0,"steps":3,"tasks":[{"name":"m","end":"timeout","at_ns":1000000000}],"scopes":[{"name":"t","state":"expired","expired":true,"when_ns":1000000000}],"log":[],"violations":[],"replay":"dh1:"#;
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn run_keeps_the_order_of_its_files_and_goes_on_after_a_bad_one() {
    let files = Files::new();
    let (good, bad) = (
        files.write("good.kdl", BASIC),
        files.write("bad.kdl", "task \"m\" {"),
    );
    let stuck = files.write("stuck.kdl", STUCK);
    let output = deadheat(&["run", &good, &bad, &stuck, "no-such-name", "--json"]);
    assert_eq!(status(&output), 2);
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["verdict"], "done");
    assert!(lines[1]["error"].as_str().unwrap().contains("bad.kdl:"));
    assert_eq!(lines[2]["verdict"], "stuck");
    assert_eq!(lines[2]["tasks"][0]["at_ns"], Value::Null);
    assert!(lines[3]["error"].as_str().unwrap().contains("no-such-name"));
    assert!(stderr(&output).contains("help:"), "{}", stderr(&output));
}

#[test]
fn stuck_is_a_failure_unless_the_file_expects_it() {
    let files = Files::new();
    let expected = format!("{STUCK}expect {{ verdict \"stuck\" }}\n");
    let unexpected = deadheat(&["run", &files.write("stuck.kdl", STUCK)]);
    assert_eq!(status(&unexpected), 1);
    assert!(stdout(&unexpected).contains("m waits for event E since 0 ms"));
    assert_eq!(
        status(&deadheat(&["run", &files.write("expected.kdl", expected)])),
        0
    );
}

#[test]
fn an_expectation_that_does_not_hold_is_a_failure() {
    let files = Files::new();
    let wrong = format!("{BASIC}expect {{ task \"m\" ends=\"returned\" }}\n");
    let output = deadheat(&["run", &files.write("wrong.kdl", wrong), "--json"]);
    assert_eq!(status(&output), 1);
    let line = &json_lines(&output)[0];
    assert_eq!(line["verdict"], "failed");
    assert!(
        line["violations"][0]["text"]
            .as_str()
            .unwrap()
            .contains("task m should have returned; it ")
    );
}

#[test]
fn a_sleep_that_is_made_anew_and_never_ends_is_told_in_a_report_as_in_that_of_a_test() {
    let output = deadheat(&["explore", "timeout-restarts-in-loop", "--executions", "20"]);
    assert_eq!(status(&output), 0, "a bug of the museum is found");
    let text = stdout(&output);
    assert!(text.contains("note: the sleep of "), "{text}");
    assert!(text.contains(" never ended: "), "{text}");
}

#[test]
fn explore_finds_shrinks_and_prints_a_line_that_reproduces() {
    let files = Files::new();
    let race = files.write("race.kdl", RACE);
    let output = deadheat(&["explore", &race]);
    assert_eq!(status(&output), 1);
    let text = stdout(&output);
    assert!(text.contains("Without it, the program passes."), "{text}");
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with("replay "))
        .expect("a line");
    let command = line.trim_start().trim_start_matches("replay").trim();
    let pasted = Command::new("sh")
        .args(["-c", command])
        .output()
        .expect("a shell");
    assert_eq!(pasted.status.code(), Some(1), "{command}");
    let again = String::from_utf8(pasted.stdout).expect("text");
    assert!(
        again.contains("violated: expected log \"late\" never"),
        "{again}"
    );
    assert!(again.contains("log \"late\""), "{again}");
    assert!(!again.contains("changed since"), "{again}");
}

#[test]
fn explore_as_json_prints_each_distinct_outcome_and_a_summary() {
    let files = Files::new();
    let race = files.write("race.kdl", RACE);
    let output = deadheat(&["explore", &race, "--json", "--executions", "200"]);
    assert!(
        stdout(&output).starts_with("{\"scenario\":\"race\",\"outcome\":{\"scenario\":\"race\",")
    );
    let lines = json_lines(&output);
    let (summary, outcomes) = lines.split_last().expect("a summary");
    let counts: u64 = outcomes
        .iter()
        .map(|line| line["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counts, 200);
    assert_eq!(summary["summary"]["runs"], 200);
    assert_eq!(summary["summary"]["failed"], 1);
    let verdicts: Vec<&str> = outcomes
        .iter()
        .map(|line| line["outcome"]["verdict"].as_str().unwrap())
        .collect();
    assert!(
        verdicts.contains(&"done") && verdicts.contains(&"failed"),
        "{verdicts:?}"
    );
}

#[test]
fn every_outcome_of_an_exploration_replays_to_itself() {
    let files = Files::new();
    let race = files.write("race.kdl", RACE);
    let output = deadheat(&["explore", &race, "--json", "--executions", "100"]);
    let lines = json_lines(&output);
    for line in &lines[..lines.len() - 1] {
        let token = line["replay"].as_str().unwrap();
        let replayed = deadheat(&["replay", &race, token]);
        let failed = line["outcome"]["verdict"] == "failed";
        assert_eq!(status(&replayed), i32::from(failed), "{token}");
        assert!(!stdout(&replayed).contains("changed since"), "{token}");
    }
}

#[test]
fn the_same_exploration_prints_the_same_with_any_number_of_jobs() {
    let files = Files::new();
    let race = files.write("race.kdl", RACE);
    let with = |jobs| stdout(&deadheat(&["explore", &race, "--json", "--jobs", jobs]));
    assert_eq!(with("1"), with("2"));
}

#[test]
fn exhaustive_says_which_orders_it_saw() {
    let files = Files::new();
    let held = RACE.replace("never \"late\"", "task \"main\" ends=\"returned\"");
    let (held, basic) = (
        files.write("held.kdl", held),
        files.write("basic.kdl", BASIC),
    );
    for (file, complete, covered) in [
        (&held, true, "every order and tie that the ranges allow"),
        (&basic, true, "every order"),
    ] {
        let output = deadheat(&["explore", "--exhaustive", file]);
        assert_eq!(status(&output), 0);
        let text = stdout(&output);
        assert!(text.contains(&format!("  holds in {covered}\n")), "{text}");
        let output = deadheat(&["explore", "--exhaustive", file, "--json"]);
        let scenario = &json_lines(&output).pop().expect("a summary")["summary"]["scenarios"][0];
        assert_eq!(scenario["complete"], complete);
        assert_eq!(scenario["covered"], covered);
        let sampled = deadheat(&["explore", file, "--json", "--late", "0"]);
        let scenario = &json_lines(&sampled).pop().expect("a summary")["summary"]["scenarios"][0];
        assert_eq!(
            (&scenario["complete"], &scenario["covered"]),
            (&Value::Bool(false), &Value::Null)
        );
    }
}

#[test]
fn late_can_be_fixed() {
    let files = Files::new();
    let late = "scenario \"late\"\ntask \"m\" { sleep \"1s\"; log \"x\" }\nexpect { task \"m\" at=\"1s\" }\n";
    let late = files.write("late.kdl", late);
    assert_eq!(status(&deadheat(&["explore", &late, "--late", "0"])), 0);
    assert_eq!(status(&deadheat(&["explore", &late, "--late", "2ms"])), 1);
    assert_eq!(status(&deadheat(&["explore", &late])), 1);
}

#[test]
fn a_trace_comes_in_four_forms() {
    let files = Files::new();
    let basic = files.write("basic.kdl", BASIC);
    let form = |form| stdout(&deadheat(&["replay", &basic, "dh1:0", "--trace", form]));
    assert!(form("text").starts_with("deadheat trace 1\n"));
    assert!(
        form("json")
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
    let perfetto: Value = serde_json::from_str(&form("perfetto")).expect("JSON");
    assert!(perfetto["traceEvents"].as_array().expect("events").len() > 5);
    let html = form("html");
    assert!(
        html.starts_with("<!doctype html>") && html.contains("the deadline of t is reached"),
        "{html}"
    );
}

#[test]
fn bad_use_is_told_with_status_2() {
    let files = Files::new();
    let basic = files.write("basic.kdl", BASIC);
    for args in [
        &["run"][..],
        &["run", "no-such-name"],
        &["run", "no/such/file.kdl"],
        &["run", &basic, "--scheduler", "psychic"],
        &["run", &basic, "--seed", "x"],
        &["explore", &basic, "--time", "5 parsecs"],
        &["replay", &basic, "dh1:zz"],
        &["replay", "no-such-name", "dh1:0"],
        &["frobnicate"],
    ] {
        let output = deadheat(args);
        assert_eq!(status(&output), 2, "{args:?}");
        let told = stderr(&output);
        assert!(
            told.contains("error") || told.contains('×'),
            "{args:?}: {told}"
        );
        assert!(!told.contains("panicked"), "{args:?}: {told}");
    }
}

#[test]
fn hostile_files_get_an_error_in_bounded_time() {
    let files = Files::new();
    let deep = "task \"m\" {".repeat(10_000);
    let hostile = [
        files.write("truncated.kdl", &BASIC[..BASIC.len() / 2]),
        files.write("binary.kdl", [0u8, 159, 146, 150, 255, 254].repeat(1000)),
        files.write("large.kdl", vec![b' '; 100 << 20]),
        files.write("deep.kdl", deep),
        files.write("empty.kdl", ""),
        files.0.path().display().to_string(),
    ];
    for file in &hostile {
        let output = deadheat(&["run", file]);
        assert_eq!(status(&output), 2, "{file}");
        assert!(
            stderr(&output).contains("help:"),
            "{file}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("panicked"), "{file}");
    }
}

#[test]
fn three_thousand_files_in_one_call() {
    let files = Files::new();
    let names: Vec<String> = (0..3_000)
        .map(|index| {
            files.write(
                &format!("{index}.kdl"),
                BASIC.replace("basic", &format!("s{index}")),
            )
        })
        .collect();
    let mut args = vec!["run", "--json"];
    args.extend(names.iter().map(String::as_str));
    let output = deadheat(&args);
    assert_eq!(status(&output), 0);
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 3_000);
    assert!((0..3_000).all(|index| lines[index]["scenario"] == format!("s{index}")));
}

/// Calls the command and interrupts it.
#[cfg(unix)]
fn interrupted(args: &[&str]) -> Output {
    let child = Command::new(env!("CARGO_BIN_EXE_deadheat"))
        .env_remove("GITHUB_ACTIONS")
        .args(args)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command starts");
    // The handler is in place a moment after the start; no time is asserted, only waited for.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    interrupt.expect("kill");
    child.wait_with_output().expect("an end")
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_what_was_found_so_far() {
    let files = Files::new();
    let race = files.write("race.kdl", RACE);
    let output = interrupted(&["explore", &race, "--executions", "1000000000", "--json"]);
    assert_eq!(status(&output), 1);
    let lines = json_lines(&output);
    let summary = &lines.last().expect("a summary")["summary"];
    assert_eq!(summary["interrupted"], true);
    assert!(summary["runs"].as_u64().unwrap() > 0);
}

#[cfg(unix)]
#[test]
fn of_scenarios_that_ctrl_c_left_out_none_holds() {
    let files = Files::new();
    let basic = files.write("basic.kdl", BASIC);
    let output = interrupted(&[
        "explore",
        &basic,
        &basic,
        &basic,
        "--executions",
        "1000000000",
    ]);
    assert_eq!(status(&output), 130);
    let told = "error: interrupted: of 3 scenarios 2 were not explored\n";
    assert_eq!(stderr(&output), told);
    assert_eq!(
        stdout(&output).matches("holds").count(),
        1,
        "{}",
        stdout(&output)
    );
}
