//! Reads and writes that are short.

use deadheat_net::SocketId;
use deadheat_timeout::Place;

use crate::net::mishap::decided;
use crate::record::asked::Fault;
use crate::state::network::{Direction, Network};
use crate::state::world::World;

/// How much of it.
#[derive(Debug, Clone, Copy)]
enum Part {
    OneByte,
    Half,
    AllButOne,
}

const READ: [(&str, Part); 3] = [
    ("gets one byte", Part::OneByte),
    ("gets half of what is there", Part::Half),
    ("gets all but one byte", Part::AllButOne),
];
const WRITE: [(&str, Part); 3] = [
    ("takes one byte", Part::OneByte),
    ("takes half", Part::Half),
    ("takes all but one byte", Part::AllButOne),
];

/// How many bytes a read or a write is of, of so many that are asked for.
#[inline]
pub(super) fn portion(
    world: &mut World,
    network: &mut Network,
    (socket, direction): (SocketId, Direction),
    asked_for: usize,
    from: Place,
) -> usize {
    match asked_for < 2 || network.links.is_empty() {
        true => asked_for,
        false => portion_on_a_link(world, network, (socket, direction), asked_for, from),
    }
}

fn portion_on_a_link(
    world: &mut World,
    network: &mut Network,
    (socket, direction): (SocketId, Direction),
    asked_for: usize,
    from: Place,
) -> usize {
    let kernel = &network.kernel;
    let ends = kernel.host_of(socket).ok().zip(kernel.peer_host(socket));
    let way = ends.and_then(|ends| network.links.get(ends));
    let Some(of) = way.map(|way| way.of).filter(|of| of.asks(Fault::Short)) else {
        return asked_for;
    };
    let (name, ways, whole) = match direction {
        Direction::Read => ("the read", &READ, kernel.unread(socket).min(asked_for)),
        Direction::Write => {
            let ready = kernel.readiness(socket).unwrap_or_default();
            let can = ready.writable && !ready.hung_up && !ready.error;
            ("the write", &WRITE, if can { asked_for } else { 0 })
        }
    };
    if whole < 2 {
        return asked_for;
    }
    let asked = &mut network.links.asked;
    asked.could(&of, Fault::Short);
    let part = decided(world, asked, of, (name, ways), from, |_| Fault::Short);
    match part {
        None => asked_for,
        Some(Part::OneByte) => 1,
        Some(Part::Half) => whole / 2,
        Some(Part::AllButOne) => whole - 1,
    }
}
