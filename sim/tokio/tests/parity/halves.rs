//! Halves of streams, of TCP and of Unix.

use std::future::poll_fn;
use std::io::{IoSlice, IoSliceMut};

use deadheat_tokio as tokio;
use tokio::io::{AsyncWriteExt, Interest, ReadBuf};
use tokio::net::UnixStream;

use crate::same::Place;
use crate::streams::{A_WHILE, text, two};

async fn halves_read_and_write_at_once(place: Place) {
    let (mut client, mut server) = two().await;
    let (mut read, mut write) = client.split();
    let (sent, heard) = tokio::join!(write.write_all(b"ping"), text(&mut server));
    place.is("there", (sent.is_ok(), heard.unwrap()));
    let (sent, heard) = tokio::join!(server.write_all(b"pong"), text(&mut read));
    place.is("back", (sent.is_ok(), heard.unwrap()));
}

async fn a_half_that_writes_ends_the_stream_as_it_is_dropped(place: Place) {
    let (client, mut server) = two().await;
    let (mut read, write) = client.into_split();
    drop(write);
    place.told("end", text(&mut server).await);
    server.write_all(b"still").await.unwrap();
    place.told("read", text(&mut read).await);
}

async fn a_half_that_is_forgotten_does_not_end_it(place: Place) {
    let (client, mut server) = two().await;
    let (read, write) = client.into_split();
    write.forget();
    let ended = tokio::time::timeout(A_WHILE, text(&mut server)).await;
    place.is("goes on", ended.is_err());
    drop(read);
    place.told("end", text(&mut server).await);
}

async fn a_half_that_was_shut_down_is_dropped_in_peace(place: Place) {
    let (client, mut server) = two().await;
    let (read, mut write) = client.into_split();
    place.told("shut", write.shutdown().await);
    drop(write);
    place.told("end", text(&mut server).await);
    drop(read);
}

async fn halves_of_one_stream_are_reunited(place: Place) {
    let (client, mut server) = two().await;
    let (read, write) = client.into_split();
    let mut client = read.reunite(write).unwrap();
    place.told("write", client.write_all(b"whole").await);
    place.told("heard", text(&mut server).await);
    let (read, write) = client.into_split();
    place.is("other way", write.reunite(read).is_ok());
}

async fn halves_of_two_streams_are_not_reunited(place: Place) {
    let (one, other) = two().await;
    let ((read, one), (two, write)) = (one.into_split(), other.into_split());
    let error = read.reunite(write).unwrap_err();
    place.is("text", error.to_string());
    let back = (error.0.reunite(one).is_ok(), error.1.reunite(two).is_ok());
    place.is("given back", back);
}

async fn halves_know_the_addresses_of_their_stream(place: Place) {
    let (client, server) = two().await;
    let (read, write) = client.into_split();
    let peer = server.local_addr().unwrap();
    place.is(
        "reads",
        (read.peer_addr().unwrap() == peer, read.local_addr().is_ok()),
    );
    place.is(
        "writes",
        (
            write.peer_addr().unwrap() == peer,
            write.local_addr().is_ok(),
        ),
    );
    place.is("its stream", read.as_ref().peer_addr().unwrap() == peer);
}

async fn halves_try(place: Place) {
    let (client, server) = two().await;
    let ((read, _write), (_read, write)) = (client.into_split(), server.into_split());
    place.told("nothing", read.try_read(&mut [0; 4]));
    write.writable().await.unwrap();
    place.told("write", write.try_write(b"ab"));
    let slices = [IoSlice::new(b"cd"), IoSlice::new(b"ef")];
    place.told("write buffers", write.try_write_vectored(&slices));
    tokio::time::sleep(A_WHILE).await;
    read.readable().await.unwrap();
    let ready = read.ready(Interest::READABLE).await.unwrap();
    place.is("ready", (ready.is_readable(), ready.is_writable()));
    place.told("read", read.try_read(&mut [0; 2]));
    let mut two = [0; 2];
    place.told(
        "read buffers",
        read.try_read_vectored(&mut [IoSliceMut::new(&mut two)]),
    );
    let mut rest = Vec::with_capacity(8);
    place.told("rest", read.try_read_buf(&mut rest));
    place.is("bytes", (two, rest));
}

async fn a_half_peeks(place: Place) {
    let (client, mut server) = two().await;
    let (mut read, _write) = client.into_split();
    server.write_all(b"abc").await.unwrap();
    place.told("peek", read.peek(&mut [0; 2]).await);
    let mut buffer = [0; 2];
    let mut buffer = ReadBuf::new(&mut buffer);
    place.told(
        "polled",
        poll_fn(|cx| read.poll_peek(cx, &mut buffer)).await,
    );
    place.told("read", text(&mut read).await);
}

async fn halves_of_unix_do_the_same(place: Place) {
    let (mut one, mut other) = UnixStream::pair().unwrap();
    {
        let (mut read, mut write) = one.split();
        write.write_all(b"ping").await.unwrap();
        place.told("there", text(&mut other).await);
        other.write_all(b"pong").await.unwrap();
        place.told("back", text(&mut read).await);
        place.is("unnamed", read.peer_addr().unwrap().is_unnamed());
    }
    let (read, write) = one.into_split();
    let (read, write) = read.reunite(write).unwrap().into_split();
    drop(write);
    place.told("end", text(&mut other).await);
    place.told("written", other.write(b"x").await);
    drop(read);
    place.told("reset", other.write(b"x").await);
}

async fn halves_of_unix_are_not_of_each_other(place: Place) {
    let (one, other) = UnixStream::pair().unwrap();
    let ((read, _write), (_read, write)) = (one.into_split(), other.into_split());
    place.is("text", read.reunite(write).unwrap_err().to_string());
}

programs! {
    a_half_peeks,
    a_half_that_is_forgotten_does_not_end_it,
    a_half_that_was_shut_down_is_dropped_in_peace,
    a_half_that_writes_ends_the_stream_as_it_is_dropped,
    halves_know_the_addresses_of_their_stream,
    halves_of_one_stream_are_reunited,
    halves_of_two_streams_are_not_reunited,
    halves_of_unix_are_not_of_each_other,
    halves_of_unix_do_the_same,
    halves_read_and_write_at_once,
    halves_try,
}
