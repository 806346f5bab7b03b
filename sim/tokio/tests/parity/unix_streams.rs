//! Unix sockets that are connected.

use std::io::{ErrorKind, IoSlice, IoSliceMut};

use deadheat_tokio as tokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

use crate::same::Place;
use crate::streams::{A_WHILE, text};

/// What came of a bind, without its text: inside of a run that has advice.
fn kind<T>(bound: std::io::Result<T>) -> Result<(), ErrorKind> {
    bound.map(drop).map_err(|error| error.kind())
}

async fn a_line_there_and_back(place: Place) {
    let listener = UnixListener::bind(place.path("a")).unwrap();
    let mut client = UnixStream::connect(place.path("a")).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    place.told("asked", client.write_all(b"ping").await);
    place.told("heard", text(&mut server).await);
    place.told("answered", server.write_all(b"pong").await);
    place.told("told", text(&mut client).await);
}

async fn a_path_is_a_name_of_the_listener_alone(place: Place) {
    let listener = UnixListener::bind(place.path("a")).unwrap();
    let client = UnixStream::connect(place.path("a")).await.unwrap();
    let (server, from) = listener.accept().await.unwrap();
    place.told("the listener", listener.local_addr());
    place.told("the client", client.local_addr());
    place.told("its peer", client.peer_addr());
    place.told("the server", server.local_addr());
    place.told("its peer", server.peer_addr());
    place.is("from", from);
}

async fn nobody_is_there(place: Place) {
    place.told(
        "no path",
        UnixStream::connect(place.path("a")).await.map(drop),
    );
    drop(UnixListener::bind(place.path("a")).unwrap());
    place.told(
        "nobody",
        UnixStream::connect(place.path("a")).await.map(drop),
    );
}

async fn a_path_stays_until_it_is_removed(place: Place) {
    let listener = UnixListener::bind(place.path("a")).unwrap();
    place.is("taken", kind(UnixListener::bind(place.path("a"))));
    drop(listener);
    place.is("left behind", kind(UnixListener::bind(place.path("a"))));
    place.told("removed", tokio::fs::remove_file(place.path("a")).await);
    place.told(
        "removed again",
        tokio::fs::remove_file(place.path("a")).await,
    );
    place.is("free", kind(UnixListener::bind(place.path("a"))));
}

async fn a_path_that_was_removed_leads_to_the_new_listener(place: Place) {
    let old = UnixListener::bind(place.path("a")).unwrap();
    tokio::fs::remove_file(place.path("a")).await.unwrap();
    place.told(
        "no path",
        UnixStream::connect(place.path("a")).await.map(drop),
    );
    let new = UnixListener::bind(place.path("a")).unwrap();
    let _client = UnixStream::connect(place.path("a")).await.unwrap();
    place.told("accepted", new.accept().await.map(drop));
    let late = tokio::time::timeout(A_WHILE, old.accept()).await;
    place.is("the old one waits", late.is_err());
}

async fn names_that_cannot_be(place: Place) {
    let long = place.path(&"a".repeat(120));
    place.told("too long", UnixListener::bind(&long).map(drop));
    place.told("too long", UnixStream::connect(&long).await.map(drop));
    place.told("too long", UnixDatagram::bind(&long).map(drop));
    let zero = place.path("a\0b");
    place.told("a zero", UnixListener::bind(&zero).map(drop));
    place.told("a zero", UnixDatagram::bind(&zero).map(drop));
}

async fn an_abstract_name_goes_with_its_socket(place: Place) {
    let name = format!("\0deadheat-parity-{}", std::process::id());
    place.told("nobody", UnixStream::connect(&name).await.map(drop));
    let listener = UnixListener::bind(&name).unwrap();
    place.told("taken", UnixListener::bind(&name).map(drop));
    let address = listener.local_addr().unwrap();
    let is_it = address.as_abstract_name() == Some(&name.as_bytes()[1..]);
    place.is("abstract", (is_it, address.as_pathname().is_none()));
    let by_address = UnixStream::connect_addr(&address).await;
    place.told("by its address", by_address.map(drop));
    drop(listener);
    place.told("free", UnixListener::bind_addr(&address).map(drop));
}

async fn two_that_are_a_pair(place: Place) {
    let (mut one, mut other) = UnixStream::pair().unwrap();
    one.write_all(b"abc").await.unwrap();
    place.told("read", text(&mut other).await);
    place.told("name", one.local_addr());
    place.told("peer", one.peer_addr());
    place.told("no error", one.take_error().map(|error| error.is_none()));
}

async fn who_the_other_is(place: Place) {
    let (one, _other) = UnixStream::pair().unwrap();
    let cred = one.peer_cred().unwrap();
    place.is("who", (cred.uid(), cred.gid(), cred.pid()));
}

async fn the_end_is_read_and_a_write_after_it_is_a_broken_pipe(place: Place) {
    let (one, mut other) = UnixStream::pair().unwrap();
    drop(one);
    place.told("end", text(&mut other).await);
    place.told("write", other.write(b"a").await);
    place.told("end again", text(&mut other).await);
}

async fn one_direction_ends_and_the_other_goes_on(place: Place) {
    let (mut one, mut other) = UnixStream::pair().unwrap();
    one.write_all(b"question").await.unwrap();
    place.told("ends", one.shutdown().await);
    place.told("ends again", one.shutdown().await);
    let mut all = String::new();
    place.told("all", other.read_to_string(&mut all).await);
    place.told("answer", other.write_all(b"answer").await);
    place.told("told", text(&mut one).await);
    place.told("write after the end", one.write(b"more").await);
}

