//! Unix sockets that are connected.

use std::net::Shutdown;

use deadheat_net::UnixName;
use nix::errno::Errno;

use crate::stack::both;

#[test]
fn a_connect_to_no_file_finds_nothing() {
    both(|stack| {
        let connected = stack.unix_connect(&stack.file("none"));
        assert_eq!(connected, Err(Errno::ENOENT));
    });
}

#[test]
fn a_file_stays_when_its_listener_is_closed_and_refuses_connects_and_new_listeners() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        stack.close(listener);
        assert_eq!(stack.unix_connect(&name), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.unix_listen(&name, 8), Err(Errno::EADDRINUSE));
        assert_eq!(stack.unix_remove(&name), Ok(()));
        assert_eq!(stack.unix_connect(&name), Err(Errno::ENOENT));
        assert!(stack.unix_listen(&name, 8).is_ok());
    });
}

#[test]
fn a_listener_whose_file_was_removed_is_not_found_and_a_new_one_may_have_the_name() {
    both(|stack| {
        let name = stack.file("a");
        let old = stack.unix_listen(&name, 8).expect("a listener");
        assert_eq!(stack.unix_remove(&name), Ok(()));
        assert_eq!(stack.unix_remove(&name), Err(Errno::ENOENT));
        let new = stack.unix_listen(&name, 8).expect("a listener");
        assert!(stack.unix_connect(&name).is_ok());
        assert!(stack.unix_accept(new).is_ok());
        stack.close(old);
        assert!(stack.unix_connect(&name).is_ok());
    });
}

#[test]
fn an_abstract_name_is_free_when_its_listener_is_closed() {
    both(|stack| {
        let name = UnixName::Abstract(format!("deadheat-{}", std::process::id()).into());
        assert_eq!(stack.unix_connect(&name), Err(Errno::ECONNREFUSED));
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        assert_eq!(stack.unix_listen(&name, 8), Err(Errno::EADDRINUSE));
        assert!(stack.unix_connect(&name).is_ok());
        stack.close(listener);
        assert_eq!(stack.unix_connect(&name), Err(Errno::ECONNREFUSED));
        assert!(stack.unix_listen(&name, 8).is_ok());
    });
}

#[test]
fn a_client_has_no_name_and_its_server_that_of_the_listener() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        let client = stack.unix_connect(&name).expect("a connection");
        let server = stack.unix_accept(listener).expect("a connection");
        assert_eq!(stack.unix_name(client), Ok(None));
        assert_eq!(stack.unix_name(server), Ok(Some(name.clone())));
        assert_eq!(stack.unix_name(listener), Ok(Some(name)));
    });
}

#[test]
fn more_connects_than_the_backlog_and_one_are_turned_away_at_once() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 1).expect("a listener");
        let _first = stack.unix_connect(&name).expect("a connection");
        let _second = stack.unix_connect(&name).expect("a connection");
        assert_eq!(stack.unix_connect(&name), Err(Errno::EAGAIN));
        assert!(stack.unix_accept(listener).is_ok());
        assert!(stack.unix_connect(&name).is_ok());
    });
}

#[test]
fn what_was_written_before_it_was_accepted_is_read() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        let client = stack.unix_connect(&name).expect("a connection");
        stack.write_all(client, b"early");
        stack.close(client);
        let server = stack.unix_accept(listener).expect("a connection");
        assert_eq!(stack.read(server, 16), Ok(b"early".to_vec()));
        assert_eq!(stack.read(server, 16), Ok(Vec::new()));
        assert_eq!(stack.unix_accept(listener), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_peer_that_closes_ends_the_stream_and_breaks_the_pipe() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        stack.write_all(one, b"bye");
        stack.close(one);
        assert_eq!(stack.write(other, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(other, 16), Ok(b"bye".to_vec()));
        assert_eq!(stack.read(other, 16), Ok(Vec::new()));
    });
}

#[test]
fn a_peer_that_closes_with_unread_data_resets_the_stream_once() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        stack.write_all(other, b"unread");
        stack.write_all(one, b"bye");
        stack.close(one);
        assert_eq!(stack.write(other, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(other, 16), Ok(b"bye".to_vec()));
        assert_eq!(stack.read(other, 16), Err(Errno::ECONNRESET));
        assert_eq!(stack.read(other, 16), Ok(Vec::new()));
    });
}

#[test]
fn a_unix_listener_that_is_closed_resets_those_who_were_not_accepted() {
    both(|stack| {
        let name = stack.file("a");
        let listener = stack.unix_listen(&name, 8).expect("a listener");
        let client = stack.unix_connect(&name).expect("a connection");
        stack.close(listener);
        assert_eq!(stack.read(client, 16), Err(Errno::ECONNRESET));
        assert_eq!(stack.read(client, 16), Ok(Vec::new()));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
    });
}

#[test]
fn a_side_of_a_unix_stream_that_has_ended_still_reads() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        assert_eq!(stack.shutdown(one, Shutdown::Write), Ok(()));
        assert_eq!(stack.write(one, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(other, 16), Ok(Vec::new()));
        stack.write_all(other, b"reply");
        assert_eq!(stack.read(one, 16), Ok(b"reply".to_vec()));
        assert_eq!(stack.read(one, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_side_of_a_unix_stream_that_reads_no_more_breaks_the_pipe_of_its_peer() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        stack.write_all(other, b"before");
        assert_eq!(stack.shutdown(one, Shutdown::Read), Ok(()));
        assert_eq!(stack.write(other, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.read(one, 16), Ok(b"before".to_vec()));
        assert_eq!(stack.read(one, 16), Ok(Vec::new()));
    });
}

#[test]
fn several_writes_to_a_unix_stream_are_one_read_that_may_be_peeked_at() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        stack.write_all(one, b"ab");
        stack.write_all(one, b"cd");
        assert_eq!(stack.peek(other, 16), Ok(b"abcd".to_vec()));
        assert_eq!(stack.read(other, 16), Ok(b"abcd".to_vec()));
        assert_eq!(stack.read(other, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_stream_does_not_connect_to_a_socket_for_datagrams() {
    both(|stack| {
        let name = stack.file("a");
        let _datagram = stack.unix_datagram(Some(&name)).expect("a socket");
        assert_eq!(stack.unix_connect(&name), Err(Errno::EPROTOTYPE));
    });
}
