//! What sockets take of memory is given back at the end of each run. A process of its own, which has this test alone.
#![cfg(target_os = "linux")]

use std::fs::read_to_string;
use std::time::Duration;

use deadheat::{Config, check, net};
use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;

const LATE: Duration = Duration::from_millis(5);

/// A service with much that goes wrong: connections and datagrams are left behind on the way.
async fn service() {
    net::host("db").spawn(async {
        let listener = TcpListener::bind("0.0.0.0:80").await.unwrap();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut line = [0; 64];
            while let Ok(read @ 1..) = stream.read(&mut line).await {
                let _ = stream.write_all(&line[..read]).await;
            }
        }
    });
    let link = net::link("test", "db").latency(Duration::ZERO..=LATE);
    link.may_reset()
        .may_cut()
        .may_stall(LATE)
        .may_be_short()
        .may_lose()
        .may_duplicate();
    let address = (net::host("db").address(), 80);
    let datagrams = UdpSocket::bind("0.0.0.0:0").await.unwrap();
    for _ in 0..3 {
        let exchange = async {
            datagrams.send_to(b"hello", address).await?;
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(&[7; 64]).await?;
            stream.read_exact(&mut [0; 64]).await
        };
        let _ = timeout(4 * LATE, exchange).await;
    }
}

/// KiB that the process has in memory.
fn resident() -> i64 {
    let status = read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("a number of KiB")
}

#[test]
fn memory_is_the_same_after_a_hundred_thousand_runs_with_sockets() {
    let runs = |runs| check(&Config::new().runs(runs).jobs(1), service).unwrap();
    runs(10_000);
    let before = resident();
    runs(100_000);
    let grown = resident() - before;
    assert!(grown < 1_024, "{grown} KiB more");
}
