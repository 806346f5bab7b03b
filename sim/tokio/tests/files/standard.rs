//! Standard streams inside of a run: what another process gives and takes.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use deadheat::{Config, run};
use deadheat_tokio as tokio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, stderr, stdin, stdout};

/// Set for a test that is a process of its own; else it does nothing.
const CHILD: &str = "DEADHEAT_TOKIO_CHILD";

fn is_child(test: &str) -> bool {
    std::env::var_os(CHILD).is_some_and(|of| of == test)
}

/// Makes this program's test of that name a process of its own, and gives it something to read.
fn process(test: &str, input: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--quiet"]);
    command.env(CHILD, test);
    for stream in [Command::stdout, Command::stderr] {
        stream(&mut command, Stdio::piped());
    }
    let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut given = process.stdin.take().unwrap();
    given.write_all(input.as_bytes()).unwrap();
    drop(given);
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

#[test]
fn lines_go_in_and_out() {
    let output = process("standard::echoes", "one\ntwo\nthe rest");
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("1 one\n2 two\nrest: the rest\n"), "{out}");
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("told of errors"), "{err}");
}

#[test]
fn echoes() {
    if !is_child("standard::echoes") {
        return;
    }
    let echo = || async {
        let mut input = BufReader::new(stdin());
        for number in 1..=2 {
            let mut line = String::new();
            input.read_line(&mut line).await.unwrap();
            let line = format!("{number} {line}");
            stdout().write_all(line.as_bytes()).await.unwrap();
        }
        let mut rest = String::new();
        input.read_to_string(&mut rest).await.unwrap();
        let mut out = stdout();
        out.write_all(format!("rest: {rest}\n").as_bytes())
            .await
            .unwrap();
        out.flush().await.unwrap();
        out.shutdown().await.unwrap();
        // Nobody waits for this one.
        stderr().write_all(b"told of errors\n").await.unwrap();
    };
    run(&Config::new(), echo).unwrap();
}

#[test]
fn much_is_written_in_the_order_of_the_calls() {
    let output = process("standard::counts", "");
    let out = String::from_utf8(output.stdout).unwrap();
    let counted = (0..200).map(|number| format!("number {number}\n"));
    assert!(out.contains(&counted.collect::<String>()), "{out}");
}

#[test]
fn counts() {
    if !is_child("standard::counts") {
        return;
    }
    let count = || async {
        let mut out = stdout();
        for number in 0..200 {
            let line = format!("number {number}\n");
            out.write_all(line.as_bytes()).await.unwrap();
        }
    };
    run(&Config::new(), count).unwrap();
}
