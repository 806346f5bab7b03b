//! Packets that do not arrive, or not as they were sent.

use std::io::ErrorKind;
use std::net::Shutdown;

use deadheat_net::{Delivery, Failure, Kind};

use crate::world::{World, there};

#[test]
fn a_connect_that_is_lost_hangs_until_it_is_delivered_again() {
    let mut world = World::new();
    let client = world.connect();
    let lost = world.packet(Kind::Connect);
    world.net.deliver_all();
    let connected = world.net.connected(client).map_err(|error| error.kind());
    assert_eq!(connected, Err(ErrorKind::WouldBlock));
    world.net.deliver(lost);
    world.net.deliver_all();
    assert!(world.net.connected(client).is_ok());
}

#[test]
fn a_connect_whose_agreement_is_lost_hangs_and_is_not_accepted() {
    let mut world = World::new();
    let client = world.connect();
    let connect = world.packet(Kind::Connect);
    world.net.deliver(connect.clone());
    drop(world.packet(Kind::Agree));
    assert!(world.net.connected(client).is_err());
    assert!(world.net.tcp_accept(world.listener).is_err());
    // The client asks twice more, and there is still one connection.
    world.net.deliver(connect.clone());
    world.net.deliver(connect);
    world.net.deliver_all();
    assert_eq!(world.net.counts().sockets, 3);
    assert!(world.net.connected(client).is_ok());
    assert!(world.net.tcp_accept(world.listener).is_ok());
    assert!(world.net.tcp_accept(world.listener).is_err());
}

#[test]
fn a_confirmation_that_is_lost_is_made_up_for_by_what_comes_next() {
    let mut world = World::new();
    let client = world.connect();
    for kind in [Kind::Connect, Kind::Agree] {
        let packet = world.packet(kind);
        world.net.deliver(packet);
    }
    drop(world.packet(Kind::Confirm));
    assert!(world.net.tcp_accept(world.listener).is_err());
    assert_eq!(world.write(client, b"hello"), Ok(5));
    world.net.deliver_all();
    let (server, _) = world.net.tcp_accept(world.listener).expect("a connection");
    assert_eq!(world.read(server), Ok(b"hello".to_vec()));
}

#[test]
fn a_client_that_gives_up_before_it_is_connected_leaves_nothing_with_the_server() {
    let mut world = World::new();
    let before = world.net.counts();
    for how_far in 0..3 {
        let client = world.connect();
        let packets: Vec<_> = (0..how_far).map_while(|_| one(&mut world)).collect();
        world.net.close(client).expect("a socket");
        packets
            .into_iter()
            .for_each(|packet| drop(world.net.deliver(packet)));
        world.net.deliver_all();
        // A client that was connected has left a connection, which has ended.
        if how_far == 2 {
            let (server, _) = world.net.tcp_accept(world.listener).expect("one");
            assert_eq!(world.read(server), Ok(Vec::new()));
            world.net.close(server).expect("a socket");
        }
        assert!(world.net.tcp_accept(world.listener).is_err());
        assert_eq!(world.net.counts().sockets, before.sockets, "{how_far}");
    }
}

/// Delivers a packet, and gives it once more.
fn one(world: &mut World) -> Option<deadheat_net::Packet> {
    let packet = world.net.next_packet()?;
    world.net.deliver(packet.clone());
    Some(packet)
}

#[test]
fn a_client_that_gives_up_leaves_nothing_also_where_its_server_hears_of_nothing() {
    let mut world = World::new();
    for fails in [false, true] {
        let client = world.connect();
        let packet = world.packet(Kind::Connect);
        world.net.deliver(packet);
        drop(world.packet(Kind::Agree));
        assert_eq!(world.net.counts().sockets, 3);
        if fails {
            world.net.fail(client, Failure::TimedOut).expect("one");
            assert_eq!(world.net.counts().sockets, 2);
        }
        world.net.close(client).expect("a socket");
        assert_eq!(world.net.counts().sockets, 1);
    }
}

#[test]
fn a_connect_that_timed_out_resets_a_server_that_agrees_too_late() {
    let mut world = World::new();
    let client = world.connect();
    let connect = world.packet(Kind::Connect);
    world.net.deliver(connect);
    let late = world.packet(Kind::Agree);
    world.net.fail(client, Failure::TimedOut).expect("one");
    world.net.deliver(late);
    world.net.deliver_all();
    let connected = world.net.connected(client).map_err(|error| error.kind());
    assert_eq!(connected, Err(ErrorKind::TimedOut));
    assert!(world.net.tcp_accept(world.listener).is_err());
    assert_eq!(world.net.counts().sockets, 2);
}

#[test]
fn a_connect_of_which_one_copy_was_refused_leaves_nothing_with_the_server() {
    let mut world = World::new();
    let client = world.connect();
    let connect = world.packet(Kind::Connect);
    world.net.refuse(connect.clone());
    world.net.deliver(connect);
    world.net.deliver_all();
    let connected = world.net.connected(client).map_err(|error| error.kind());
    assert_eq!(connected, Err(ErrorKind::ConnectionRefused));
    assert!(world.net.tcp_accept(world.listener).is_err());
    assert_eq!(world.net.counts().sockets, 2);
}

