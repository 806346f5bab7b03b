//! hyper 1, over a pipe: its timers are tokio's by `hyper_util::rt::TokioTimer`.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::time::{Instant, sleep};

const S: Duration = Duration::from_secs(1);
/// How late timers may be in a run.
const LATE: Duration = Duration::from_millis(2);

async fn answers(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, std::convert::Infallible> {
    sleep(3 * S).await;
    Ok(Response::new(Empty::new()))
}

/// It is `time` after `begun`, or a little later.
fn at(begun: Instant, time: Duration, late: Duration) {
    let took = begun.elapsed();
    assert!((time..=time + late).contains(&took), "{took:?}");
}

#[tokio::test]
async fn h1_a_head_that_does_not_come_ends_the_connection_at_its_limit() {
    let (mut client, server) = duplex(1024);
    let begun = Instant::now();
    client.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(5 * S);
    let served = builder
        .serve_connection(TokioIo::new(server), service_fn(answers))
        .await;
    assert!(served.unwrap_err().is_timeout());
    at(begun, 5 * S, LATE);
}

#[tokio::test]
async fn h1_a_reply_comes_however_long_it_takes() {
    let (client, server) = duplex(64);
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(S);
    tokio::spawn(builder.serve_connection(TokioIo::new(server), service_fn(answers)));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Empty<Bytes>>(TokioIo::new(client))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get("/")
        .header("host", "x")
        .body(Empty::new())
        .unwrap();
    let begun = Instant::now();
    let reply = sender.send_request(request).await.unwrap();
    assert_eq!(reply.status(), 200);
    at(begun, 3 * S, LATE);
    assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "");
}

#[tokio::test]
async fn h2_a_peer_that_is_silent_is_given_up_after_interval_and_timeout() {
    let (client, mut server) = duplex(64 * 1024);
    // It says its settings, and nothing ever again.
    server
        .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let begun = Instant::now();
    let (_sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(10 * S)
        .keep_alive_timeout(5 * S)
        .keep_alive_while_idle(true)
        .handshake::<_, Empty<Bytes>>(TokioIo::new(client))
        .await
        .unwrap();
    let reads = tokio::spawn(async move {
        let mut sink = [0; 1024];
        while server.read(&mut sink).await.is_ok_and(|read| read > 0) {}
    });
    let ended = connection.await;
    assert!(ended.is_err(), "it is given up");
    at(begun, 15 * S, 2 * LATE);
    reads.await.unwrap();
}

#[tokio::test]
async fn h2_requests_of_one_connection_are_answered_at_the_same_time() {
    let (client, server) = duplex(64 * 1024);
    let serve = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(server), service_fn(answers));
    tokio::spawn(serve);
    let (sender, connection) = hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(
        TokioExecutor::new(),
        TokioIo::new(client),
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    let begun = Instant::now();
    let replies: Vec<_> = (0..3)
        .map(|_| {
            let mut sender = sender.clone();
            let request = Request::get("http://x/").body(Empty::new()).unwrap();
            tokio::spawn(async move { sender.send_request(request).await.unwrap().status() })
        })
        .collect();
    for reply in replies {
        assert_eq!(reply.await.unwrap(), 200);
    }
    at(begun, 3 * S, LATE);
}
