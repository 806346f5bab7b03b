//! What the command says of more outcomes than are kept.

use std::process::{Command, Stdio};

const MANY: &str = r#"
scenario "many"
task "a" { sleep "1s..5s" }
task "b" { sleep "1s..5s" }
task "c" { sleep "1s..5s" }
task "d" { sleep "1s..5s" }
"#;

#[test]
fn what_is_over_is_counted_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("many.kdl");
    std::fs::write(&file, MANY).expect("a file");
    let explore = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deadheat"));
        command.current_dir(&folder).stdin(Stdio::null());
        command.args(["explore", "many.kdl", "--executions", "80000"]);
        let output = command.args(options).output().expect("the command starts");
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).expect("text")
    };
    let json = explore(&["--json", "--jobs", "2"]);
    let lines: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (last, outcomes) = lines.split_last().expect("a summary");
    let scenario = &last["summary"]["scenarios"][0];
    let unlisted = scenario["unlisted"].as_u64().expect("a number");
    assert_eq!(
        (scenario["outcomes"].as_u64(), outcomes.len()),
        (Some(10_000), 10_000)
    );
    let counts = outcomes.iter().map(|outcome| outcome["count"].as_u64());
    let listed: u64 = counts.map(|count| count.expect("a number")).sum();
    assert!(unlisted > 0);
    assert_eq!(listed + unlisted, 80_000);

    let text = explore(&["--jobs", "1"]);
    let said = format!(
        "many.kdl: the 10000 outcomes that came first are kept; {unlisted} runs came to others, which are not listed\n"
    );
    assert!(text.ends_with(&said), "{text}");
}