#[test]
fn what_was_lost_is_a_gap_behind_which_nothing_is_read() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(client, b"lost").expect("room");
    let lost = world.packet(Kind::Data);
    world.write(client, b"behind").expect("room");
    world.net.close(client).expect("a socket");
    world.net.deliver_all();
    assert_eq!(world.read(server), Err(ErrorKind::WouldBlock));
    assert!(!world.net.readiness(server).expect("a socket").readable);
    world.net.deliver(lost);
    assert_eq!(world.read(server), Ok(b"lostbehind".to_vec()));
    assert_eq!(world.read(server), Ok(Vec::new()));
}

#[test]
fn a_message_may_be_reset_in_its_middle() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(client, b"hello").expect("room");
    let mut packet = world.packet(Kind::Data);
    assert!(packet.split_off(0).is_none() && packet.split_off(5).is_none());
    let rest = packet.split_off(2).expect("two parts");
    world.net.deliver(packet);
    world
        .net
        .fail(server, Failure::Reset)
        .expect("a connection");
    world.net.refuse(rest);
    world.net.deliver_all();
    assert_eq!(world.read(server), Ok(b"he".to_vec()));
    assert_eq!(world.read(server), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.read(client), Err(ErrorKind::ConnectionReset));
}

#[test]
fn one_direction_may_be_cut() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(client, b"question").expect("room");
    world.net.deliver_all();
    assert_eq!(world.read(server), Ok(b"question".to_vec()));
    world.write(server, b"answer").expect("room");
    let kept = world.packet(Kind::Data);
    world.write(client, b"still there?").expect("room");
    world.net.deliver_all();
    assert_eq!(world.read(server), Ok(b"still there?".to_vec()));
    assert_eq!(world.read(client), Err(ErrorKind::WouldBlock));
    world.net.deliver(kept);
    assert_eq!(world.read(client), Ok(b"answer".to_vec()));
}

#[test]
fn a_side_that_timed_out_resets_the_other_when_that_one_writes() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.net.fail(client, Failure::TimedOut).expect("one");
    assert_eq!(world.read(client), Err(ErrorKind::TimedOut));
    assert_eq!(world.read(client), Ok(Vec::new()));
    assert_eq!(world.write(server, b"hello?"), Ok(6));
    world.net.deliver_all();
    assert_eq!(world.read(server), Err(ErrorKind::ConnectionReset));
}

#[test]
fn a_connect_that_finds_no_place_may_come_again() {
    let mut world = World::new();
    let clients = [(); 4].map(|()| world.connect());
    let mut given_back = Vec::new();
    while let Some(packet) = world.net.next_packet() {
        if let Delivery::Full(packet) = world.net.deliver(packet) {
            given_back.push(packet);
        }
    }
    let packet = given_back.pop().expect("one more than may wait");
    assert!(given_back.is_empty() && packet.sender() == Some(clients[3]));
    let Delivery::Full(packet) = world.net.deliver(packet) else {
        panic!("there is no place yet");
    };
    assert!(world.net.tcp_accept(world.listener).is_ok());
    assert!(matches!(world.net.deliver(packet), Delivery::Done));
    world.net.deliver_all();
    assert!(world.net.connected(clients[3]).is_ok());
}

#[test]
fn a_packet_to_an_address_of_nobody_comes_back() {
    let mut world = World::new();
    let nobody = "10.0.0.77:1".parse().expect("an address");
    world.net.tcp_connect(world.web, nobody).expect("a socket");
    let packet = world.packet(Kind::Connect);
    assert_eq!(packet.to_host(), None);
    assert!(matches!(world.net.deliver(packet), Delivery::Nowhere(_)));
}

#[test]
fn a_packet_of_an_old_connection_never_meets_a_new_one() {
    let mut world = World::new();
    let (client, server) = world.connection();
    let port = world.net.local_addr(client).expect("an address").port();
    world.write(client, b"old").expect("room");
    let old = world.packet(Kind::Data);
    world.net.shutdown(client, Shutdown::Write).expect("one");
    let old_end = world.packet(Kind::End);
    world.net.close(client).expect("a socket");
    world.net.close(server).expect("a socket");
    world.net.deliver_all();
    let socket = world.net.tcp_socket(world.web, deadheat_net::Family::V4);
    let own = ([10, 0, 0, 1], port).into();
    world.net.bind(socket, own).expect("a free port");
    world.net.connect(socket, there()).expect("a connect");
    world.net.deliver_all();
    let (server, from) = world.net.tcp_accept(world.listener).expect("one");
    assert_eq!(from, own);
    world.net.deliver(old);
    world.net.deliver(old_end);
    world.net.deliver_all();
    assert_eq!(world.read(server), Err(ErrorKind::WouldBlock));
    assert_eq!(world.read(socket), Err(ErrorKind::WouldBlock));
}

#[test]
fn a_datagram_that_is_refused_is_as_one_that_nobody_takes() {
    let mut world = World::new();
    let own = "0.0.0.0:0".parse().expect("an address");
    let to = world.net.udp_bind(world.db, there()).expect("a socket");
    let socket = world.net.udp_bind(world.web, own).expect("a socket");
    world.net.connect(socket, there()).expect("a socket");
    assert_eq!(world.write(socket, b"x"), Ok(1));
    let packet = world.packet(Kind::Datagram);
    world.net.refuse(packet);
    world.net.deliver_all();
    assert_eq!(world.read(to), Err(ErrorKind::WouldBlock));
    assert_eq!(world.read(socket), Err(ErrorKind::ConnectionRefused));
}
