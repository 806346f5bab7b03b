//! tokio-postgres: a connection to a server that a script plays, over a pipe.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    message.extend_from_slice(body);
    message
}

/// Answers each query after a second with one row: the query itself.
async fn server(mut pipe: DuplexStream) -> std::io::Result<()> {
    let length = pipe.read_u32().await?;
    pipe.read_exact(&mut vec![0; length as usize - 4]).await?;
    let ready = message(b'Z', b"I");
    pipe.write_all(&message(b'R', &0_u32.to_be_bytes())).await?;
    pipe.write_all(&ready).await?;
    loop {
        let kind = pipe.read_u8().await?;
        let mut body = vec![0; pipe.read_u32().await? as usize - 4];
        pipe.read_exact(&mut body).await?;
        if kind != b'Q' {
            return Ok(());
        }
        let query = &body[..body.len() - 1];
        sleep(S).await;
        let mut column = 1_u16.to_be_bytes().to_vec();
        column.extend_from_slice(b"q\0");
        column.extend_from_slice(&[
            0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0,
        ]);
        let mut row = 1_u16.to_be_bytes().to_vec();
        row.extend_from_slice(&(query.len() as u32).to_be_bytes());
        row.extend_from_slice(query);
        for message in [
            message(b'T', &column),
            message(b'D', &row),
            message(b'C', b"SELECT 1\0"),
            ready.clone(),
        ] {
            pipe.write_all(&message).await?;
        }
    }
}

async fn connected() -> Client {
    let (client, pipe) = duplex(64);
    tokio::spawn(server(pipe));
    let (client, connection) = Config::new()
        .user("u")
        .connect_raw(client, NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

async fn ask(client: &Client, query: &str) -> String {
    let answers = client.simple_query(query).await.unwrap();
    let row = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    row.expect("a row").to_owned()
}

#[tokio::test]
async fn queries_are_answered_in_their_order() {
    let client = connected().await;
    let begun = Instant::now();
    let (a, b) = tokio::join!(ask(&client, "a"), ask(&client, "b"));
    assert_eq!((a.as_str(), b.as_str()), ("a", "b"));
    let took = begun.elapsed();
    assert!((2 * S..=2 * S + 2 * LATE).contains(&took), "{took:?}");
}

#[tokio::test]
async fn the_answer_to_a_query_that_was_given_up_is_nobodys() {
    let client = connected().await;
    if let Ok(answer) = timeout(S, ask(&client, "a")).await {
        assert_eq!(answer, "a");
    }
    assert_eq!(ask(&client, "b").await, "b");
    assert_eq!(ask(&client, "c").await, "c");
}
