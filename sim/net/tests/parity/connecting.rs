//! Connections come to be, or do not.

use deadheat_net::Family;
use nix::errno::Errno;

use crate::stack::{both, v4, v6};

#[test]
fn a_connect_to_a_port_that_nobody_listens_on_is_refused() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        stack.close(listener);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
    });
}

#[test]
fn a_connect_to_a_socket_that_is_bound_and_does_not_listen_is_refused() {
    both(|stack| {
        let bound = stack.tcp(Family::V4);
        assert_eq!(stack.bind(bound, v4(0)), Ok(()));
        let address = stack.local(bound).expect("an address");
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
    });
}

#[test]
fn a_connect_succeeds_before_anybody_accepts_and_what_was_written_waits() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        stack.write_all(client, b"early");
        let (server, _) = stack.accept(listener).expect("a connection");
        assert_eq!(stack.read(server, 16), Ok(b"early".to_vec()));
    });
}

#[test]
fn both_ends_name_the_same_two_addresses() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        let (server, from) = stack.accept(listener).expect("a connection");
        assert_eq!(stack.local(client), Ok(from));
        assert_eq!(stack.remote(client), Ok(address));
        assert_eq!(stack.local(server), Ok(address));
        assert_eq!(stack.remote(server), Ok(from));
        assert_eq!(from.ip(), v4(0).ip());
    });
}

#[test]
fn connections_are_accepted_in_the_order_in_which_they_came() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let clients = [(); 3].map(|()| {
            let client = stack.tcp(Family::V4);
            assert_eq!(stack.connect(client, address), Ok(()));
            client
        });
        for client in clients {
            let (_, from) = stack.accept(listener).expect("a connection");
            assert_eq!(stack.local(client), Ok(from));
        }
        assert_eq!(stack.accept(listener).map(drop), Err(Errno::EAGAIN));
    });
}

#[test]
fn one_more_than_the_backlog_may_wait_and_the_next_connect_hangs() {
    both(|stack| {
        let (listener, address) = stack.listener(1);
        let connect = || {
            let client = stack.tcp(Family::V4);
            stack.connect(client, address)
        };
        assert_eq!(connect(), Ok(()));
        assert_eq!(connect(), Ok(()));
        assert_eq!(connect(), Err(Errno::EAGAIN));
        assert!(stack.accept(listener).is_ok());
        assert_eq!(connect(), Ok(()));
    });
}

#[test]
fn a_backlog_of_none_lets_one_wait() {
    both(|stack| {
        let (_listener, address) = stack.listener(0);
        let connect = || {
            let client = stack.tcp(Family::V4);
            stack.connect(client, address)
        };
        assert_eq!((connect(), connect()), (Ok(()), Err(Errno::EAGAIN)));
    });
}

#[test]
fn the_address_of_all_is_this_host_to_a_connect() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        let all = ([0, 0, 0, 0], address.port()).into();
        assert_eq!(stack.connect(client, all), Ok(()));
        assert_eq!(stack.remote(client), Ok(address));
        assert!(stack.accept(listener).is_ok());
    });
}

#[test]
fn a_listener_on_all_addresses_is_met_by_each_of_loopback() {
    both(|stack| {
        let listener = stack.tcp(Family::V4);
        assert_eq!(stack.bind(listener, ([0, 0, 0, 0], 0).into()), Ok(()));
        assert_eq!(stack.listen(listener, 8), Ok(()));
        let port = stack.local(listener).expect("an address").port();
        for last in [1, 2] {
            let client = stack.tcp(Family::V4);
            let to = ([127, 0, 0, last], port).into();
            assert_eq!(stack.connect(client, to), Ok(()));
            let (server, from) = stack.accept(listener).expect("a connection");
            assert_eq!(stack.local(server), Ok(to));
            assert_eq!(from.ip(), v4(0).ip());
        }
    });
}

