//! Connections end in order.

use std::net::Shutdown;

use deadheat_net::Family;
use nix::errno::Errno;

use crate::stack::both;

#[test]
fn a_reader_gets_what_was_written_and_then_the_end_again_and_again() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"last words");
        stack.close(client);
        assert_eq!(stack.read(server, 4), Ok(b"last".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(b" words".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
    });
}

#[test]
fn a_side_that_has_ended_its_stream_still_reads_the_other() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
        stack.write_all(server, b"reply");
        assert_eq!(stack.read(client, 16), Ok(b"reply".to_vec()));
        assert_eq!(stack.read(client, 16), Err(Errno::EAGAIN));
        stack.close(server);
        assert_eq!(stack.read(client, 16), Ok(Vec::new()));
    });
}

#[test]
fn a_side_that_has_ended_its_stream_writes_no_more() {
    both(|stack| {
        let (client, _server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.write(client, b""), Err(Errno::EPIPE));
    });
}

#[test]
fn a_stream_may_be_ended_twice_until_both_sides_have_ended() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        assert_eq!(stack.shutdown(server, Shutdown::Write), Ok(()));
        stack.settle();
        for socket in [client, server] {
            assert_eq!(
                stack.shutdown(socket, Shutdown::Write),
                Err(Errno::ENOTCONN)
            );
            assert_eq!(stack.remote(socket).map(drop), Err(Errno::ENOTCONN));
            assert_eq!(stack.read(socket, 1), Ok(Vec::new()));
            assert_eq!(stack.write(socket, b"x"), Err(Errno::EPIPE));
        }
    });
}

#[test]
fn a_side_that_reads_no_more_finds_the_end_and_still_takes_what_comes() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Read), Ok(()));
        assert_eq!(stack.read(client, 16), Ok(Vec::new()));
        stack.write_all(server, b"more");
        stack.settle();
        assert_eq!(stack.read(client, 16), Ok(b"more".to_vec()));
        assert_eq!(stack.read(client, 16), Ok(Vec::new()));
        stack.write_all(client, b"fine");
        assert_eq!(stack.read(server, 16), Ok(b"fine".to_vec()));
    });
}

#[test]
fn a_peer_that_has_ended_is_still_named_until_this_side_ends() {
    both(|stack| {
        let (client, server) = stack.connection();
        let address = stack.remote(client);
        stack.close(server);
        stack.settle();
        assert_eq!(stack.remote(client), address);
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        stack.settle();
        assert_eq!(stack.remote(client), Err(Errno::ENOTCONN));
    });
}

#[test]
fn what_was_written_before_both_sides_ended_is_still_read() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"abc");
        assert_eq!(stack.shutdown(client, Shutdown::Both), Ok(()));
        assert_eq!(stack.shutdown(server, Shutdown::Both), Ok(()));
        stack.settle();
        assert_eq!(stack.read(server, 16), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
    });
}

#[test]
fn closing_with_all_read_and_both_ended_tells_nobody_of_an_error() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"abc");
        stack.close(client);
        assert_eq!(stack.read(server, 16), Ok(b"abc".to_vec()));
        assert_eq!(stack.take_error(server), Ok(()));
        stack.close(server);
    });
}

#[test]
fn a_write_of_nothing_is_taken_and_arrives_as_nothing() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.write(client, b""), Ok(0));
        assert_eq!(stack.read(server, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn several_writes_are_one_read() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"ab");
        stack.write_all(client, b"cd");
        stack.settle();
        assert_eq!(stack.peek(server, 16), Ok(b"abcd".to_vec()));
        assert_eq!(stack.read(server, 3), Ok(b"abc".to_vec()));
        assert_eq!(stack.peek(server, 16), Ok(b"d".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(b"d".to_vec()));
        assert_eq!(stack.peek(server, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_read_into_no_room_waits_as_any_other() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.read(server, 0), Err(Errno::EAGAIN));
        stack.write_all(client, b"ab");
        stack.settle();
        assert_eq!(stack.read(server, 0), Ok(Vec::new()));
        assert_eq!(stack.read(server, 2), Ok(b"ab".to_vec()));
    });
}

#[test]
fn a_listener_that_reads_no_more_listens_no_more() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        assert_eq!(stack.shutdown(listener, Shutdown::Write), Ok(()));
        assert_eq!(stack.shutdown(listener, Shutdown::Read), Ok(()));
        stack.settle();
        assert_eq!(stack.read(client, 1), Err(Errno::ECONNRESET));
        assert_eq!(stack.accept(listener).map(drop), Err(Errno::EINVAL));
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
    });
}
