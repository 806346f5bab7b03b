//! Hosts that crash, and are started again.

use std::io::ErrorKind;

use deadheat_net::{Crash, Delivery, Kind, UnixName};

use crate::world::{World, there};

#[test]
fn a_host_that_went_silent_answers_nothing_and_after_its_start_resets_what_it_does_not_know() {
    let mut world = World::new();
    let (client, _) = world.connection();
    world.net.crash(world.db, Crash::Silent);
    world.net.deliver_all();
    assert_eq!(world.read(client), Err(ErrorKind::WouldBlock));
    assert_eq!(world.write(client, b"hello?"), Ok(6));
    let packet = world.packet(Kind::Data);
    let Delivery::Nowhere(packet) = world.net.deliver(packet) else {
        panic!("it has arrived");
    };
    world.net.start(world.db);
    world.net.deliver(packet);
    world.net.deliver_all();
    assert_eq!(world.read(client), Err(ErrorKind::ConnectionReset));
}

#[test]
fn an_end_for_a_host_that_was_started_again_is_reset_too() {
    let mut world = World::new();
    let (client, _) = world.connection();
    world.net.crash(world.db, Crash::Silent);
    world.net.start(world.db);
    let shut = world.net.shutdown(client, std::net::Shutdown::Write);
    shut.expect("a connection");
    world.net.deliver_all();
    assert_eq!(world.read(client), Err(ErrorKind::ConnectionReset));
}

#[test]
fn a_connect_to_a_host_that_is_down_hangs_and_to_one_without_its_program_is_refused() {
    for (how, expected) in [
        (Crash::Silent, ErrorKind::WouldBlock),
        (Crash::Reset, ErrorKind::ConnectionRefused),
        (Crash::Closed, ErrorKind::ConnectionRefused),
    ] {
        let mut world = World::new();
        world.net.crash(world.db, how);
        assert_eq!(world.net.is_up(world.db), how != Crash::Silent);
        let client = world.connect();
        world.net.deliver_all();
        let connected = world.net.connected(client).map_err(|error| error.kind());
        assert_eq!(connected, Err(expected), "{how:?}");
    }
}

#[test]
fn a_host_that_resets_its_connections_tells_each_peer() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(server, b"last words").expect("room");
    let waiting = world.connect();
    world.net.deliver_all();
    world.net.crash(world.db, Crash::Reset);
    world.net.deliver_all();
    assert_eq!(world.read(client), Ok(b"last words".to_vec()));
    assert_eq!(world.read(client), Err(ErrorKind::ConnectionReset));
    assert_eq!(world.read(waiting), Err(ErrorKind::ConnectionReset));
}

#[test]
fn a_program_that_is_killed_ends_its_connections_as_if_it_had_dropped_them() {
    let mut world = World::new();
    let (client, server) = world.connection();
    let (other, unread) = world.connection();
    world.write(server, b"bye").expect("room");
    world.write(other, b"unread").expect("room");
    world.net.deliver_all();
    world.net.crash(world.db, Crash::Closed);
    world.net.deliver_all();
    assert_eq!(world.read(client), Ok(b"bye".to_vec()));
    assert_eq!(world.read(client), Ok(Vec::new()));
    assert_eq!(world.read(other), Err(ErrorKind::ConnectionReset));
    assert!(world.net.readiness(unread).is_err());
}

#[test]
fn what_was_sent_before_a_crash_still_arrives() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(server, b"on its way").expect("room");
    world.net.crash(world.db, Crash::Silent);
    world.net.deliver_all();
    assert_eq!(world.read(client), Ok(b"on its way".to_vec()));
    assert_eq!(world.read(client), Err(ErrorKind::WouldBlock));
}

#[test]
fn a_crash_takes_the_sockets_and_the_ports_of_its_host_and_leaves_its_files() {
    let mut world = World::new();
    let before = world.net.counts();
    let (file, name) = (UnixName::path("/a"), UnixName::Abstract(b"a".into()));
    for how in [Crash::Silent, Crash::Reset, Crash::Closed] {
        let web = world.web;
        world
            .net
            .udp_bind(web, "0.0.0.0:53".parse().expect("one"))
            .expect("one");
        world.net.unix_listen(web, &file, 8).expect("a listener");
        world.net.unix_listen(web, &name, 8).expect("a listener");
        world.net.unix_connect(web, &file).expect("a connection");
        world.net.unix_datagram_pair(web);
        world.connection();
        world.connect();
        world.net.crash(web, how);
        world.net.start(web);
        world.net.deliver_all();
        let refused = world.net.unix_listen(web, &file, 8);
        assert_eq!(
            refused.map_err(|error| error.kind()),
            Err(ErrorKind::AddrInUse)
        );
        world.net.unix_remove(web, &file).expect("a file");
    }
    // The other host has ends that hang, of each connection that went silent.
    let after = world.net.counts();
    assert_eq!((before.ports, before.names), (after.ports, after.names));
    world.net.crash(world.db, Crash::Silent);
    assert_eq!(
        (world.net.counts().sockets, world.net.counts().ports),
        (0, 0)
    );
}

#[test]
fn a_connect_that_was_under_way_when_its_host_crashed_leaves_nothing() {
    let mut world = World::new();
    world.connect();
    let packet = world.packet(Kind::Connect);
    world.net.deliver(packet.clone());
    assert_eq!(world.net.counts().sockets, 3);
    world.net.crash(world.web, Crash::Silent);
    assert_eq!(world.net.counts().sockets, 1);
    world.net.start(world.web);
    world.net.deliver(packet);
    world.net.deliver_all();
    assert!(world.net.tcp_accept(world.listener).is_err());
    assert!(world.net.tcp_listen(world.web, there(), 8).is_err());
}
