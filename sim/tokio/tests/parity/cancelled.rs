//! Calls that are dropped before they are done: what they would have taken is there for the next one.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use tokio::time::timeout;

use crate::same::Place;
use crate::streams::{A_WHILE, listener, text, two};

/// Polls a call once, and drops it.
fn begun(call: impl Future) {
    let _ = pin!(call).poll(&mut Context::from_waker(Waker::noop()));
}

async fn an_accept_takes_no_connection(place: Place) {
    let listener = listener().await;
    place.is("nobody", timeout(A_WHILE, listener.accept()).await.is_err());
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (_, from) = listener.accept().await.unwrap();
    place.is("accepted", from == client.local_addr().unwrap());
}

async fn a_connect_is_seen_as_one_that_ends(place: Place) {
    let listener = listener().await;
    begun(TcpStream::connect(listener.local_addr().unwrap()));
    let (mut server, _) = listener.accept().await.unwrap();
    place.told("read", text(&mut server).await);
}

async fn a_read_takes_no_bytes(place: Place) {
    let (mut client, mut server) = two().await;
    place.is(
        "nothing",
        timeout(A_WHILE, text(&mut server)).await.is_err(),
    );
    client.write_all(b"abc").await.unwrap();
    place.told("read", text(&mut server).await);
}

async fn a_write_has_written_what_it_said(place: Place) {
    let (mut client, mut server) = two().await;
    let mut sent = 0;
    while let Ok(written) = timeout(A_WHILE, client.write(&[7; 64 << 10])).await {
        sent += written.unwrap();
    }
    drop(client);
    let mut all = Vec::new();
    server.read_to_end(&mut all).await.unwrap();
    place.is("as much as was said", all.len() == sent);
}

async fn a_wait_in_a_select_loses_nothing(place: Place) {
    let (mut client, mut server) = two().await;
    let mut heard = String::new();
    for part in ["a", "b", "c"] {
        tokio::select! {
            biased;
            text = text(&mut server) => heard.push_str(&text.unwrap()),
            () = tokio::time::sleep(A_WHILE) => {}
        }
        client.write_all(part.as_bytes()).await.unwrap();
    }
    drop(client);
    server.read_to_string(&mut heard).await.unwrap();
    place.is("heard", heard);
}

async fn a_datagram_stays(place: Place) {
    let [one, other] = [
        UdpSocket::bind("127.0.0.1:0").await.unwrap(),
        UdpSocket::bind("127.0.0.1:0").await.unwrap(),
    ];
    let mut buffer = [0; 8];
    place.is(
        "none",
        timeout(A_WHILE, other.recv(&mut buffer)).await.is_err(),
    );
    one.send_to(b"abc", other.local_addr().unwrap())
        .await
        .unwrap();
    place.told("heard", other.recv(&mut buffer).await);
}

async fn two_wait_for_one_listener(place: Place) {
    let listener = std::sync::Arc::new(listener().await);
    let own = std::sync::Arc::clone(&listener);
    let waits = tokio::spawn(async move { own.accept().await.map(drop) });
    tokio::task::yield_now().await;
    waits.abort();
    place.is("aborted", waits.await.unwrap_err().is_cancelled());
    let _client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    place.told("accepted", listener.accept().await.map(drop));
}

async fn unix_sockets_lose_nothing(place: Place) {
    let listener = UnixListener::bind(place.path("a")).unwrap();
    place.is("nobody", timeout(A_WHILE, listener.accept()).await.is_err());
    begun(UnixStream::connect(place.path("a")));
    let (mut server, _) = listener.accept().await.unwrap();
    place.told("gone", text(&mut server).await);
    let (one, other) = UnixDatagram::pair().unwrap();
    place.is(
        "none",
        timeout(A_WHILE, other.recv(&mut [0; 8])).await.is_err(),
    );
    one.send(b"abc").await.unwrap();
    place.told("heard", other.recv(&mut [0; 8]).await);
}

programs! {
    a_connect_is_seen_as_one_that_ends,
    a_datagram_stays,
    a_read_takes_no_bytes,
    a_wait_in_a_select_loses_nothing,
    a_write_has_written_what_it_said,
    an_accept_takes_no_connection,
    two_wait_for_one_listener,
    unix_sockets_lose_nothing,
}
