//! Where the output of the command goes: a pipe that is closed, a disk that is full.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const HOLDS: &str = "scenario \"holds\"\ntask \"m\" { sleep \"1s..5s\"; log \"end\" }\n";
const FAILS: &str = "scenario \"fails\"\ntask \"m\" { sleep \"1s..5s\"; log \"late\" }\nexpect { never \"late\" }\n";

fn deadheat(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deadheat"));
    command.env_remove("GITHUB_ACTIONS");
    command.args(args).stdin(Stdio::null());
    command
}

/// A scenario that holds and one that fails, in a folder of their own.
struct Files {
    folder: TempDir,
    holds: String,
    fails: String,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path: PathBuf = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path.display().to_string()
        };
        let (holds, fails) = (write("holds.kdl", HOLDS), write("fails.kdl", FAILS));
        Files {
            folder,
            holds,
            fails,
        }
    }

    /// Everything that prints something, with the status that it ends with.
    fn commands(&self) -> Vec<(Vec<&str>, i32)> {
        let (holds, fails) = (self.holds.as_str(), self.fails.as_str());
        vec![
            (vec!["list"], 0),
            (vec!["list", "--json"], 0),
            (vec!["run", holds], 0),
            (vec!["run", holds, "--json"], 0),
            (vec!["run", holds, "--trace"], 0),
            (vec!["run", fails], 1),
            (vec!["run", fails, "--json"], 1),
            (vec!["run", holds, "no-such-name", "--json"], 2),
            (vec!["explore", holds, "--executions", "20"], 0),
            (vec!["explore", holds, "--executions", "20", "--json"], 0),
            (
                vec!["explore", holds, "--until-quiet", "--executions", "20"],
                0,
            ),
            (vec!["explore", holds, "--exhaustive"], 0),
            (vec!["explore", fails, "--executions", "20"], 1),
            (
                vec!["explore", holds, fails, "--executions", "20", "--json"],
                1,
            ),
            (vec!["replay", holds, "dh1:0"], 0),
            (vec!["replay", fails, "dh1:0"], 1),
            (vec!["replay", holds, "dh1:0", "--trace", "json"], 0),
            (vec!["replay", fails, "dh1:0", "--trace", "html"], 1),
            (vec!["replay", holds, "dh1:0", "--trace", "perfetto"], 0),
            (
                vec!["compare", holds, "--seeds", "1", "--executions", "1"],
                0,
            ),
            (vec!["--help"], 0),
            (vec!["help", "run"], 0),
            (vec!["explore", "--help"], 0),
            (vec!["--version"], 0),
        ]
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("an exit status")
}

/// A pipe that nobody reads.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn every_command_ends_as_it_should_when_it_can_write() {
    let files = Files::new();
    for (args, expected) in files.commands() {
        let output = deadheat(&args).output().expect("the command starts");
        assert_eq!(status(&output), expected, "{args:?}");
        assert!(!output.stdout.is_empty(), "{args:?} prints something");
    }
}

#[test]
fn a_pipe_that_is_closed_ends_quietly_with_the_status_of_the_verdict() {
    let files = Files::new();
    for (args, expected) in files.commands() {
        let mut command = deadheat(&args);
        let output = command
            .stdout(closed())
            .output()
            .expect("the command starts");
        assert_eq!(status(&output), expected, "{args:?}");
        if expected < 2 {
            assert_eq!(text(&output.stderr), "", "{args:?}");
        }
    }
}

#[test]
fn a_reader_that_has_enough_does_not_make_a_failure_hold() {
    let files = Files::new();
    // More than a pipe takes, and the scenario that fails comes last.
    let mut args = vec!["explore", "--json", "--executions", "300"];
    args.extend([files.holds.as_str(); 20]);
    args.push(&files.fails);
    let mut command = deadheat(&args);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut first = [0; 10];
    let mut reader = child.stdout.take().expect("a pipe");
    reader.read_exact(&mut first).expect("ten bytes");
    drop(reader);
    assert_eq!(text(&first), "{\"scenario");
    assert_eq!(child.wait().expect("an end").code(), Some(1));
}

#[test]
fn a_closed_standard_error_changes_no_status() {
    let files = Files::new();
    for args in [
        &["run", "no-such-name"][..],
        &["frobnicate"],
        &["run", &files.holds, "no-such-name"],
    ] {
        let mut command = deadheat(args);
        let output = command
            .stderr(closed())
            .output()
            .expect("the command starts");
        assert_eq!(status(&output), 2, "{args:?}");
    }
}

