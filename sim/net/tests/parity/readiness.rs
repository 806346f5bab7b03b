//! What a poll tells of a socket.

use std::net::Shutdown;

use deadheat_net::{Family, Readiness};
use nix::errno::Errno;

use crate::stack::{both, v4};

/// `r` readable, `w` writable, `e` the peer writes no more, `h` hung up, `!` an error.
fn flags(readiness: Readiness) -> String {
    let flags = [
        (readiness.readable, 'r'),
        (readiness.writable, 'w'),
        (readiness.read_closed, 'e'),
        (readiness.hung_up, 'h'),
        (readiness.error, '!'),
    ];
    let set = flags.into_iter().filter(|(set, _)| *set);
    set.map(|(_, flag)| flag).collect()
}

#[test]
fn a_connection_is_writable_and_readable_when_something_has_come() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(flags(stack.readiness(client)), "w");
        stack.write_all(server, b"x");
        assert_eq!(flags(stack.readiness(client)), "rw");
        assert_eq!(stack.read(client, 1), Ok(b"x".to_vec()));
        assert_eq!(flags(stack.readiness(client)), "w");
    });
}

#[test]
fn a_listener_is_readable_while_a_connection_waits() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        assert_eq!(flags(stack.readiness(listener)), "");
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        assert_eq!(flags(stack.readiness(listener)), "r");
        assert!(stack.accept(listener).is_ok());
        assert_eq!(flags(stack.readiness(listener)), "");
    });
}

#[test]
fn a_socket_that_was_never_connected_is_hung_up() {
    both(|stack| {
        let socket = stack.tcp(Family::V4);
        assert_eq!(flags(stack.readiness(socket)), "wh");
        assert_eq!(stack.bind(socket, v4(0)), Ok(()));
        assert_eq!(flags(stack.readiness(socket)), "wh");
    });
}

#[test]
fn an_end_is_readable_and_both_ends_are_a_hang_up() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.shutdown(server, Shutdown::Write), Ok(()));
        assert_eq!(flags(stack.readiness(client)), "rwe");
        assert_eq!(flags(stack.readiness(server)), "w");
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        assert_eq!(flags(stack.readiness(client)), "rweh");
        assert_eq!(flags(stack.readiness(server)), "rweh");
    });
}

#[test]
fn a_side_that_reads_no_more_is_readable_at_its_end() {
    both(|stack| {
        let (client, _server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Read), Ok(()));
        assert_eq!(flags(stack.readiness(client)), "rwe");
        assert_eq!(stack.shutdown(client, Shutdown::Both), Ok(()));
        assert_eq!(flags(stack.readiness(client)), "rweh");
    });
}

#[test]
fn a_reset_is_everything_at_once_until_its_error_was_told() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.set_abort_on_close(server, true);
        stack.close(server);
        assert_eq!(flags(stack.readiness(client)), "rweh!");
        assert_eq!(stack.read(client, 1), Err(Errno::ECONNRESET));
        assert_eq!(flags(stack.readiness(client)), "rweh");
    });
}

#[test]
fn a_connect_that_was_refused_is_hung_up() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        stack.close(listener);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
        assert!(stack.readiness(client).hung_up);
    });
}

#[test]
fn a_connect_that_hangs_is_ready_for_nothing() {
    both(|stack| {
        let (_listener, address) = stack.listener(0);
        let first = stack.tcp(Family::V4);
        assert_eq!(stack.connect(first, address), Ok(()));
        let second = stack.tcp(Family::V4);
        assert_eq!(stack.connect(second, address), Err(Errno::EAGAIN));
        assert_eq!(flags(stack.readiness(second)), "");
        assert_eq!(stack.read(second, 1), Err(Errno::EAGAIN));
        assert_eq!(stack.write(second, b"x"), Err(Errno::EAGAIN));
        assert_eq!(stack.remote(second), Err(Errno::ENOTCONN));
        assert_eq!(stack.connect(second, address), Err(Errno::EALREADY));
    });
}

#[test]
fn a_udp_socket_is_always_writable_and_tells_of_errors() {
    both(|stack| {
        let one = stack.udp(v4(0)).expect("a socket");
        let other = stack.udp(v4(0)).expect("a socket");
        assert_eq!(flags(stack.readiness(one)), "w");
        let to = stack.local(other).expect("an address");
        assert_eq!(stack.connect(one, to), Ok(()));
        stack.close(other);
        assert_eq!(stack.write(one, b"x"), Ok(1));
        assert_eq!(flags(stack.readiness(one)), "w!");
        assert_eq!(stack.take_error(one), Err(Errno::ECONNREFUSED));
        assert_eq!(flags(stack.readiness(one)), "w");
    });
}

#[test]
fn a_unix_stream_tells_of_ends_as_one_of_tcp() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        assert_eq!(flags(stack.readiness(one)), "w");
        assert_eq!(stack.shutdown(other, Shutdown::Write), Ok(()));
        assert_eq!(flags(stack.readiness(one)), "rwe");
        stack.close(other);
        assert_eq!(flags(stack.readiness(one)), "rweh");
    });
}

#[test]
fn a_unix_stream_that_was_reset_tells_of_an_error() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        stack.write_all(one, b"unread");
        stack.close(other);
        assert_eq!(flags(stack.readiness(one)), "rweh!");
        assert_eq!(stack.take_error(one), Err(Errno::ECONNRESET));
        assert_eq!(flags(stack.readiness(one)), "rweh");
    });
}

#[test]
fn a_unix_listener_is_readable_while_a_connection_waits() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        assert!(!stack.readiness(listener).readable);
        let _client = stack.unix_connect(&name).expect("a connection");
        assert!(stack.readiness(listener).readable);
    });
}

#[test]
fn a_socket_for_datagrams_is_writable_unless_its_peer_is_full() {
    both(|stack| {
        let name = stack.file("a");
        let to = stack.unix_datagram(Some(&name)).expect("a socket");
        let from = stack.unix_datagram(None).expect("a socket");
        assert_eq!(flags(stack.readiness(from)), "w");
        assert_eq!(stack.unix_datagram_connect(from, &name), Ok(()));
        for _ in 0..11 {
            assert_eq!(stack.write(from, b"x"), Ok(1));
        }
        assert_eq!(flags(stack.readiness(from)), "");
        assert_eq!(stack.read(to, 16), Ok(b"x".to_vec()));
        assert_eq!(flags(stack.readiness(from)), "w");
    });
}
