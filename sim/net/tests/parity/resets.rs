//! Connections end out of order.

use std::net::Shutdown;

use deadheat_net::Family;
use nix::errno::Errno;

use crate::stack::both;

#[test]
fn closing_with_unread_data_resets_the_peer_who_hears_of_it_once() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"unread");
        stack.settle();
        stack.close(server);
        stack.settle();
        assert_eq!(stack.read(client, 1), Err(Errno::ECONNRESET));
        assert_eq!(stack.read(client, 1), Ok(Vec::new()));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
    });
}

#[test]
fn a_writer_hears_of_a_reset_once_and_then_of_a_broken_pipe() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"unread");
        stack.settle();
        stack.close(server);
        stack.settle();
        assert_eq!(stack.write(client, b"x"), Err(Errno::ECONNRESET));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(client, 1), Ok(Vec::new()));
    });
}

#[test]
fn what_came_before_a_reset_is_read_first() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(server, b"reply");
        stack.write_all(client, b"unread");
        stack.settle();
        stack.close(server);
        stack.settle();
        assert_eq!(stack.read(client, 2), Ok(b"re".to_vec()));
        assert_eq!(stack.read(client, 16), Ok(b"ply".to_vec()));
        assert_eq!(stack.read(client, 16), Err(Errno::ECONNRESET));
        assert_eq!(stack.read(client, 16), Ok(Vec::new()));
    });
}

#[test]
fn a_reset_that_comes_behind_the_end_is_the_end_to_a_reader_and_a_broken_pipe_to_a_writer() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.close(server);
        stack.settle();
        assert_eq!(stack.write(client, b"into the void"), Ok(13));
        stack.settle();
        assert_eq!(stack.read(client, 1), Ok(Vec::new()));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(client, 1), Ok(Vec::new()));
    });
}

#[test]
fn closing_with_a_linger_of_zero_resets_the_peer() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"abc");
        stack.set_abort_on_close(client, true);
        stack.settle();
        stack.close(client);
        stack.settle();
        assert_eq!(stack.read(server, 16), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(server, 16), Err(Errno::ECONNRESET));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
    });
}

#[test]
fn closing_with_a_linger_of_zero_after_both_have_ended_resets_nobody() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.set_abort_on_close(client, true);
        assert_eq!(stack.shutdown(server, Shutdown::Write), Ok(()));
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        stack.settle();
        stack.close(client);
        stack.settle();
        assert_eq!(stack.take_error(server), Ok(()));
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
    });
}

#[test]
fn a_reset_is_an_error_of_the_socket_that_is_taken_once() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.set_abort_on_close(client, true);
        stack.close(client);
        stack.settle();
        assert_eq!(stack.take_error(server), Err(Errno::ECONNRESET));
        assert_eq!(stack.take_error(server), Ok(()));
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
        assert_eq!(stack.remote(server).map(drop), Err(Errno::ENOTCONN));
        assert_eq!(stack.shutdown(server, Shutdown::Both), Err(Errno::ENOTCONN));
    });
}

#[test]
fn data_for_a_side_that_neither_reads_nor_writes_any_more_resets_the_connection() {
    both(|stack| {
        let (client, server) = stack.connection();
        assert_eq!(stack.shutdown(client, Shutdown::Both), Ok(()));
        stack.settle();
        assert_eq!(stack.write(server, b"late"), Ok(4));
        stack.settle();
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
        assert_eq!(stack.write(server, b"x"), Err(Errno::EPIPE));
    });
}

#[test]
fn data_for_a_side_that_was_closed_resets_a_peer_that_has_not_read_the_end() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.write_all(client, b"bye");
        stack.close(client);
        stack.settle();
        assert_eq!(stack.write(server, b"late"), Ok(4));
        stack.settle();
        assert_eq!(stack.read(server, 16), Ok(b"bye".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
        assert_eq!(stack.take_error(server), Err(Errno::EPIPE));
    });
}

#[test]
fn a_listener_that_is_closed_resets_those_who_were_not_accepted() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        stack.close(listener);
        stack.settle();
        assert_eq!(stack.read(client, 1), Err(Errno::ECONNRESET));
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
    });
}

#[test]
fn a_listener_that_is_closed_leaves_those_alone_who_were_accepted() {
    both(|stack| {
        let (client, server) = stack.connection();
        stack.settle();
        stack.write_all(client, b"still here");
        assert_eq!(stack.read(server, 16), Ok(b"still here".to_vec()));
    });
}

#[test]
fn a_connection_that_was_reset_while_it_waited_is_accepted_and_tells_of_it() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        stack.write_all(client, b"abc");
        stack.set_abort_on_close(client, true);
        stack.settle();
        stack.close(client);
        stack.settle();
        let (server, _) = stack.accept(listener).expect("a connection");
        assert_eq!(stack.read(server, 16), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(server, 16), Err(Errno::ECONNRESET));
    });
}

#[test]
fn a_connection_that_was_closed_while_it_waited_is_accepted_and_ends() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        stack.write_all(client, b"abc");
        stack.close(client);
        stack.settle();
        let (server, _) = stack.accept(listener).expect("a connection");
        assert_eq!(stack.read(server, 16), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
    });
}
