//! What is said of tasks that wait for sockets for ever.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use deadheat::{Config, Limits, check, net, spawn};
use deadheat_tokio as tokio;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener};
use tokio::time::{sleep, timeout};

use super::ms;

/// What a report says of the tasks that wait.
fn told<F: Future<Output = ()> + 'static>(program: fn() -> F) -> String {
    told_of(&Config::new(), program)
}

fn told_of<F: Future<Output = ()> + 'static>(config: &Config, program: fn() -> F) -> String {
    let failure = check(config, program).unwrap_err();
    let report = failure.to_string();
    let waits = report.lines().filter(|line| line.contains(" waits "));
    let waits: Vec<&str> = waits.map(str::trim).collect();
    waits.join("\n")
}

fn server(port: u16, reads: bool) {
    net::host("db").spawn_named("server", async move {
        let listener = TcpListener::bind(("0.0.0.0", port)).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        if reads {
            stream.read_exact(&mut [0; 1]).await.unwrap();
        }
        listener.accept().await.unwrap();
    });
}

#[test]
fn a_reader_and_who_accepts() {
    let told = told(|| async {
        server(5432, false);
        sleep(ms(1)).await;
        let mut stream = TcpStream::connect("db:5432").await.unwrap();
        stream.read_u8().await.unwrap();
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_writer_whose_peer_reads_nothing_and_one_that_waits_for_more() {
    let told = told(|| async {
        server(5432, true);
        sleep(ms(1)).await;
        let mut stream = TcpStream::connect("db:5432").await.unwrap();
        stream.write_all(&vec![0; 10 << 20]).await.unwrap();
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_connect_that_hangs_beside_its_timer() {
    let limits = Limits {
        virtual_time: Duration::from_secs(10),
        ..Limits::default()
    };
    let told = told_of(&Config::new().limits(limits), || async {
        net::host("db").crash();
        let connect = TcpStream::connect("db:5432");
        let _ = timeout(Duration::from_secs(60), connect).await;
    });
    insta::assert_snapshot!(told);
}

#[test]
fn who_waits_for_datagrams_and_for_unix_sockets() {
    let told = told(|| async {
        let udp = UdpSocket::bind("0.0.0.0:53").await.unwrap();
        let connected = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        connected
            .connect((net::host("db").address(), 53))
            .await
            .unwrap();
        let unix = UnixListener::bind(Path::new("/run/a.sock")).unwrap();
        let datagram = UnixDatagram::bind("/run/b.sock").unwrap();
        let (one, _other) = tokio::net::UnixStream::pair().unwrap();
        spawn(async move { udp.recv_from(&mut [0; 1]).await.map(drop) });
        spawn(async move { connected.recv(&mut [0; 1]).await.map(drop) });
        spawn(async move { unix.accept().await.map(drop) });
        spawn(async move { datagram.recv(&mut [0; 1]).await.map(drop) });
        one.readable().await.unwrap();
    });
    insta::assert_snapshot!(told);
}

#[test]
fn what_a_task_has_waited_for_before_is_not_told() {
    let told = told(|| async {
        let first = TcpListener::bind("127.0.0.1:1").await.unwrap();
        let second = TcpListener::bind("127.0.0.1:2").await.unwrap();
        tokio::select! {
            biased;
            () = deadheat::yield_now() => {}
            _ = first.accept() => {}
        }
        second.accept().await.unwrap();
    });
    insta::assert_snapshot!(told);
}

#[test]
fn several_at_once_and_within_a_future_that_polls_others() {
    let told = told(|| async {
        let first = TcpListener::bind("127.0.0.1:1").await.unwrap();
        let second = TcpListener::bind("127.0.0.1:2").await.unwrap();
        spawn(async move {
            let both = [first.accept(), second.accept()];
            let mut both: FuturesUnordered<_> = both.into_iter().collect();
            both.next().await;
        });
        let third = TcpListener::bind("127.0.0.1:3").await.unwrap();
        let fourth = TcpListener::bind("127.0.0.1:4").await.unwrap();
        tokio::select! {
            _ = third.accept() => {}
            _ = fourth.accept() => {}
        }
    });
    insta::assert_snapshot!(told);
}
