//! Connections of TCP: connected, accepted, read and written.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::same::Place;

/// Long enough for what can happen on a loopback, and short for a test.
pub(crate) const A_WHILE: Duration = Duration::from_millis(40);

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A client, and its server.
pub(crate) async fn two() -> (TcpStream, TcpStream) {
    let listener = listener().await;
    let client = TcpStream::connect(listener.local_addr().unwrap()).await;
    (client.unwrap(), listener.accept().await.unwrap().0)
}

/// As much as a read gives, as text.
pub(crate) async fn text(stream: &mut (impl AsyncReadExt + Unpin)) -> io::Result<String> {
    let mut buffer = [0; 64];
    let read = stream.read(&mut buffer).await?;
    Ok(String::from_utf8_lossy(&buffer[..read]).into_owned())
}

async fn a_line_there_and_back(place: Place) {
    let (mut client, mut server) = two().await;
    place.told("asked", client.write_all(b"ping").await);
    place.told("heard", text(&mut server).await);
    place.told("answered", server.write_all(b"pong").await);
    place.told("told", text(&mut client).await);
}

async fn both_ends_know_each_other(place: Place) {
    let (client, server) = two().await;
    let same = client.local_addr().unwrap() == server.peer_addr().unwrap();
    place.is("the client's address", same);
    let same = server.local_addr().unwrap() == client.peer_addr().unwrap();
    place.is("the server's address", same);
    place.is("no error", client.take_error().unwrap().is_none());
}

async fn accept_says_who_connects(place: Place) {
    let listener = listener().await;
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (_server, from) = listener.accept().await.unwrap();
    place.is("from", from == client.local_addr().unwrap());
}

async fn nobody_listens(place: Place) {
    let address = listener().await.local_addr().unwrap();
    place.told("connect", TcpStream::connect(address).await.map(drop));
}

async fn the_first_address_that_answers_is_taken(place: Place) {
    let nobody = listener().await.local_addr().unwrap();
    let listener = listener().await;
    let addresses = [nobody, listener.local_addr().unwrap()];
    let stream = TcpStream::connect(&addresses[..]).await.unwrap();
    place.is("connected", stream.peer_addr().unwrap() == addresses[1]);
}

async fn no_address_is_invalid(place: Place) {
    place.told("connect", TcpStream::connect(&[][..]).await.map(drop));
    place.told("bind", TcpListener::bind(&[][..]).await.map(drop));
}

async fn an_address_is_taken_once(place: Place) {
    let first = listener().await;
    let address = first.local_addr().unwrap();
    place.told("bind", TcpListener::bind(address).await.map(drop));
    drop(first);
    place.told("bind anew", TcpListener::bind(address).await.map(drop));
}

async fn an_address_of_another_host_is_none(place: Place) {
    place.told("bind", TcpListener::bind("192.0.2.1:0").await.map(drop));
}

async fn they_are_accepted_in_the_order_in_which_they_connected(place: Place) {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(TcpStream::connect(address).await.unwrap());
    }
    for client in clients {
        let (_, from) = listener.accept().await.unwrap();
        place.is("next", from == client.local_addr().unwrap());
    }
}

async fn what_was_written_before_the_accept_is_there(place: Place) {
    let listener = listener().await;
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    place.told("early", client.write_all(b"early").await);
    drop(client);
    let (mut server, _) = listener.accept().await.unwrap();
    let mut all = String::new();
    place.told("read", server.read_to_string(&mut all).await);
    place.is("all", all);
}

async fn a_buffer_fills_and_holds_the_writer_back(place: Place) {
    let (mut client, mut server) = two().await;
    let sends = tokio::spawn(async move {
        let sent = client.write_all(&vec![7; 16 << 20]).await;
        drop(client);
        sent
    });
    tokio::time::sleep(A_WHILE).await;
    place.is("there is no room for all", !sends.is_finished());
    let mut all = Vec::new();
    place.told("read", server.read_to_end(&mut all).await);
    place.told("sent", sends.await.unwrap());
}

async fn what_is_peeked_at_stays(place: Place) {
    let (mut client, mut server) = two().await;
    client.write_all(b"abc").await.unwrap();
    let mut buffer = [0; 2];
    place.told("peek", server.peek(&mut buffer).await);
    place.told("peek again", server.peek(&mut buffer).await);
    place.told("read", text(&mut server).await);
    let mut buffer = [0; 4];
    client.write_all(b"d").await.unwrap();
    let mut buffer = ReadBuf::new(&mut buffer);
    place.told(
        "polled",
        poll_fn(|cx| server.poll_peek(cx, &mut buffer)).await,
    );
}

async fn nothing_is_there_to_try(place: Place) {
    let (client, server) = two().await;
    place.told("read", server.try_read(&mut [0; 4]));
    place.told(
        "read buffers",
        server.try_read_vectored(&mut [IoSliceMut::new(&mut [0; 4])]),
    );
    place.told(
        "read into one that grows",
        server.try_read_buf(&mut Vec::<u8>::with_capacity(4)),
    );
    drop(client);
}

