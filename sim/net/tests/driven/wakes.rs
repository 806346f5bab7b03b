//! Whoever may find more than before is woken.

use std::net::Shutdown;

use deadheat_net::{Failure, Readiness, SocketId, UnixName};

use crate::numbers::Numbers;
use crate::world::World;

#[test]
fn a_socket_is_woken_once_however_much_has_come() {
    let mut world = World::new();
    let (client, server) = world.connection();
    for _ in 0..3 {
        world.write(client, b"x").expect("room");
        world.net.deliver_all();
    }
    assert_eq!(world.woken(), [server]);
    world.write(client, b"x").expect("room");
    world.net.deliver_all();
    assert_eq!(world.woken(), [server]);
}

#[test]
fn a_socket_that_was_closed_is_not_woken() {
    let mut world = World::new();
    let (client, server) = world.connection();
    world.write(client, b"x").expect("room");
    world.net.deliver_all();
    world.net.close(server).expect("a socket");
    assert_eq!(world.woken(), []);
}

#[test]
fn a_socket_that_is_shut_down_is_woken_itself_as_another_task_may_wait_for_it() {
    let mut world = World::new();
    let (client, _server) = world.connection();
    world.net.shutdown(client, Shutdown::Read).expect("one");
    assert_eq!(world.woken(), [client]);
}

#[test]
fn a_writer_is_woken_once_when_a_third_of_its_buffer_is_free() {
    let mut world = World::small();
    let (client, server) = world.connection();
    while world.write(client, b"x").is_ok() {}
    world.net.deliver_all();
    assert_eq!(world.woken(), [server]);
    let mut wakes = 0;
    while world.net.read(server, &mut [0; 1]).is_ok() {
        world.net.deliver_all();
        wakes += world.woken().iter().filter(|id| **id == client).count();
    }
    assert_eq!(wakes, 1);
    assert!(world.net.readiness(client).expect("a socket").writable);
}

/// What a socket is ready for that it was not.
fn gained(before: Readiness, now: Readiness) -> bool {
    let pairs = [
        (before.readable, now.readable),
        (before.writable, now.writable),
        (before.read_closed, now.read_closed),
        (before.hung_up, now.hung_up),
        (before.error, now.error),
    ];
    pairs.into_iter().any(|(before, now)| now && !before)
}

fn all_kinds(world: &mut World) -> Vec<SocketId> {
    let web = world.web;
    let mut all = vec![world.listener];
    for _ in 0..2 {
        let (client, server) = world.connection();
        all.extend([client, server]);
    }
    let (one, other) = world.net.unix_pair(web);
    all.extend([one, other]);
    let (one, other) = world.net.unix_datagram_pair(web);
    all.extend([one, other]);
    let name = UnixName::path("/log");
    let log = world.net.unix_datagram(web, Some(&name)).expect("one");
    all.push(log);
    for _ in 0..2 {
        let socket = world.net.unix_datagram(web, None).expect("one");
        world.net.unix_datagram_connect(socket, &name).expect("one");
        all.push(socket);
    }
    let own = "10.0.0.1:53".parse().expect("an address");
    let socket = world.net.udp_bind(web, own).expect("a socket");
    world.net.connect(socket, own).expect("a socket");
    all.push(socket);
    all
}

/// Does something. The socket that it was done to is said if it changes by that alone.
fn step(world: &mut World, numbers: &mut Numbers, all: &mut Vec<SocketId>) -> Option<SocketId> {
    let at = numbers.below(all.len());
    let socket = all[at];
    match numbers.below(40) {
        0..=11 => drop(world.write(socket, &vec![7; numbers.below(6)])),
        12..=23 => drop(world.net.read(socket, &mut [0; 3])),
        24..=36 => {
            if let Some(packet) = world.net.next_packet() {
                world.net.deliver(packet);
            }
            return None;
        }
        37 => {
            let how = [Shutdown::Write, Shutdown::Both][numbers.below(2)];
            drop(world.net.shutdown(socket, how));
        }
        38 if numbers.below(2) == 0 => drop(world.net.fail(socket, Failure::TimedOut)),
        38 => all.extend(world.net.tcp_accept(socket).map(|(new, _)| new)),
        _ if numbers.below(3) == 0 => {
            all.swap_remove(at);
            world.net.close(socket).expect("a socket");
        }
        _ => all.push(world.connect()),
    }
    Some(socket)
}

#[test]
fn nobody_becomes_ready_without_being_woken() {
    for seed in 0..600 {
        let numbers = &mut Numbers::new(seed);
        let mut world = World::small();
        let mut all = all_kinds(&mut world);
        world.woken();
        for at in 0..300 {
            if all.is_empty() {
                break;
            }
            let before: Vec<_> = all
                .iter()
                .map(|id| (*id, world.net.readiness(*id)))
                .collect();
            let told = step(&mut world, numbers, &mut all);
            let woken = world.woken();
            for (id, before) in before {
                let now = world.net.readiness(id);
                let (Ok(before), Ok(now)) = (before, now) else {
                    continue;
                };
                let is_told = woken.contains(&id) || told == Some(id);
                assert!(
                    !gained(before, now) || is_told,
                    "seed {seed}, step {at}: {id:?} {now:?}"
                );
            }
        }
    }
}
