//! What is short, and what never is.

use std::collections::BTreeSet;
use std::future::Future;

use deadheat::{Config, Main, Watch, explore, net};
use deadheat_tokio as tokio;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// All numbers of bytes that come out in some run.
fn numbers<F: Future<Output = usize> + 'static>(
    program: impl Fn() -> F + Sync + 'static,
) -> BTreeSet<usize> {
    let program = Main::new(program);
    let found = explore(&program, &Config::new(), &Watch::default()).found;
    let outcomes = found.into_iter().filter_map(|found| found.outcome);
    outcomes.flatten().collect()
}

async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    (client, listener.accept().await.unwrap().0)
}

#[test]
fn a_peek_is_short_as_a_read_is_and_leaves_all_there() {
    let peeked = numbers(|| async {
        let (mut client, server) = connected().await;
        client.write_all(b"hello!").await.unwrap();
        net::link("test", "test").may_be_short();
        server.peek(&mut [0; 16]).await.unwrap()
    });
    assert_eq!(peeked, BTreeSet::from([1, 3, 5, 6]));
}

#[test]
fn a_datagram_is_as_long_as_it_was_sent_or_as_the_buffer() {
    let received = numbers(|| async {
        net::link("test", "test").may_be_short();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let own = socket.local_addr().unwrap();
        assert_eq!(socket.send_to(b"hello!", own).await.unwrap(), 6);
        let (mut small, mut large) = ([0; 4], [0; 16]);
        assert_eq!(socket.peek_from(&mut large).await.unwrap().0, 6);
        assert_eq!(socket.recv_from(&mut small).await.unwrap().0, 4);
        assert_eq!(socket.send_to(b"hello!", own).await.unwrap(), 6);
        socket.recv_from(&mut large).await.unwrap().0
    });
    assert_eq!(received, BTreeSet::from([6]));
}
