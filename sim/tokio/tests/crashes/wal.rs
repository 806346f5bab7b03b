//! A store that crashes anywhere and is started again has all that it has acknowledged; if a sync is left out it has not.

use std::io;
use std::path::PathBuf;

use deadheat::{Config, Failure, check, net};
use deadheat_tokio as tokio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep, timeout};

use crate::store::{Left, serve};

/// Asks the store for one thing, on a connection of its own.
async fn asked(line: &str) -> io::Result<String> {
    let mut stream = BufReader::new(TcpStream::connect("db:7000").await?);
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = String::new();
    match stream.read_line(&mut answer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(answer.trim_end().to_owned()),
    }
}

/// Asks until there is an answer.
async fn answered(line: &str) -> String {
    loop {
        if let Ok(Ok(answer)) = timeout(Duration::from_secs(2), asked(line)).await {
            return answer;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// A client that has set keys finds them, whatever has happened to the store meanwhile.
async fn program(left: Left) {
    let db = net::host("db");
    db.files_in_memory();
    with(db.may_crash(), left).await;
}

async fn with(db: net::Host, left: Left) {
    db.runs(move || async move {
        serve(PathBuf::from("/store"), left).await.unwrap();
    });
    let values = ["1", "2", "3", "4", "5"];
    for value in values {
        assert_eq!(answered(&format!("set key{value} {value}")).await, "done");
    }
    for value in values {
        assert_eq!(answered(&format!("get key{value}")).await, value);
    }
}

fn found(left: Left) -> Failure {
    let failure = check(&Config::new(), move || program(left)).unwrap_err();
    *failure
}

#[test]
fn nothing_that_was_acknowledged_is_lost() {
    check(&Config::new().runs(4_000), || program(Left::Nothing)).unwrap();
}

#[test]
fn nothing_is_lost_of_what_is_written_slowly_and_in_parts() {
    let program = || async {
        let db = net::host("db");
        let latency = Duration::ZERO..=Duration::from_millis(50);
        db.files_in_memory().latency(latency).may_write_less();
        with(db.crashes_at_most(3), Left::Nothing).await;
    };
    check(&Config::new().runs(2_000), program).unwrap();
}

#[test]
fn a_change_that_was_not_synced_is_lost_and_the_report_says_where_it_was_written() {
    let report = found(Left::SyncOfAChange).to_string();
    insta::assert_snapshot!(report);
}

#[test]
fn a_new_log_that_was_not_synced_is_lost_and_the_report_says_where_it_was_written() {
    let report = found(Left::SyncOfTheNewLog).to_string();
    insta::assert_snapshot!(report);
}

#[test]
fn a_new_name_that_was_not_synced_is_lost_and_the_report_says_where_it_was_given() {
    let report = found(Left::SyncOfTheFolder).to_string();
    insta::assert_snapshot!(report);
}
