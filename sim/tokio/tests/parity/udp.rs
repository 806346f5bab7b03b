//! Datagrams of UDP.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::io::{Interest, ReadBuf};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::same::Place;
use crate::streams::A_WHILE;

async fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.unwrap()
}

/// Two sockets, and the address of the second.
async fn two() -> (UdpSocket, UdpSocket, SocketAddr) {
    let (one, other) = (socket().await, socket().await);
    let address = other.local_addr().unwrap();
    (one, other, address)
}

/// Two that are connected to each other.
async fn connected() -> (UdpSocket, UdpSocket) {
    let (one, other, address) = two().await;
    one.connect(address).await.unwrap();
    other.connect(one.local_addr().unwrap()).await.unwrap();
    (one, other)
}

async fn heard(socket: &UdpSocket) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 64];
    let read = socket.recv(&mut buffer).await?;
    Ok(buffer[..read].to_vec())
}

async fn a_datagram_says_from_whom_it_is(place: Place) {
    let (one, other, to) = two().await;
    place.told("sent", one.send_to(b"abc", to).await);
    let (read, from) = other.recv_from(&mut [0; 8]).await.unwrap();
    place.is("came", (read, from == one.local_addr().unwrap()));
}

async fn what_does_not_fit_is_lost(place: Place) {
    let (one, other, to) = two().await;
    one.send_to(b"abcdef", to).await.unwrap();
    one.send_to(b"next", to).await.unwrap();
    place.told("part", other.recv(&mut [0; 2]).await);
    place.told("next", heard(&other).await);
}

async fn an_empty_datagram_comes(place: Place) {
    let (one, other, to) = two().await;
    place.told("sent", one.send_to(b"", to).await);
    place.told("came", heard(&other).await);
}

async fn one_that_is_too_long_is_refused(place: Place) {
    let (one, _other, to) = two().await;
    place.told("too long", one.send_to(&vec![0; 65_508], to).await);
    place.told("longest", one.send_to(&vec![0; 65_507], to).await);
}

async fn without_a_peer_it_has_nowhere_to_send(place: Place) {
    let one = socket().await;
    place.told("send", one.send(b"a").await);
    place.told("peer", one.peer_addr().map(drop));
}

async fn one_that_is_connected_hears_of_its_peer_alone(place: Place) {
    let (one, other) = connected().await;
    let stranger = socket().await;
    let to = other.local_addr().unwrap();
    place.told("a stranger", stranger.send_to(b"stranger", to).await);
    place.told("the peer", one.send(b"peer").await);
    place.told("heard", heard(&other).await);
    place.is(
        "peer",
        other.peer_addr().unwrap() == one.local_addr().unwrap(),
    );
}

async fn one_that_is_connected_sends_to_others_as_well(place: Place) {
    let (one, _other) = connected().await;
    let third = socket().await;
    let to = third.local_addr().unwrap();
    place.told("sent", one.send_to(b"a", to).await);
    place.told("heard", heard(&third).await);
}

async fn nobody_is_there_and_the_next_call_says_so(place: Place) {
    let (one, other, to) = two().await;
    one.connect(to).await.unwrap();
    drop(other);
    place.told("first", one.send(b"a").await);
    tokio::time::sleep(Duration::from_millis(5)).await;
    place.told("second", one.send(b"a").await);
    tokio::time::sleep(Duration::from_millis(5)).await;
    place.is(
        "it is told once",
        timeout(A_WHILE, heard(&one)).await.is_err(),
    );
}

async fn who_waits_is_told_that_nobody_is_there(place: Place) {
    for peeks in [false, true] {
        let (one, other, to) = two().await;
        one.connect(to).await.unwrap();
        drop(other);
        place.told("sent", one.send(b"a").await);
        match peeks {
            false => place.told("heard", heard(&one).await),
            true => place.told("seen", one.peek(&mut [0; 8]).await),
        }
    }
}

/// An error alone does not wake who polls, or waits until it is readable.
async fn who_polls_is_not_told_that_nobody_is_there(place: Place) {
    let (one, other, to) = two().await;
    one.connect(to).await.unwrap();
    drop(other);
    place.told("sent", one.send(b"a").await);
    let mut buffer = [0; 8];
    let mut buffer = ReadBuf::new(&mut buffer);
    let polls = poll_fn(|cx| one.poll_recv(cx, &mut buffer));
    place.is("waits", timeout(A_WHILE, polls).await.is_err());
    place.is("waits", timeout(A_WHILE, one.readable()).await.is_err());
    place.told("asks", one.try_recv(&mut [0; 8]));
    place.told("sent", one.send(b"a").await);
}

async fn who_was_answered_before_is_told_that_nobody_is_there(place: Place) {
    let (one, other) = connected().await;
    other.send(b"answer").await.unwrap();
    place.told("heard", heard(&one).await);
    drop(other);
    place.told("sent", one.send(b"a").await);
    tokio::time::sleep(Duration::from_millis(5)).await;
    place.told("refused", heard(&one).await);
}

async fn nobody_is_there_and_who_is_not_connected_is_not_told(place: Place) {
    let (one, other, to) = two().await;
    drop(other);
    place.told("first", one.send_to(b"a", to).await);
    tokio::time::sleep(Duration::from_millis(5)).await;
    place.told("second", one.send_to(b"a", to).await);
    place.told("no error", one.take_error().map(|error| error.is_none()));
}

