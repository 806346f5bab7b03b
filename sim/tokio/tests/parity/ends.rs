//! How connections of TCP end: by halves, in order, and by a reset.

use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::same::Place;
use crate::streams::{A_WHILE, listener, text, two};

/// Until what was sent has come over the loopback.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

async fn one_direction_ends_and_the_other_goes_on(place: Place) {
    let (mut client, mut server) = two().await;
    client.write_all(b"question").await.unwrap();
    place.told("ends", client.shutdown().await);
    let mut all = String::new();
    place.told("all", server.read_to_string(&mut all).await);
    place.told("answer", server.write_all(b"answer").await);
    place.told("told", text(&mut client).await);
    place.told("write after the end", client.write(b"more").await);
}

async fn it_may_be_ended_twice(place: Place) {
    let (mut client, server) = two().await;
    place.told("once", client.shutdown().await);
    place.told("twice", client.shutdown().await);
    drop(server);
    a_moment().await;
    place.told("after the peer", client.shutdown().await);
}

async fn the_end_is_read_again_and_again(place: Place) {
    let (client, mut server) = two().await;
    drop(client);
    for _ in 0..3 {
        place.told("end", text(&mut server).await);
    }
}

async fn a_peer_that_is_gone_resets_what_is_written(place: Place) {
    let (client, mut server) = two().await;
    drop(client);
    place.told("end", text(&mut server).await);
    place.told("first", server.write(b"a").await);
    a_moment().await;
    place.told("second", server.write(b"b").await);
    place.told("third", server.write(b"c").await);
}

async fn a_drop_with_unread_bytes_resets(place: Place) {
    let (mut client, server) = two().await;
    client.write_all(b"unread").await.unwrap();
    server.readable().await.unwrap();
    drop(server);
    a_moment().await;
    place.told("read", text(&mut client).await);
    place.told("read again", text(&mut client).await);
    place.told("write", client.write(b"a").await);
}

async fn what_had_come_before_a_reset_is_lost_or_told_alike(place: Place) {
    let (mut client, mut server) = two().await;
    server.write_all(b"answer").await.unwrap();
    client.readable().await.unwrap();
    server.set_zero_linger().unwrap();
    drop(server);
    a_moment().await;
    place.told("read", text(&mut client).await);
    place.told("read again", text(&mut client).await);
}

async fn a_close_without_lingering_resets(place: Place) {
    let (client, mut server) = two().await;
    client.set_zero_linger().unwrap();
    place.told("lingers", client.linger());
    drop(client);
    place.told("read", text(&mut server).await);
}

async fn the_error_of_a_reset_is_taken_once(place: Place) {
    let (client, server) = two().await;
    client.set_zero_linger().unwrap();
    drop(client);
    a_moment().await;
    let kind = |error: Option<std::io::Error>| error.map(|error| error.kind());
    place.told("once", server.take_error().map(kind));
    place.told("twice", server.take_error().map(kind));
}

async fn a_peer_that_was_reset_has_no_address(place: Place) {
    let (client, server) = two().await;
    client.set_zero_linger().unwrap();
    drop(client);
    a_moment().await;
    place.told("peer", server.peer_addr().map(drop));
    place.told("own", server.local_addr().map(drop));
}

async fn who_waits_is_told_of_the_end(place: Place) {
    let (client, mut server) = two().await;
    let waits = tokio::spawn(async move { text(&mut server).await });
    tokio::time::sleep(A_WHILE).await;
    place.is("waits", !waits.is_finished());
    drop(client);
    place.told("end", waits.await.unwrap());
}

async fn who_waits_is_told_of_a_reset(place: Place) {
    let (client, mut server) = two().await;
    let waits = tokio::spawn(async move { text(&mut server).await });
    tokio::time::sleep(A_WHILE).await;
    client.set_zero_linger().unwrap();
    drop(client);
    place.told("reset", waits.await.unwrap());
}

async fn a_writer_without_room_is_told_of_a_reset(place: Place) {
    let (mut client, server) = two().await;
    let sends = tokio::spawn(async move { client.write_all(&vec![7; 16 << 20]).await });
    tokio::time::sleep(A_WHILE).await;
    drop(server);
    place.told("sent", sends.await.unwrap());
}

async fn who_waits_to_be_accepted_is_reset_with_the_listener(place: Place) {
    let listener = listener().await;
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    drop(listener);
    place.told("read", text(&mut client).await);
}

async fn a_client_that_is_gone_is_accepted(place: Place) {
    let listener = listener().await;
    drop(
        TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap(),
    );
    let (mut server, _) = listener.accept().await.unwrap();
    place.told("read", text(&mut server).await);
}

async fn a_short_message_is_an_unexpected_end(place: Place) {
    let (mut client, mut server) = two().await;
    client.write_all(b"abc").await.unwrap();
    drop(client);
    place.told("read", server.read_exact(&mut [0; 4]).await);
}

programs! {
    a_client_that_is_gone_is_accepted,
    a_close_without_lingering_resets,
    a_drop_with_unread_bytes_resets,
    a_peer_that_is_gone_resets_what_is_written,
    a_peer_that_was_reset_has_no_address,
    a_short_message_is_an_unexpected_end,
    a_writer_without_room_is_told_of_a_reset,
    it_may_be_ended_twice,
    one_direction_ends_and_the_other_goes_on,
    the_end_is_read_again_and_again,
    the_error_of_a_reset_is_taken_once,
    what_had_come_before_a_reset_is_lost_or_told_alike,
    who_waits_is_told_of_a_reset,
    who_waits_is_told_of_the_end,
    who_waits_to_be_accepted_is_reset_with_the_listener,
}
