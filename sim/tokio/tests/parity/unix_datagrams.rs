//! Datagrams of Unix sockets.

use std::future::poll_fn;
use std::io;
use std::net::Shutdown;

use deadheat_tokio as tokio;
use tokio::io::{Interest, ReadBuf};
use tokio::net::{UnixDatagram, UnixListener};
use tokio::time::timeout;

use crate::same::Place;
use crate::streams::A_WHILE;

async fn heard(socket: &UnixDatagram) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 64];
    let read = socket.recv(&mut buffer).await?;
    Ok(buffer[..read].to_vec())
}

async fn a_datagram_says_from_whom_it_is(place: Place) {
    let log = UnixDatagram::bind(place.path("log")).unwrap();
    let named = UnixDatagram::bind(place.path("app")).unwrap();
    let nameless = UnixDatagram::unbound().unwrap();
    for from in [&named, &nameless] {
        place.told("sent", from.send_to(b"abc", place.path("log")).await);
        place.told("came", log.recv_from(&mut [0; 8]).await);
        place.told("its name", from.local_addr());
    }
}

async fn what_does_not_fit_is_lost(place: Place) {
    let (one, other) = UnixDatagram::pair().unwrap();
    one.send(b"abcdef").await.unwrap();
    one.send(b"").await.unwrap();
    one.send(b"next").await.unwrap();
    place.told("part", other.recv(&mut [0; 2]).await);
    place.told("empty", heard(&other).await);
    place.told("next", heard(&other).await);
}

async fn nobody_is_there(place: Place) {
    let one = UnixDatagram::unbound().unwrap();
    place.told("no path", one.send_to(b"a", place.path("a")).await);
    place.told("no path", one.connect(place.path("a")));
    drop(UnixDatagram::bind(place.path("a")).unwrap());
    place.told("nobody", one.send_to(b"a", place.path("a")).await);
    place.told("nobody", one.connect(place.path("a")));
    place.told("no peer", one.send(b"a").await);
    place.told("no peer", one.peer_addr().map(drop));
    let _listener = UnixListener::bind(place.path("b")).unwrap();
    place.told("another kind", one.send_to(b"a", place.path("b")).await);
}

async fn one_that_is_connected_sends_and_hears_of_nobody_else(place: Place) {
    let one = UnixDatagram::bind(place.path("one")).unwrap();
    let other = UnixDatagram::bind(place.path("other")).unwrap();
    place.told("connect", one.connect(place.path("other")));
    place.told("peer", one.peer_addr());
    place.told("sent", one.send(b"abc").await);
    place.told("heard", heard(&other).await);
    let stranger = UnixDatagram::unbound().unwrap();
    place.told(
        "a stranger",
        stranger.send_to(b"a", place.path("one")).await,
    );
}

async fn a_peer_that_is_gone_refuses(place: Place) {
    let (one, other) = UnixDatagram::pair().unwrap();
    drop(other);
    place.told("first", one.send(b"a").await);
    place.told("second", one.send(b"a").await);
}

async fn a_queue_fills_and_holds_the_sender_back(place: Place) {
    let log = UnixDatagram::bind(place.path("log")).unwrap();
    let app = UnixDatagram::unbound().unwrap();
    app.connect(place.path("log")).unwrap();
    let mut sent = 0;
    while timeout(A_WHILE, app.send(b"a")).await.is_ok() {
        sent += 1;
    }
    place.is("sent", sent);
    place.told("no room", app.try_send(b"a"));
    let waits = tokio::spawn(async move { app.send(b"last").await });
    tokio::task::yield_now().await;
    place.is("waits", !waits.is_finished());
    for _ in 0..sent {
        heard(&log).await.unwrap();
    }
    place.told("sent", waits.await.unwrap());
    place.told("heard", heard(&log).await);
}

async fn tries_take_what_is_there(place: Place) {
    let log = UnixDatagram::bind(place.path("log")).unwrap();
    let app = UnixDatagram::unbound().unwrap();
    place.told("nothing", log.try_recv(&mut [0; 8]));
    app.writable().await.unwrap();
    place.told("send to", app.try_send_to(b"abc", place.path("log")));
    app.connect(place.path("log")).unwrap();
    place.told("send", app.try_send(b"def"));
    log.readable().await.unwrap();
    place.told("receive from", log.try_recv_from(&mut [0; 8]));
    place.told("receive", log.try_recv(&mut [0; 8]));
    place.told("closure", app.try_io(Interest::WRITABLE, || Ok(1)));
}

async fn buffers_grow(place: Place) {
    let (one, other) = UnixDatagram::pair().unwrap();
    one.send(b"abc").await.unwrap();
    one.send(b"def").await.unwrap();
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
    let (one, other) = UnixDatagram::pair().unwrap();
    place.told("room", poll_fn(|cx| one.poll_send_ready(cx)).await);
    place.told("sent", poll_fn(|cx| one.poll_send(cx, b"abc")).await);
    place.told("there", poll_fn(|cx| other.poll_recv_ready(cx)).await);
    let mut buffer = [0; 8];
    let mut buffer = ReadBuf::new(&mut buffer);
    place.told("came", poll_fn(|cx| other.poll_recv(cx, &mut buffer)).await);
    place.is("bytes", buffer.filled().to_vec());
}

async fn it_is_shut_down(place: Place) {
    let (one, other) = UnixDatagram::pair().unwrap();
    place.told("reads no more", other.shutdown(Shutdown::Read));
    place.told("try", other.try_recv(&mut [0; 8]));
    place.told("send", one.send(b"a").await);
    place.told("writes no more", other.shutdown(Shutdown::Write));
    place.told("send", other.send(b"a").await);
}

async fn one_that_is_too_long_is_refused(place: Place) {
    let (one, _other) = UnixDatagram::pair().unwrap();
    place.told("too long", one.send(&vec![0; 1 << 20]).await);
}

programs! {
    a_datagram_says_from_whom_it_is,
    a_peer_that_is_gone_refuses,
    a_queue_fills_and_holds_the_sender_back,
    buffers_grow,
    it_is_polled,
    it_is_shut_down,
    nobody_is_there,
    one_that_is_connected_sends_and_hears_of_nobody_else,
    one_that_is_too_long_is_refused,
    tries_take_what_is_there,
    what_does_not_fit_is_lost,
}