async fn what_is_peeked_at_stays(place: Place) {
    let (one, other, to) = two().await;
    one.send_to(b"abc", to).await.unwrap();
    place.told("peek", other.peek(&mut [0; 2]).await);
    let (read, from) = other.peek_from(&mut [0; 8]).await.unwrap();
    place.is("from", (read, from == one.local_addr().unwrap()));
    let from = other.peek_sender().await.unwrap();
    place.is("sender", from == one.local_addr().unwrap());
    place.told("try", other.try_peek(&mut [0; 8]));
    place.told("heard", heard(&other).await);
}

async fn tries_take_what_is_there(place: Place) {
    let (one, other) = connected().await;
    place.told("nothing", other.try_recv(&mut [0; 8]));
    place.told(
        "nothing from anybody",
        other.try_recv_from(&mut [0; 8]).map(drop),
    );
    one.writable().await.unwrap();
    place.told("send", one.try_send(b"abc"));
    place.told(
        "send to",
        one.try_send_to(b"def", other.local_addr().unwrap()),
    );
    other.readable().await.unwrap();
    place.told("receive", other.try_recv(&mut [0; 8]));
    place.told(
        "receive from",
        other.try_recv_from(&mut [0; 8]).map(|(read, _)| read),
    );
}

async fn buffers_grow(place: Place) {
    let (one, other, to) = two().await;
    one.send_to(b"abc", to).await.unwrap();
    one.send_to(b"def", to).await.unwrap();
    let mut all = Vec::with_capacity(16);
    place.told("one", other.recv_buf(&mut all).await);
    place.told(
        "more",
        other.recv_buf_from(&mut all).await.map(|(read, _)| read),
    );
    place.is("all", all);
    place.told("none", other.try_recv_buf(&mut Vec::<u8>::with_capacity(4)));
}

async fn it_is_polled(place: Place) {
    let (one, other) = connected().await;
    place.told("room", poll_fn(|cx| one.poll_send_ready(cx)).await);
    place.told("sent", poll_fn(|cx| one.poll_send(cx, b"abc")).await);
    place.told("there", poll_fn(|cx| other.poll_recv_ready(cx)).await);
    let mut buffer = [0; 8];
    let mut buffer = ReadBuf::new(&mut buffer);
    place.told("came", poll_fn(|cx| other.poll_recv(cx, &mut buffer)).await);
    place.is("bytes", buffer.filled().to_vec());
}

async fn a_closure_is_called_where_it_is_ready(place: Place) {
    let (one, other) = connected().await;
    place.told("too early", other.try_io(Interest::READABLE, || Ok(1)));
    one.send(b"a").await.unwrap();
    place.told("waits", other.async_io(Interest::READABLE, || Ok(2)).await);
}

async fn who_waits_is_told(place: Place) {
    let (one, other, to) = two().await;
    let waits = tokio::spawn(async move { heard(&other).await });
    tokio::time::sleep(A_WHILE).await;
    place.is("waits", !waits.is_finished());
    one.send_to(b"a", to).await.unwrap();
    place.told("heard", waits.await.unwrap());
}

async fn an_address_is_taken_once(place: Place) {
    let one = socket().await;
    let address = one.local_addr().unwrap();
    place.told("bind", UdpSocket::bind(address).await.map(drop));
    drop(one);
    place.told("anew", UdpSocket::bind(address).await.map(drop));
}

async fn what_finds_no_room_is_lost(place: Place) {
    let (one, other, to) = two().await;
    for _ in 0..1_000 {
        one.send_to(&[0; 1_000], to).await.unwrap();
    }
    let mut count = 0;
    while timeout(A_WHILE, heard(&other)).await.is_ok() {
        count += 1;
    }
    place.is("some came", (1..1_000).contains(&count));
}

async fn what_is_set_is_there(place: Place) {
    let one = socket().await;
    place.told("to begin with", one.broadcast());
    place.told("set", one.set_broadcast(true));
    place.told("is set", one.broadcast());
    place.told("ttl", one.ttl());
    place.told("set", one.set_ttl(8));
    place.told("ttl", one.ttl());
    place.told("loop", one.multicast_loop_v4());
    place.told("many", one.multicast_ttl_v4());
    place.told("tos", one.set_tos_v4(16));
    place.told("tos", one.tos_v4());
    place.told("device", one.device());
    place.told("no device", one.bind_device(None));
}

programs! {
    a_closure_is_called_where_it_is_ready,
    a_datagram_says_from_whom_it_is,
    an_address_is_taken_once,
    an_empty_datagram_comes,
    buffers_grow,
    it_is_polled,
    nobody_is_there_and_the_next_call_says_so,
    nobody_is_there_and_who_is_not_connected_is_not_told,
    one_that_is_connected_hears_of_its_peer_alone,
    one_that_is_connected_sends_to_others_as_well,
    one_that_is_too_long_is_refused,
    tries_take_what_is_there,
    what_does_not_fit_is_lost,
    what_finds_no_room_is_lost,
    what_is_peeked_at_stays,
    what_is_set_is_there,
    who_waits_is_told,
    who_polls_is_not_told_that_nobody_is_there,
    who_waits_is_told_that_nobody_is_there,
    who_was_answered_before_is_told_that_nobody_is_there,
    without_a_peer_it_has_nowhere_to_send,
}
