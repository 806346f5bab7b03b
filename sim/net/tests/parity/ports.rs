//! Addresses are in use, or free.

use std::net::Ipv6Addr;

use deadheat_net::Family;
use nix::errno::Errno;

use crate::stack::{both, v4, v6};

#[test]
fn a_port_of_none_is_one_of_those_that_are_given() {
    both(|stack| {
        let (_, address) = stack.listener(8);
        assert!((32_768..=60_999).contains(&address.port()));
        let (client, server) = stack.connection();
        let port = stack.local(client).expect("an address").port();
        assert!((32_768..=60_999).contains(&port));
        assert_eq!(stack.remote(server).expect("an address").port(), port);
    });
}

#[test]
fn an_address_that_is_listened_on_is_in_use() {
    both(|stack| {
        let (_listener, address) = stack.listener(8);
        let other = stack.tcp(Family::V4);
        stack.set_reuse_address(other, true);
        assert_eq!(stack.bind(other, address), Err(Errno::EADDRINUSE));
    });
}

#[test]
fn an_address_of_all_is_in_use_if_one_is() {
    both(|stack| {
        let (_listener, address) = stack.listener(8);
        let other = stack.tcp(Family::V4);
        stack.set_reuse_address(other, true);
        let all = ([0, 0, 0, 0], address.port()).into();
        assert_eq!(stack.bind(other, all), Err(Errno::EADDRINUSE));
        let other = stack.tcp(Family::V6);
        stack.set_reuse_address(other, true);
        let all = (Ipv6Addr::UNSPECIFIED, address.port()).into();
        assert_eq!(stack.bind(other, all), Err(Errno::EADDRINUSE));
    });
}

#[test]
fn two_addresses_have_the_same_port_each_for_itself() {
    both(|stack| {
        let (_listener, address) = stack.listener(8);
        let other = stack.tcp(Family::V4);
        let there = ([127, 0, 0, 2], address.port()).into();
        assert_eq!(stack.bind(other, there), Ok(()));
        assert_eq!(stack.listen(other, 8), Ok(()));
        let other = stack.tcp(Family::V6);
        assert_eq!(stack.bind(other, v6(address.port())), Ok(()));
    });
}

#[test]
fn an_address_is_free_when_its_listener_was_closed() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        stack.close(listener);
        let again = stack.tcp(Family::V4);
        assert_eq!(stack.bind(again, address), Ok(()));
        assert_eq!(stack.listen(again, 8), Ok(()));
    });
}

#[test]
fn an_address_with_connections_of_a_listener_that_shares_it_is_free_to_one_that_does() {
    both(|stack| {
        let (client, server) = stack.connection();
        let address = stack.local(server).expect("an address");
        let alone = stack.tcp(Family::V4);
        assert_eq!(stack.bind(alone, address), Err(Errno::EADDRINUSE));
        let shares = stack.tcp(Family::V4);
        stack.set_reuse_address(shares, true);
        assert_eq!(stack.bind(shares, address), Ok(()));
        assert_eq!(stack.listen(shares, 8), Ok(()));
        stack.write_all(client, b"x");
        assert_eq!(stack.read(server, 1), Ok(b"x".to_vec()));
    });
}

#[test]
fn two_that_share_an_address_may_both_be_bound_and_one_listens() {
    both(|stack| {
        let sockets = [(); 2].map(|()| {
            let socket = stack.tcp(Family::V4);
            stack.set_reuse_address(socket, true);
            socket
        });
        assert_eq!(stack.bind(sockets[0], v4(0)), Ok(()));
        let address = stack.local(sockets[0]).expect("an address");
        assert_eq!(stack.bind(sockets[1], address), Ok(()));
        assert_eq!(stack.listen(sockets[0], 8), Ok(()));
        assert_eq!(stack.listen(sockets[1], 8), Err(Errno::EADDRINUSE));
    });
}

#[test]
fn one_that_does_not_share_its_address_keeps_others_out_without_listening() {
    both(|stack| {
        let first = stack.tcp(Family::V4);
        assert_eq!(stack.bind(first, v4(0)), Ok(()));
        let address = stack.local(first).expect("an address");
        let second = stack.tcp(Family::V4);
        stack.set_reuse_address(second, true);
        assert_eq!(stack.bind(second, address), Err(Errno::EADDRINUSE));
    });
}

#[test]
fn an_address_of_another_machine_is_not_available() {
    both(|stack| {
        let socket = stack.tcp(Family::V4);
        let strange = ([192, 0, 2, 1], 0).into();
        assert_eq!(stack.bind(socket, strange), Err(Errno::EADDRNOTAVAIL));
        assert_eq!(stack.udp(strange), Err(Errno::EADDRNOTAVAIL));
    });
}

#[test]
fn a_socket_is_bound_once() {
    both(|stack| {
        let socket = stack.tcp(Family::V4);
        assert_eq!(stack.bind(socket, v4(0)), Ok(()));
        assert_eq!(stack.bind(socket, v4(0)), Err(Errno::EINVAL));
    });
}

#[test]
fn a_client_that_was_bound_connects_from_there() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.bind(client, ([127, 0, 0, 3], 0).into()), Ok(()));
        let own = stack.local(client).expect("an address");
        assert_eq!(stack.connect(client, address), Ok(()));
        assert_eq!(stack.accept(listener).map(|(_, from)| from), Ok(own));
    });
}

#[test]
fn tcp_and_udp_have_ports_each_for_itself() {
    both(|stack| {
        let (_listener, address) = stack.listener(8);
        assert!(stack.udp(address).is_ok());
    });
}

#[test]
fn an_address_of_udp_is_in_use_until_its_socket_is_closed() {
    both(|stack| {
        let socket = stack.udp(v4(0)).expect("a socket");
        let address = stack.local(socket).expect("an address");
        assert_eq!(stack.udp(address), Err(Errno::EADDRINUSE));
        let all = ([0, 0, 0, 0], address.port()).into();
        assert_eq!(stack.udp(all), Err(Errno::EADDRINUSE));
        stack.close(socket);
        assert!(stack.udp(address).is_ok());
    });
}

#[test]
fn a_listener_that_was_not_bound_gets_a_port() {
    both(|stack| {
        let listener = stack.tcp(Family::V4);
        assert_eq!(stack.listen(listener, 8), Ok(()));
        let address = stack.local(listener).expect("an address");
        assert!(address.ip().is_unspecified() && address.port() > 0);
    });
}
