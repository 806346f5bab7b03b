//! How often a task lets others go on, although it would never have to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UdpSocket, UnixDatagram, UnixStream};
use tokio::task::yield_now;

use crate::same::Place;
use crate::streams::{A_WHILE, two};

/// Counts the turns that another task gets meanwhile.
fn turns() -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            own.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    count
}

fn after(place: &Place, turns: &AtomicUsize) {
    place.is("turns of another task", turns.load(Ordering::Relaxed));
}

async fn bytes_that_are_there(place: Place) {
    let (mut client, mut server) = two().await;
    client.write_all(&[7; 1_000]).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    server.readable().await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..1_000 {
        server.read_u8().await.unwrap();
    }
    after(&place, &turns);
}

async fn bytes_that_find_room(place: Place) {
    let (mut client, _server) = two().await;
    client.writable().await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..1_000 {
        client.write_all(b"a").await.unwrap();
    }
    after(&place, &turns);
}

async fn bytes_of_unix(place: Place) {
    let (mut one, mut other) = UnixStream::pair().unwrap();
    one.write_all(&[7; 500]).await.unwrap();
    other.readable().await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..500 {
        other.read_u8().await.unwrap();
    }
    after(&place, &turns);
}

/// Both sockets have been ready once, so that tokio knows it.
async fn datagrams_there_and_back(place: Place) {
    let sends = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let hears = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sends.connect(hears.local_addr().unwrap()).await.unwrap();
    sends.send(b"first").await.unwrap();
    hears.recv(&mut [0; 8]).await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..1_024 {
        sends.send(b"Hello, world").await.unwrap();
        hears.recv(&mut [0; 12]).await.unwrap();
    }
    after(&place, &turns);
}

async fn to_ask_whether_it_is_ready(place: Place) {
    let (client, _server) = two().await;
    client.writable().await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..500 {
        client.writable().await.unwrap();
    }
    after(&place, &turns);
}

async fn datagrams_of_unix(place: Place) {
    let (one, other) = UnixDatagram::pair().unwrap();
    one.send(b"first").await.unwrap();
    other.recv(&mut [0; 8]).await.unwrap();
    yield_now().await;
    let turns = turns();
    for _ in 0..300 {
        one.send(b"a").await.unwrap();
        other.recv(&mut [0; 1]).await.unwrap();
    }
    after(&place, &turns);
}

programs! {
    bytes_of_unix,
    bytes_that_are_there,
    bytes_that_find_room,
    datagrams_of_unix,
    datagrams_there_and_back,
    to_ask_whether_it_is_ready,
}