/// `/dev/full` is a disk that is full; where there is none there is nothing to be tried.
#[cfg(target_os = "linux")]
mod full {
    use super::*;

    fn full() -> Stdio {
        let file = fs::OpenOptions::new().write(true).open("/dev/full");
        file.expect("a full disk").into()
    }

    #[test]
    fn an_output_that_cannot_be_written_is_status_2_and_a_message() {
        let files = Files::new();
        for (args, _) in files.commands() {
            let mut command = deadheat(&args);
            let output = command.stdout(full()).output().expect("the command starts");
            assert_eq!(status(&output), 2, "{args:?}");
            let told = text(&output.stderr);
            let message = "error: cannot write the output: No space left on device";
            assert_eq!(told.matches(message).count(), 1, "{args:?}: {told}");
        }
    }

    #[test]
    fn what_cannot_be_told_on_standard_error_is_told_by_the_status() {
        let files = Files::new();
        for args in [
            &["run", "no-such-name"][..],
            &["frobnicate"],
            &["run", &files.holds, "no-such-name"],
        ] {
            let mut command = deadheat(args);
            let output = command.stderr(full()).output().expect("the command starts");
            assert_eq!(status(&output), 2, "{args:?}");
        }
        // Nothing was shown, which is a failure; that it could not be told is more.
        let unshown = ["explore", &files.holds, "--executions", "0"];
        let output = deadheat(&unshown).output().expect("the command starts");
        assert_eq!(status(&output), 1);
        let untold = deadheat(&unshown)
            .stderr(full())
            .output()
            .expect("the command starts");
        assert_eq!(status(&untold), 2);
        let both = deadheat(&["run", &files.holds])
            .stdout(full())
            .stderr(full())
            .status();
        assert_eq!(both.expect("the command starts").code(), Some(2));
    }

    /// No file may be longer than nothing, as on a full disk; standard output is a pipe.
    #[test]
    fn what_cannot_be_saved_is_status_2_and_a_message_and_nothing_is_in_the_way_later() {
        let files = Files::new();
        let folder = files.folder.path().join("saved");
        let folder_text = folder.display().to_string();
        for (file, what) in [
            (&files.fails, " fails and could not be kept: "),
            (&files.holds, "how far it was could not be kept: "),
        ] {
            let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
            let explore = [
                "explore",
                file,
                "--save",
                &folder_text,
                "--executions",
                "50",
            ];
            for _ in 0..3 {
                let output = Command::new("sh")
                    .args(["-c", script, "sh", env!("CARGO_BIN_EXE_deadheat")])
                    .args(explore)
                    .output()
                    .expect("a shell");
                let told = text(&output.stderr);
                assert_eq!(status(&output), 2, "{told}");
                assert!(told.contains(what), "{told}");
                assert!(
                    text(&output.stdout).contains("scenario "),
                    "it is shown all the same"
                );
            }
            assert_eq!(
                fs::read_dir(&folder).expect("a folder").count(),
                0,
                "no rest is left"
            );
        }
        let explore = [
            "explore",
            &files.fails,
            "--save",
            &folder_text,
            "--executions",
            "50",
        ];
        let output = deadheat(&explore).output().expect("the command starts");
        assert_eq!((status(&output), text(&output.stderr)), (1, String::new()));
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2);
    }
}

#[test]
fn what_a_scenario_is_called_and_logs_does_not_steer_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hostile.kdl");
    let hostile = r"\u{1b}[31mred\u{202e}";
    let text =
        format!("scenario \"{hostile}\"\ntask \"m\" {{ sleep \"1s..5s\"; log \"{hostile}\" }}\n");
    let file = path.to_string_lossy();
    for expected in ["", "expect { never \"x\" }\n", "expect { stuck }\n"] {
        fs::write(&path, format!("{text}{expected}")).expect("a file");
        for command in [
            &["run", "--trace=text"][..],
            &["run"],
            &["explore", "--executions", "9"],
            &["replay", "--trace=text"],
        ] {
            let token = (command[0] == "replay").then_some("dh1:0");
            let args = [command[0], &*file]
                .into_iter()
                .chain(token)
                .chain(command[1..].iter().copied());
            let ended = deadheat(&args.collect::<Vec<_>>())
                .output()
                .expect("it runs");
            for out in [&ended.stdout, &ended.stderr] {
                let out = String::from_utf8_lossy(out);
                assert!(
                    !out.contains(['\u{1b}', '\u{202e}']),
                    "{command:?}: {out:?}"
                );
            }
        }
    }
}
