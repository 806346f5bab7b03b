//! Unix sockets for datagrams.

use std::net::Shutdown;

use nix::errno::Errno;

use crate::both::both;

#[test]
fn a_datagram_says_from_whom_it_is_if_that_one_has_a_name() {
    both(|stack| {
        let (a, b) = (stack.file("a"), stack.file("b"));
        let to = stack.unix_datagram(Some(&a)).expect("a socket");
        let named = stack.unix_datagram(Some(&b)).expect("a socket");
        let unnamed = stack.unix_datagram(None).expect("a socket");
        assert_eq!(stack.unix_send_to(named, b"one", &a), Ok(3));
        assert_eq!(stack.unix_send_to(unnamed, b"two", &a), Ok(3));
        assert_eq!(stack.unix_recv_from(to, 16), Ok((b"one".to_vec(), Some(b))));
        assert_eq!(stack.unix_recv_from(to, 16), Ok((b"two".to_vec(), None)));
        assert_eq!(stack.unix_recv_from(to, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_datagram_to_no_file_or_to_no_socket_fails_at_once() {
    both(|stack| {
        let name = stack.file("a");
        let socket = stack.unix_datagram(None).expect("a socket");
        assert_eq!(stack.unix_send_to(socket, b"x", &name), Err(Errno::ENOENT));
        let to = stack.unix_datagram(Some(&name)).expect("a socket");
        stack.close(to);
        let refused = Err(Errno::ECONNREFUSED);
        assert_eq!(stack.unix_send_to(socket, b"x", &name), refused);
        assert_eq!(
            stack.unix_datagram_connect(socket, &name),
            Err(Errno::ECONNREFUSED)
        );
        assert_eq!(stack.unix_datagram(Some(&name)), Err(Errno::EADDRINUSE));
    });
}

#[test]
fn what_does_not_fit_of_a_unix_datagram_is_lost() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        assert_eq!(stack.write(one, b"abcdef"), Ok(6));
        assert_eq!(stack.write(one, b"next"), Ok(4));
        assert_eq!(stack.peek(other, 2), Ok(b"ab".to_vec()));
        assert_eq!(stack.read(other, 3), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(other, 16), Ok(b"next".to_vec()));
    });
}

#[test]
fn eleven_datagrams_wait_and_the_next_is_held_back() {
    both(|stack| {
        let name = stack.file("a");
        let to = stack.unix_datagram(Some(&name)).expect("a socket");
        let from = stack.unix_datagram(None).expect("a socket");
        for _ in 0..11 {
            assert_eq!(stack.unix_send_to(from, b"x", &name), Ok(1));
        }
        assert_eq!(stack.unix_send_to(from, b"x", &name), Err(Errno::EAGAIN));
        assert_eq!(stack.read(to, 16), Ok(b"x".to_vec()));
        assert_eq!(stack.unix_send_to(from, b"x", &name), Ok(1));
    });
}

#[test]
fn two_that_are_connected_to_each_other_are_not_held_back_by_eleven() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        for _ in 0..50 {
            assert_eq!(stack.write(one, b"x"), Ok(1));
        }
        assert_eq!(stack.read(other, 16), Ok(b"x".to_vec()));
    });
}

#[test]
fn a_peer_for_datagrams_that_is_gone_refuses_once_and_then_there_is_none() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        stack.close(other);
        assert_eq!(stack.write(one, b"x"), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.write(one, b"x"), Err(Errno::ENOTCONN));
        assert_eq!(stack.read(one, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_socket_for_datagrams_that_was_never_connected_needs_a_name_to_send_to() {
    both(|stack| {
        let name = stack.file("a");
        let to = stack.unix_datagram(Some(&name)).expect("a socket");
        let from = stack.unix_datagram(None).expect("a socket");
        assert_eq!(stack.write(from, b"x"), Err(Errno::ENOTCONN));
        assert_eq!(stack.unix_datagram_connect(from, &name), Ok(()));
        assert_eq!(stack.write(from, b"x"), Ok(1));
        assert_eq!(stack.read(to, 16), Ok(b"x".to_vec()));
    });
}

#[test]
fn a_socket_for_datagrams_that_is_connected_to_another_one_lets_nobody_else_send() {
    both(|stack| {
        let (a, b) = (stack.file("a"), stack.file("b"));
        let first = stack.unix_datagram(Some(&a)).expect("a socket");
        let _second = stack.unix_datagram(Some(&b)).expect("a socket");
        let third = stack.unix_datagram(None).expect("a socket");
        assert_eq!(stack.unix_datagram_connect(first, &b), Ok(()));
        assert_eq!(stack.unix_send_to(third, b"x", &a), Err(Errno::EPERM));
        assert_eq!(stack.unix_datagram_connect(third, &a), Err(Errno::EPERM));
    });
}

#[test]
fn a_datagram_is_not_sent_to_a_stream() {
    both(|stack| {
        let name = stack.file("a");
        let _listener = stack.unix_listen(&name, 8).expect("a listener");
        let from = stack.unix_datagram(None).expect("a socket");
        assert_eq!(
            stack.unix_send_to(from, b"x", &name),
            Err(Errno::EPROTOTYPE)
        );
    });
}

#[test]
fn an_empty_unix_datagram_arrives() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        assert_eq!(stack.write(one, b""), Ok(0));
        assert!(stack.readiness(other).readable);
        assert_eq!(stack.read(other, 16), Ok(Vec::new()));
        assert_eq!(stack.read(other, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_socket_for_datagrams_that_turns_to_another_peer_loses_what_had_come_and_resets_the_old_one() {
    both(|stack| {
        let (a, b, c) = (stack.file("a"), stack.file("b"), stack.file("c"));
        let first = stack.unix_datagram(Some(&a)).expect("a socket");
        let second = stack.unix_datagram(Some(&b)).expect("a socket");
        let third = stack.unix_datagram(Some(&c)).expect("a socket");
        assert_eq!(stack.unix_datagram_connect(first, &b), Ok(()));
        assert_eq!(stack.unix_datagram_connect(second, &a), Ok(()));
        assert_eq!(stack.write(second, b"lost"), Ok(4));
        assert_eq!(stack.unix_datagram_connect(first, &c), Ok(()));
        assert_eq!(stack.read(first, 16), Err(Errno::EAGAIN));
        assert_eq!(stack.take_error(second), Err(Errno::ECONNRESET));
        assert_eq!(stack.write(second, b"x"), Err(Errno::EPERM));
        assert_eq!(stack.write(first, b"y"), Ok(1));
        assert_eq!(stack.read(third, 16), Ok(b"y".to_vec()));
    });
}

#[test]
fn a_socket_for_datagrams_that_hears_that_its_peer_is_gone_loses_what_had_come() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        assert_eq!(stack.write(other, b"bye"), Ok(3));
        stack.close(other);
        assert_eq!(stack.peek(one, 16), Ok(b"bye".to_vec()));
        assert_eq!(stack.write(one, b"x"), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.read(one, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn one_that_receives_no_more_would_wait_and_refuses_what_is_sent() {
    both(|stack| {
        let (one, other) = stack.unix_datagram_pair();
        assert_eq!(stack.shutdown(other, Shutdown::Read), Ok(()));
        assert_eq!(stack.read(other, 8), Err(Errno::EAGAIN));
        assert_eq!(stack.write(one, b"a"), Err(Errno::EPIPE));
    });
}