async fn a_drop_with_unread_bytes_resets(place: Place) {
    let (mut one, other) = UnixStream::pair().unwrap();
    one.write_all(b"unread").await.unwrap();
    drop(other);
    place.told("read", text(&mut one).await);
    place.told("read again", text(&mut one).await);
}

async fn a_buffer_fills_and_holds_the_writer_back(place: Place) {
    let (mut one, mut other) = UnixStream::pair().unwrap();
    let sends = tokio::spawn(async move { one.write_all(&vec![7; 1 << 20]).await });
    tokio::time::sleep(A_WHILE).await;
    place.is("there is no room for all", !sends.is_finished());
    let mut all = Vec::new();
    place.told("read", other.read_to_end(&mut all).await);
    place.told("sent", sends.await.unwrap());
}

async fn tries_take_what_is_there(place: Place) {
    let (one, other) = UnixStream::pair().unwrap();
    place.told("nothing", other.try_read(&mut [0; 4]));
    one.writable().await.unwrap();
    place.told("write", one.try_write(b"abc"));
    place.told(
        "more",
        one.try_write_vectored(&[IoSlice::new(b"de"), IoSlice::new(b"f")]),
    );
    other.readable().await.unwrap();
    place.told("read", other.try_read(&mut [0; 2]));
    let mut two = [0; 2];
    place.told(
        "read buffers",
        other.try_read_vectored(&mut [IoSliceMut::new(&mut two)]),
    );
    let mut rest = Vec::with_capacity(8);
    place.told("rest", other.try_read_buf(&mut rest));
    place.is("bytes", (two, rest));
    place.told("closure", one.try_io(Interest::WRITABLE, || Ok(1)));
}

async fn a_listener_that_is_gone_resets_who_waits(place: Place) {
    let listener = UnixListener::bind(place.path("a")).unwrap();
    let mut client = UnixStream::connect(place.path("a")).await.unwrap();
    drop(listener);
    place.told("read", text(&mut client).await);
    place.told("write", client.write(b"a").await);
}

async fn a_client_may_have_a_name(place: Place) {
    let socket = UnixSocket::new_stream().unwrap();
    place.told("bind", socket.bind(place.path("server")));
    place.told("bind again", socket.bind(place.path("other")));
    let listener = socket.listen(8).unwrap();
    let client = UnixSocket::new_stream().unwrap();
    place.is("taken", kind(client.bind(place.path("server"))));
    client.bind(place.path("client")).unwrap();
    let client = client.connect(place.path("server")).await.unwrap();
    let (server, from) = listener.accept().await.unwrap();
    place.is("from", from);
    place.told("the client", client.local_addr());
    place.told("its peer", server.peer_addr());
    drop(client);
    place.is(
        "its path stays",
        kind(UnixListener::bind(place.path("client"))),
    );
}

async fn a_socket_becomes_what_it_is_for(place: Place) {
    let [one, other] = [(); 2].map(|()| UnixSocket::new_datagram().unwrap());
    place.is("listen", one.listen(8).unwrap_err().to_string());
    let connected = other.connect(place.path("a")).await;
    place.is("connect", connected.unwrap_err().to_string());
    let stream = UnixSocket::new_stream().unwrap();
    place.is("datagram", stream.datagram().unwrap_err().to_string());
    let nameless = UnixSocket::new_stream().unwrap();
    place.told("listen without a name", nameless.listen(8).map(drop));
    let bound = UnixSocket::new_stream().unwrap();
    bound.bind(place.path("a")).unwrap();
    place.told(
        "nobody listens",
        UnixStream::connect(place.path("a")).await.map(drop),
    );
    let datagram = UnixSocket::new_datagram().unwrap();
    datagram.bind(place.path("b")).unwrap();
    place.told(
        "another kind",
        UnixStream::connect(place.path("b")).await.map(drop),
    );
    place.told("its name", datagram.datagram().unwrap().local_addr());
}

async fn more_connects_than_may_wait_would_block(place: Place) {
    let socket = UnixSocket::new_stream().unwrap();
    socket.bind(place.path("a")).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut clients = Vec::new();
    for _ in 0..3 {
        let connected = UnixStream::connect(place.path("a")).await;
        place.told("connect", connected.map(|client| clients.push(client)));
    }
    place.told("accept", listener.accept().await.map(drop));
    place.told(
        "room again",
        UnixStream::connect(place.path("a")).await.map(drop),
    );
}

programs! {
    a_buffer_fills_and_holds_the_writer_back,
    a_client_may_have_a_name,
    a_drop_with_unread_bytes_resets,
    a_line_there_and_back,
    a_listener_that_is_gone_resets_who_waits,
    a_path_is_a_name_of_the_listener_alone,
    a_path_stays_until_it_is_removed,
    a_path_that_was_removed_leads_to_the_new_listener,
    a_socket_becomes_what_it_is_for,
    an_abstract_name_goes_with_its_socket,
    more_connects_than_may_wait_would_block,
    names_that_cannot_be,
    nobody_is_there,
    one_direction_ends_and_the_other_goes_on,
    the_end_is_read_and_a_write_after_it_is_a_broken_pipe,
    tries_take_what_is_there,
    two_that_are_a_pair,
    who_the_other_is,
}
