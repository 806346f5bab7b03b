//! hyper's own server and client over an in-memory pipe, with time-outs in virtual time.

use std::convert::Infallible;
use std::time::Duration;

use deadheat::{
    Bounds, Config, Mix, Sampler, Watch, check, clock, explore_future, now, run, sleep, sometimes,
    spawn,
};
use deadheat_ties::hyper::{Executor, Timer};
use deadheat_timeout::timeout;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1 as client;
use hyper::rt::{Executor as _, Timer as _};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

const PATIENCE: Duration = Duration::from_secs(5);

fn config() -> Config {
    Config::new().runs(200)
}

/// Serves one connection, each reply after `work`; ends when the connection does.
async fn serve(pipe: DuplexStream, work: std::ops::RangeInclusive<Duration>) -> hyper::Result<()> {
    let service = service_fn(move |_: Request<Incoming>| {
        let work = work.clone();
        async move {
            sleep(work).await;
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("pong")))
        }
    });
    server::Builder::new()
        .timer(Timer)
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(pipe), service)
        .await
}

fn at_once() -> std::ops::RangeInclusive<Duration> {
    Duration::ZERO..=Duration::ZERO
}

fn request() -> Request<Empty<Bytes>> {
    Request::get("/ping")
        .header("host", "test")
        .body(Empty::new())
        .expect("a request")
}

#[test]
fn half_a_header_is_given_up_at_the_deadline_to_the_nanosecond() {
    let run = run(&Config::new(), || async {
        let (mut client, pipe) = duplex(1024);
        client.write_all(b"GET / HTTP/1.1\r\nhos").await.unwrap();
        let served = serve(pipe, at_once()).await;
        assert!(served.unwrap_err().is_timeout());
        assert_eq!(now().as_nanos(), 5_000_000_000);
    });
    run.unwrap();
}

#[test]
fn a_header_that_comes_around_the_deadline_is_answered_or_given_up() {
    let both = explore_future(&config(), &Watch::default(), || async {
        let (mut client, pipe) = duplex(1024);
        let server = spawn(serve(pipe, at_once()));
        let latency = PATIENCE - Duration::from_millis(1)..=PATIENCE + Duration::from_millis(1);
        sleep(latency).await;
        let sent_at = now();
        let sent = client.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        let sent = sent.await.is_ok();
        let mut reply = Vec::new();
        let read = client.read_to_end(&mut reply).await.is_ok();
        let answered = sent && read && reply.starts_with(b"HTTP/1.1 200");
        let ended = server.await.unwrap();
        assert!(answered || ended.is_err(), "neither answered nor given up");
        let in_time = sent_at.as_nanos() < 5_000_000_000;
        assert!(answered || !in_time, "given up before the deadline");
        sometimes(answered, "answered");
        sometimes(!answered, "given up");
    });
    assert!(both.failure().is_none(), "{:?}", both.failure());
    assert_eq!(both.never_reached(), Vec::<&str>::new());
}

#[test]
fn a_client_of_hyper_gets_its_reply_or_its_own_timeout() {
    let early_or_late = || async {
        let (near, far) = duplex(1024);
        let work = Duration::from_millis(900)..=Duration::from_millis(1_100);
        drop(spawn(serve(far, work)));
        let io = TokioIo::new(near);
        let (mut sender, connection) = client::handshake::<_, Empty<Bytes>>(io).await.unwrap();
        Executor.execute(connection);
        let reply = timeout(&clock(), Duration::from_secs(1), async {
            let reply = sender.send_request(request()).await.unwrap();
            reply.into_body().collect().await.unwrap().to_bytes()
        })
        .await;
        match reply {
            Ok(body) => assert_eq!(&body[..], b"pong"),
            Err(_) => assert_eq!(now().as_nanos(), 1_000_000_000),
        }
    };
    let exact = Mix::only(Sampler::Random, Bounds::EXACT);
    let config = config().mix(exact).check_determinism(true);
    check(&config, early_or_late).unwrap();
}

#[test]
fn a_sleep_that_is_reset_wakes_at_the_new_deadline_only() {
    let run = run(&Config::new(), || async {
        let mut sleep = Timer.sleep(Duration::from_secs(1));
        let new = Timer.now() + Duration::from_secs(3);
        Timer.reset(&mut sleep, new);
        sleep.await;
        assert_eq!(now().as_nanos(), 3_000_000_000);
        assert_eq!(Timer.now(), new);
    });
    run.unwrap();
}
