//! Datagrams of UDP.

use nix::errno::Errno;

use crate::stack::{Handle, Stack, both, v4, v6};

fn two(stack: &Stack<'_>) -> (Handle, Handle) {
    let socket = || stack.udp(v4(0)).expect("a socket");
    (socket(), socket())
}

fn address(stack: &Stack<'_>, socket: Handle) -> std::net::SocketAddr {
    stack.local(socket).expect("an address")
}

#[test]
fn datagrams_arrive_each_by_itself_and_say_from_whom() {
    both(|stack| {
        let (one, other) = two(stack);
        let to = address(stack, other);
        assert_eq!(stack.send_to(one, b"first", to), Ok(5));
        assert_eq!(stack.send_to(one, b"second", to), Ok(6));
        let from = address(stack, one);
        assert_eq!(stack.recv_from(other, 16), Ok((b"first".to_vec(), from)));
        assert_eq!(stack.recv_from(other, 16), Ok((b"second".to_vec(), from)));
        assert_eq!(stack.recv_from(other, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn what_does_not_fit_of_a_datagram_is_lost() {
    both(|stack| {
        let (one, other) = two(stack);
        let to = address(stack, other);
        assert_eq!(stack.send_to(one, b"abcdef", to), Ok(6));
        assert_eq!(stack.send_to(one, b"next", to), Ok(4));
        assert_eq!(stack.peek(other, 2), Ok(b"ab".to_vec()));
        assert_eq!(stack.read(other, 3), Ok(b"abc".to_vec()));
        assert_eq!(stack.read(other, 16), Ok(b"next".to_vec()));
    });
}

#[test]
fn an_empty_datagram_arrives() {
    both(|stack| {
        let (one, other) = two(stack);
        assert_eq!(stack.send_to(one, b"", address(stack, other)), Ok(0));
        assert!(stack.readiness(other).readable);
        assert_eq!(stack.read(other, 16), Ok(Vec::new()));
        assert_eq!(stack.read(other, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_datagram_has_at_most_65507_bytes() {
    both(|stack| {
        let (one, other) = two(stack);
        let to = address(stack, other);
        let long = vec![7; 65_508];
        assert_eq!(stack.send_to(one, &long, to), Err(Errno::EMSGSIZE));
        assert_eq!(stack.send_to(one, &long[1..], to), Ok(65_507));
        assert_eq!(
            stack.read(other, 70_000).map(|bytes| bytes.len()),
            Ok(65_507)
        );
    });
}

#[test]
fn a_socket_that_is_not_connected_needs_to_be_told_where_to() {
    both(|stack| {
        let (one, other) = two(stack);
        assert_eq!(stack.write(one, b"x"), Err(Errno::EDESTADDRREQ));
        assert_eq!(stack.remote(one), Err(Errno::ENOTCONN));
        let to = address(stack, other);
        assert_eq!(stack.connect(one, to), Ok(()));
        assert_eq!(stack.remote(one), Ok(to));
        assert_eq!(stack.write(one, b"x"), Ok(1));
        assert_eq!(stack.read(other, 16), Ok(b"x".to_vec()));
    });
}

#[test]
fn a_socket_that_is_connected_hears_nobody_else() {
    both(|stack| {
        let (one, other) = two(stack);
        let third = stack.udp(v4(0)).expect("a socket");
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        let to = address(stack, one);
        assert_eq!(stack.send_to(third, b"strange", to), Ok(7));
        assert_eq!(stack.send_to(other, b"known", to), Ok(5));
        assert_eq!(stack.read(one, 16), Ok(b"known".to_vec()));
        assert_eq!(stack.read(one, 16), Err(Errno::EAGAIN));
    });
}

#[test]
fn a_socket_that_is_connected_still_sends_to_others() {
    both(|stack| {
        let (one, other) = two(stack);
        let third = stack.udp(v4(0)).expect("a socket");
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        assert_eq!(stack.send_to(one, b"hi", address(stack, third)), Ok(2));
        assert_eq!(stack.read(third, 16), Ok(b"hi".to_vec()));
    });
}

#[test]
fn a_socket_that_is_connected_hears_once_that_nobody_has_the_port() {
    both(|stack| {
        let (one, other) = two(stack);
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        stack.close(other);
        assert_eq!(stack.write(one, b"x"), Ok(1));
        stack.settle();
        assert_eq!(stack.read(one, 1), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.read(one, 1), Err(Errno::EAGAIN));
        assert_eq!(stack.write(one, b"x"), Ok(1));
        stack.settle();
        assert_eq!(stack.write(one, b"x"), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.write(one, b"x"), Ok(1));
    });
}

#[test]
fn a_refusal_is_told_before_what_has_come() {
    both(|stack| {
        let (one, other) = two(stack);
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        assert_eq!(stack.send_to(other, b"bye", address(stack, one)), Ok(3));
        stack.settle();
        stack.close(other);
        assert_eq!(stack.write(one, b"x"), Ok(1));
        stack.settle();
        assert_eq!(stack.read(one, 16), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.read(one, 16), Ok(b"bye".to_vec()));
    });
}

#[test]
fn a_socket_that_is_not_connected_does_not_hear_that_nobody_has_the_port() {
    both(|stack| {
        let (one, other) = two(stack);
        let to = address(stack, other);
        stack.close(other);
        assert_eq!(stack.send_to(one, b"x", to), Ok(1));
        stack.settle();
        assert_eq!(stack.read(one, 1), Err(Errno::EAGAIN));
        assert_eq!(stack.send_to(one, b"x", to), Ok(1));
    });
}

#[test]
fn a_socket_on_all_addresses_that_is_connected_has_one() {
    both(|stack| {
        let one = stack.udp(([0, 0, 0, 0], 0).into()).expect("a socket");
        let other = stack.udp(v4(0)).expect("a socket");
        assert!(address(stack, one).ip().is_unspecified());
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        assert_eq!(address(stack, one).ip(), v4(0).ip());
    });
}

#[test]
fn a_socket_on_all_addresses_is_met_by_each() {
    both(|stack| {
        let one = stack.udp(([0, 0, 0, 0], 0).into()).expect("a socket");
        let other = stack.udp(v4(0)).expect("a socket");
        let port = address(stack, one).port();
        for last in [1, 2] {
            let to = ([127, 0, 0, last], port).into();
            assert_eq!(stack.send_to(other, b"x", to), Ok(1));
            let from = address(stack, other);
            assert_eq!(stack.recv_from(one, 16), Ok((b"x".to_vec(), from)));
        }
        assert_eq!(stack.send_to(one, b"y", address(stack, other)), Ok(1));
        let from = v4(port);
        assert_eq!(stack.recv_from(other, 16), Ok((b"y".to_vec(), from)));
    });
}

#[test]
fn a_socket_of_ipv4_does_not_send_to_ipv6_nor_to_all_machines_nor_to_no_port() {
    both(|stack| {
        let (one, _) = two(stack);
        assert_eq!(stack.send_to(one, b"x", v6(1)), Err(Errno::EAFNOSUPPORT));
        let everybody = ([255, 255, 255, 255], 1).into();
        assert_eq!(stack.send_to(one, b"x", everybody), Err(Errno::EACCES));
        assert_eq!(stack.send_to(one, b"x", v4(0)), Err(Errno::EINVAL));
    });
}

#[test]
fn a_socket_may_be_connected_anew() {
    both(|stack| {
        let (one, other) = two(stack);
        let third = stack.udp(v4(0)).expect("a socket");
        for to in [other, third] {
            assert_eq!(stack.connect(one, address(stack, to)), Ok(()));
            assert_eq!(stack.write(one, b"x"), Ok(1));
            assert_eq!(stack.read(to, 16), Ok(b"x".to_vec()));
        }
    });
}

#[test]
fn a_datagram_for_a_socket_that_is_connected_to_another_one_meets_nobody() {
    both(|stack| {
        let (one, other) = two(stack);
        let third = stack.udp(v4(0)).expect("a socket");
        assert_eq!(stack.connect(one, address(stack, other)), Ok(()));
        assert_eq!(stack.connect(third, address(stack, one)), Ok(()));
        assert_eq!(stack.write(third, b"x"), Ok(1));
        stack.settle();
        assert_eq!(stack.read(third, 16), Err(Errno::ECONNREFUSED));
    });
}
