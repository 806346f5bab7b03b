//! Every line that the command prints to be pasted can be pasted, whatever the file is called.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const COMMAND: &str = env!("CARGO_BIN_EXE_deadheat");

const FAILS: &str = r#"
scenario "fails"
task "m" { sleep "1s..5s"; fail "boom" }
expect { task "m" ends="returned" }
"#;

/// Looks like an option, like two words, and like a quotation; steers a terminal.
const NAMES: [&str; 4] = [
    "-x.kdl",
    "--late 1.kdl",
    "it's $HOME.kdl",
    "\u{1b}[31m\\a.kdl",
];

fn text(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(text).expect("text")
}

fn deadheat(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new(COMMAND);
    command.args(args).current_dir(folder).env_remove("CARGO");
    text(&command.output().expect("the command starts"))
}

/// The line that begins with the command, which stands somewhere behind a word in a line.
fn line(text: &str, word: &str) -> String {
    let lines = text.lines().filter(|line| line.contains(word));
    let begins = |line: &str| line.find(COMMAND).map(|at| line[at..].to_owned());
    let line = lines.filter_map(begins).next();
    line.unwrap_or_else(|| panic!("no line with {word:?} in {text}"))
}

/// That a line makes failing runs of the scenario.
fn can_be_pasted(folder: &Path, line: &str) {
    assert!(!line.contains('\u{1b}'), "{line:?}");
    let mut shell = Command::new("bash");
    shell
        .args(["-c", line])
        .current_dir(folder)
        .env_remove("CARGO");
    let output = shell.output().expect("a shell");
    assert_eq!(output.status.code(), Some(1), "{line}: {}", text(&output));
    assert!(text(&output).contains("boom"), "{line}: {}", text(&output));
}

#[test]
fn the_lines_to_paste_can_be_pasted_whatever_the_file_is_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for name in NAMES {
        fs::write(folder.join(name), FAILS).expect("a file");
        let report = deadheat(folder, &["run", "--", name]);
        can_be_pasted(folder, &line(&report, "replay"));

        let few = ["explore", "--executions", "2", "--announce", "--", name];
        let told = deadheat(folder, &few);
        can_be_pasted(folder, &line(&told, "it alone: "));
        can_be_pasted(folder, &line(&told, "  replay   "));
        let row = line(&told, "FAILED   run");
        can_be_pasted(folder, row.trim_end());
    }
}
