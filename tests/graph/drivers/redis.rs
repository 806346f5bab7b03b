//! redis-rs: a multiplexed connection to a server that a script plays, over a pipe.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands as _, RedisConnectionInfo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

/// Answers each command after a while; a `GET` with the name of its key.
async fn server(mut pipe: DuplexStream, takes: Duration) {
    let mut received = Vec::new();
    loop {
        let mut part = [0; 512];
        let read = pipe.read(&mut part).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        received.extend_from_slice(&part[..read]);
        while let Some((words, rest)) = command(&received) {
            received.drain(..rest);
            let is_get = words[0] == "GET";
            if is_get {
                sleep(takes).await;
            }
            let answer = match is_get {
                true => format!("${}\r\n{}\r\n", words[1].len(), words[1]),
                false => "+OK\r\n".to_owned(),
            };
            if pipe.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// The first whole command, and where it ends.
fn command(bytes: &[u8]) -> Option<(Vec<String>, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut at = 0;
    let mut line = || {
        let end = text[at..].find("\r\n")? + at;
        let line = &text[at..end];
        at = end + 2;
        Some(line)
    };
    let count: usize = line()?.strip_prefix('*')?.parse().ok()?;
    let mut words = Vec::new();
    for _ in 0..count {
        line()?;
        words.push(line()?.to_owned());
    }
    Some((words, at))
}

async fn connected(takes: Duration, limit: Duration) -> MultiplexedConnection {
    let (client, pipe) = duplex(4096);
    tokio::spawn(server(pipe, takes));
    let info = RedisConnectionInfo::default();
    let made = MultiplexedConnection::new_with_response_timeout(&info, client, Some(limit)).await;
    let (connection, driver) = made.unwrap();
    tokio::spawn(driver);
    connection
}

#[tokio::test]
async fn a_command_without_an_answer_ends_at_the_limit() {
    let mut connection = connected(60 * S, 2 * S).await;
    let begun = Instant::now();
    let got: redis::RedisResult<String> = connection.get("a").await;
    assert!(got.unwrap_err().is_timeout());
    assert!(
        (2 * S..=2 * S + LATE).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn commands_are_answered_one_after_the_other_each_in_its_time() {
    let mut connection = connected(S, 10 * S).await;
    let begun = Instant::now();
    for nth in 1..4 {
        let got: String = connection.get("a").await.unwrap();
        assert_eq!(got, "a");
        let took = begun.elapsed();
        assert!((S * nth..=(S + LATE) * nth).contains(&took), "{took:?}");
    }
}

/// What redis-py did not hold (CVE-2023-28858).
#[tokio::test]
async fn the_answer_to_a_command_that_was_given_up_is_nobodys() {
    let mut connection = connected(S, 10 * S).await;
    let given_up = tokio::time::timeout(S, connection.get::<_, String>("a")).await;
    if let Ok(got) = given_up {
        assert_eq!(got.unwrap(), "a");
    }
    for key in ["b", "c"] {
        let got: String = connection.get(key).await.unwrap();
        assert_eq!(got, key);
    }
}
