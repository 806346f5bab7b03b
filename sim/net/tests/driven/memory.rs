//! What was closed takes no room.

use std::io::ErrorKind;

use deadheat_net::{Crash, UnixName};

use crate::world::{World, there};

#[test]
fn a_hundred_thousand_connections_leave_nothing() {
    let mut world = World::new();
    let mut slots = 0;
    for round in 0..100_000 {
        let (client, server) = world.connection();
        world.write(client, b"question").expect("room");
        world.net.deliver_all();
        if round % 3 > 0 {
            assert_eq!(world.read(server), Ok(b"question".to_vec()));
        }
        world.write(server, b"answer").expect("room");
        if round % 5 > 0 {
            world.net.deliver_all();
        }
        let (first, second) = match round % 2 {
            0 => (client, server),
            _ => (server, client),
        };
        world.net.close(first).expect("a socket");
        if round % 7 > 0 {
            world.net.deliver_all();
        }
        world.net.close(second).expect("a socket");
        world.net.deliver_all();
        world.woken();
        if round == 100 {
            slots = world.net.counts().slots;
        }
    }
    let counts = world.net.counts();
    assert_eq!((counts.sockets, counts.ports, counts.packets), (1, 1, 0));
    assert_eq!(counts.slots, slots);
    assert!(counts.buffers <= 16);
}

#[test]
fn connects_that_fail_hang_or_are_given_up_leave_nothing() {
    let mut world = World::new();
    let before = world.net.counts();
    let nobody = ([10, 0, 0, 2], 1).into();
    for round in 0..10_000 {
        let client = match round % 2 {
            0 => world.net.tcp_connect(world.web, nobody).expect("a socket"),
            _ => world.connect(),
        };
        for _ in 0..round % 3 {
            let packet = world.net.next_packet().expect("a packet");
            world.net.deliver(packet);
        }
        world.net.close(client).expect("a socket");
        world.net.deliver_all();
        while let Ok((server, _)) = world.net.tcp_accept(world.listener) {
            world.net.close(server).expect("a socket");
        }
        world.net.deliver_all();
        world.woken();
    }
    let after = world.net.counts();
    assert_eq!((before.sockets, before.ports), (after.sockets, after.ports));
    assert!(after.slots < 8);
}

#[test]
fn datagrams_and_unix_sockets_leave_nothing() {
    let mut world = World::new();
    let before = world.net.counts();
    let name = UnixName::path("/a");
    for _ in 0..10_000 {
        let socket = world.net.udp_bind(world.db, there()).expect("a socket");
        let own = "0.0.0.0:0".parse().expect("an address");
        let other = world.net.udp_bind(world.web, own).expect("a socket");
        world.net.udp_send_to(other, b"x", there()).expect("room");
        let listener = world.net.unix_listen(world.web, &name, 8).expect("one");
        let client = world.net.unix_connect(world.web, &name).expect("one");
        let (one, two) = world.net.unix_datagram_pair(world.web);
        world.write(client, b"x").expect("room");
        world.write(one, b"x").expect("room");
        for socket in [socket, other, client, listener, one, two] {
            world.net.close(socket).expect("a socket");
        }
        world.net.unix_remove(world.web, &name).expect("a file");
        world.net.deliver_all();
        world.woken();
    }
    let after = world.net.counts();
    assert_eq!((before.sockets, before.ports), (after.sockets, after.ports));
    assert_eq!((before.names, after.packets), (after.names, 0));
    assert!(after.slots < 16);
}

#[test]
fn a_message_that_goes_to_and_fro_takes_no_new_buffers() {
    let mut world = World::new();
    let (client, server) = world.connection();
    for _ in 0..20_000 {
        for (from, to) in [(client, server), (server, client)] {
            world.write(from, b"a line of text\n").expect("room");
            world.net.deliver_all();
            assert_eq!(world.read(to), Ok(b"a line of text\n".to_vec()));
        }
    }
    assert_eq!(world.net.counts().buffers, 1);
}

#[test]
fn a_reader_that_does_not_read_is_sent_no_more_than_it_has_room_for() {
    let mut world = World::small();
    let (client, _server) = world.connection();
    let mut written = 0;
    while world.write(client, b"x").is_ok() {
        written += 1;
        world.net.deliver_all();
    }
    assert_eq!(written, 8 + 4);
    assert_eq!(world.write(client, b"x"), Err(ErrorKind::WouldBlock));
    // What was not sent yet is kept after its writer is gone, until its host crashes.
    world.net.close(client).expect("a socket");
    assert_eq!(world.net.counts().sockets, 3);
    world.net.crash(world.web, Crash::Silent);
    assert_eq!(world.net.counts().sockets, 2);
}
