//! Whatever a driver does with packets that it does not lose, a reader gets what was written.

use std::net::Shutdown;

use deadheat_net::{Packet, SocketId};

use crate::numbers::Numbers;
use crate::world::World;

/// Takes what was sent, in parts now and then, and delivers something of what is on its way, some of it twice.
fn shake(world: &mut World, numbers: &mut Numbers, on_its_way: &mut Vec<Packet>) {
    while let Some(mut packet) = world.net.next_packet() {
        let length = packet.bytes().len();
        if length > 1 && numbers.below(3) == 0 {
            on_its_way.extend(packet.split_off(1 + numbers.below(length - 1)));
        }
        on_its_way.push(packet);
    }
    if on_its_way.is_empty() {
        return;
    }
    let at = numbers.below(on_its_way.len());
    if numbers.below(4) == 0 {
        world.net.deliver(on_its_way[at].clone());
    } else {
        world.net.deliver(on_its_way.swap_remove(at));
    }
}

fn write_some(world: &mut World, numbers: &mut Numbers, from: SocketId, written: &mut Vec<u8>) {
    let length = 1 + numbers.below(9);
    let bytes: Vec<u8> = (0..length).map(|at| (written.len() + at) as u8).collect();
    if let Ok(count) = world.write(from, &bytes) {
        written.extend(&bytes[..count]);
    }
}

fn read_some(world: &mut World, numbers: &mut Numbers, from: SocketId, read: &mut Vec<u8>) {
    let mut into = vec![0; 1 + numbers.below(6)];
    if let Ok(count) = world.net.read(from, &mut into) {
        read.extend(&into[..count]);
    }
}

#[test]
fn bytes_are_read_as_they_were_written_whatever_comes_first_twice_or_in_parts() {
    for seed in 0..400 {
        let numbers = &mut Numbers::new(seed);
        let mut world = World::small();
        let ends: [SocketId; 2] = world.connection().into();
        let mut on_its_way = Vec::new();
        let (mut written, mut read) = ([vec![], vec![]], [vec![], vec![]]);
        for _ in 0..300 {
            let end = numbers.below(2);
            match numbers.below(3) {
                0 => write_some(&mut world, numbers, ends[end], &mut written[end]),
                1 => read_some(&mut world, numbers, ends[end], &mut read[1 - end]),
                _ => shake(&mut world, numbers, &mut on_its_way),
            }
        }
        let both = ends.map(|end| world.net.shutdown(end, Shutdown::Write));
        assert!(both.iter().all(Result::is_ok));
        for _ in 0..3_000 {
            shake(&mut world, numbers, &mut on_its_way);
            for end in 0..2 {
                read_some(&mut world, numbers, ends[end], &mut read[1 - end]);
            }
        }
        assert_eq!(written, read, "seed {seed}");
        assert!(on_its_way.is_empty() && written[0].len() > 20);
        for end in ends {
            assert_eq!(world.read(end), Ok(Vec::new()), "seed {seed}");
            world.net.close(end).expect("a socket");
        }
        assert_eq!(world.net.counts().sockets, 1);
    }
}