#[test]
fn a_listener_on_one_address_is_not_met_by_another() {
    both(|stack| {
        let (_listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        let other = ([127, 0, 0, 2], address.port()).into();
        assert_eq!(stack.connect(client, other), Err(Errno::ECONNREFUSED));
    });
}

#[test]
fn a_listener_on_all_addresses_of_ipv6_shows_one_of_ipv4_as_a_mapped_one() {
    both(|stack| {
        let listener = stack.tcp(Family::V6);
        let all = (std::net::Ipv6Addr::UNSPECIFIED, 0).into();
        assert_eq!(stack.bind(listener, all), Ok(()));
        assert_eq!(stack.listen(listener, 8), Ok(()));
        let port = stack.local(listener).expect("an address").port();
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, v4(port)), Ok(()));
        let (server, from) = stack.accept(listener).expect("a connection");
        assert!(from.ip().to_string().starts_with("::ffff:127.0.0.1"));
        let local = stack.local(server).expect("an address");
        assert_eq!(local.to_string(), format!("[::ffff:127.0.0.1]:{port}"));
    });
}

#[test]
fn a_listener_of_ipv6_alone_is_not_met_by_ipv4() {
    both(|stack| {
        let listener = stack.tcp(Family::V6);
        stack.set_only_v6(listener, true);
        let all = (std::net::Ipv6Addr::UNSPECIFIED, 0).into();
        assert_eq!(stack.bind(listener, all), Ok(()));
        assert_eq!(stack.listen(listener, 8), Ok(()));
        let port = stack.local(listener).expect("an address").port();
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, v4(port)), Err(Errno::ECONNREFUSED));
        let client = stack.tcp(Family::V6);
        assert_eq!(stack.connect(client, v6(port)), Ok(()));
    });
}

#[test]
fn a_socket_that_is_connected_connects_no_second_time() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Ok(()));
        assert_eq!(stack.connect(client, address), Err(Errno::EISCONN));
        assert_eq!(stack.connect(listener, address), Err(Errno::EISCONN));
    });
}

#[test]
fn an_error_of_a_connect_is_told_once() {
    both(|stack| {
        let (listener, address) = stack.listener(8);
        stack.close(listener);
        let client = stack.tcp(Family::V4);
        assert_eq!(stack.connect(client, address), Err(Errno::ECONNREFUSED));
        assert_eq!(stack.take_error(client), Ok(()));
        assert_eq!(stack.remote(client), Err(Errno::ENOTCONN));
        assert_eq!(stack.read(client, 1), Ok(Vec::new()));
        assert_eq!(stack.write(client, b"x"), Err(Errno::EPIPE));
    });
}

#[test]
fn a_socket_that_was_never_connected_neither_reads_nor_writes() {
    both(|stack| {
        let socket = stack.tcp(Family::V4);
        assert_eq!(stack.read(socket, 1), Err(Errno::ENOTCONN));
        assert_eq!(stack.write(socket, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.remote(socket), Err(Errno::ENOTCONN));
        assert_eq!(stack.accept(socket).map(drop), Err(Errno::EINVAL));
        let shut = stack.shutdown(socket, std::net::Shutdown::Write);
        assert_eq!(shut, Err(Errno::ENOTCONN));
    });
}

#[test]
fn a_listener_neither_reads_nor_writes() {
    both(|stack| {
        let (listener, _) = stack.listener(8);
        assert_eq!(stack.read(listener, 1), Err(Errno::ENOTCONN));
        assert_eq!(stack.write(listener, b"x"), Err(Errno::EPIPE));
        assert_eq!(stack.remote(listener), Err(Errno::ENOTCONN));
    });
}

#[test]
fn a_socket_of_ipv4_does_not_connect_to_ipv6() {
    both(|stack| {
        let socket = stack.tcp(Family::V4);
        assert_eq!(stack.connect(socket, v6(1)), Err(Errno::EAFNOSUPPORT));
    });
}