async fn tries_take_what_is_there(place: Place) {
    let (client, server) = two().await;
    client.writable().await.unwrap();
    place.told("write", client.try_write(b"abc"));
    let slices = [IoSlice::new(b"de"), IoSlice::new(b"f")];
    place.told("write buffers", client.try_write_vectored(&slices));
    tokio::time::sleep(A_WHILE).await;
    server.readable().await.unwrap();
    let mut buffer = [0; 2];
    place.told("read", server.try_read(&mut buffer));
    let (mut one, mut other) = ([0; 1], [0; 2]);
    let mut slices = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
    place.told("read buffers", server.try_read_vectored(&mut slices));
    place.is("parts", (one, other));
    let mut rest = Vec::with_capacity(8);
    place.told("read into one that grows", server.try_read_buf(&mut rest));
    place.is("rest", rest);
}

/// Asks a stream that was accepted, which is taken for readable until then.
async fn nothing_is_there(place: &Place, server: &TcpStream) {
    place.told("readable", server.readable().await);
    place.told("is it", server.try_io(Interest::READABLE, || Ok(())));
    place.told("it is not", server.try_read(&mut [0]));
    let readable = timeout(A_WHILE, server.readable()).await;
    place.is("waits now", readable.is_err());
}

async fn it_is_taken_for_writable_until_there_is_no_room(place: Place) {
    let (client, _server) = two().await;
    while client.try_write(&[7; 1_000]).is_ok() {
        let writable = timeout(A_WHILE, client.writable()).await;
        assert!(writable.is_ok(), "nobody has said that it is not");
    }
    let writable = timeout(A_WHILE, client.writable()).await;
    place.is("waits now", writable.is_err());
}

async fn what_was_read_to_the_last_byte_is_taken_for_readable(place: Place) {
    let (mut client, mut server) = two().await;
    client.write_all(b"abcd").await.unwrap();
    server.read_exact(&mut [0; 4]).await.unwrap();
    nothing_is_there(&place, &server).await;
    client.write_all(b"ab").await.unwrap();
    place.told("less than fits", text(&mut server).await);
    let readable = timeout(A_WHILE, server.readable()).await;
    place.is("is all there was", readable.is_err());
}

async fn it_is_ready_for_what_it_is(place: Place) {
    let (mut client, server) = two().await;
    nothing_is_there(&place, &server).await;
    let both = Interest::READABLE | Interest::WRITABLE;
    let ready = server.ready(both).await.unwrap();
    place.is("before", (ready.is_readable(), ready.is_writable()));
    client.write_all(b"a").await.unwrap();
    server.readable().await.unwrap();
    let ready = server.ready(both).await.unwrap();
    place.is(
        "with a byte",
        (
            ready.is_readable(),
            ready.is_writable(),
            ready.is_read_closed(),
        ),
    );
    drop(client);
    let ended = timeout(A_WHILE, async {
        while !server.ready(both).await.unwrap().is_read_closed() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    place.is("the end is seen", ended.await.is_ok());
}

async fn a_closure_is_called_where_it_is_ready(place: Place) {
    let (mut client, server) = two().await;
    nothing_is_there(&place, &server).await;
    place.told("too early", server.try_io(Interest::READABLE, || Ok(1)));
    client.write_all(b"a").await.unwrap();
    place.told("waits", server.async_io(Interest::READABLE, || Ok(2)).await);
    place.told("tries", server.try_io(Interest::READABLE, || Ok(3)));
    let mut calls = 0;
    let would_block = server.async_io(Interest::READABLE, || -> io::Result<()> {
        calls += 1;
        Err(io::ErrorKind::WouldBlock.into())
    });
    place.is(
        "waits for more",
        timeout(A_WHILE, would_block).await.is_err(),
    );
    place.is("calls", calls);
}

async fn slices_are_written_as_one(place: Place) {
    let (mut client, mut server) = two().await;
    let slices = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
    place.told("write", client.write_vectored(&slices).await);
    place.is("is", client.is_write_vectored());
    place.told("read", text(&mut server).await);
}

programs! {
    a_buffer_fills_and_holds_the_writer_back,
    a_closure_is_called_where_it_is_ready,
    a_line_there_and_back,
    accept_says_who_connects,
    an_address_is_taken_once,
    an_address_of_another_host_is_none,
    both_ends_know_each_other,
    it_is_ready_for_what_it_is,
    it_is_taken_for_writable_until_there_is_no_room,
    no_address_is_invalid,
    nobody_listens,
    nothing_is_there_to_try,
    slices_are_written_as_one,
    the_first_address_that_answers_is_taken,
    they_are_accepted_in_the_order_in_which_they_connected,
    tries_take_what_is_there,
    what_is_peeked_at_stays,
    what_was_read_to_the_last_byte_is_taken_for_readable,
    what_was_written_before_the_accept_is_there,
}
