//! Connections that their program has left, and that end by themselves.

use crate::world::World;

#[test]
fn a_connection_that_was_closed_with_bytes_under_way_is_gone_once_it_is_reset() {
    let mut world = World::small();
    let before = world.net.counts().sockets;
    let (client, server) = world.connection();
    while world.write(client, b"last words").is_ok() {}
    world.net.close(client).expect("a socket");
    // It waits for the bytes to be taken; the other end is closed without reading them, and so it is reset.
    world.net.close(server).expect("a socket");
    assert!(world.net.counts().sockets > before);
    world.net.deliver_all();
    assert_eq!(world.net.counts().sockets, before);
}
