//! Reads, peeks and writes that are short.
//!
//! A peek is short as a read is: more may come before the next call. A datagram never is: what does not fit into the buffer
//! is lost, and that is all.

use deadheat_net::SocketId;
use deadheat_timeout::Place;

use crate::net::mishap::decided;
use crate::record::asked::Fault;
use crate::state::network::{Direction, Network};
use crate::state::world::World;

/// What is done with bytes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bytes {
    Read,
    Peek,
    Write,
}

impl Bytes {
    pub(super) fn direction(self) -> Direction {
        match self {
            Bytes::Read | Bytes::Peek => Direction::Read,
            Bytes::Write => Direction::Write,
        }
    }
}

/// How much of it.
#[derive(Debug, Clone, Copy)]
enum Part {
    OneByte,
    AllButOne,
    Half,
}

impl Part {
    fn of(self, whole: usize) -> usize {
        match self {
            Part::OneByte => 1,
            Part::AllButOne => whole - 1,
            Part::Half => whole / 2,
        }
    }
}

/// The ways of two bytes are the first of these, and those of three bytes the first two: the others come to the same.
type Ways = [(&'static str, Part); 3];

const GETS: Ways = [
    ("gets one byte", Part::OneByte),
    ("gets all but one byte", Part::AllButOne),
    ("gets half of what is there", Part::Half),
];
const TAKES: Ways = [
    ("takes one byte", Part::OneByte),
    ("takes all but one byte", Part::AllButOne),
    ("takes half", Part::Half),
];

/// How many bytes a read or a write is of, of so many that are asked for.
#[inline]
pub(super) fn portion(
    world: &mut World,
    network: &mut Network,
    (socket, bytes): (SocketId, Bytes),
    asked_for: usize,
    from: Place,
) -> usize {
    match asked_for < 2 || network.links.is_empty() {
        true => asked_for,
        false => portion_on_a_link(world, network, (socket, bytes), asked_for, from),
    }
}

fn portion_on_a_link(
    world: &mut World,
    network: &mut Network,
    (socket, bytes): (SocketId, Bytes),
    asked_for: usize,
    from: Place,
) -> usize {
    let kernel = &network.kernel;
    let ends = kernel.host_of(socket).ok().zip(kernel.peer_host(socket));
    let way = ends.and_then(|ends| network.links.get(ends));
    let Some(of) = way.map(|way| way.of).filter(|of| of.asks(Fault::Short)) else {
        return asked_for;
    };
    let there = || kernel.unread(socket).min(asked_for);
    let (name, ways, whole) = match bytes {
        Bytes::Read => ("the read", &GETS, there()),
        Bytes::Peek => ("the peek", &GETS, there()),
        Bytes::Write => {
            let ready = kernel.readiness(socket).unwrap_or_default();
            let can = ready.writable && !ready.hung_up && !ready.error;
            ("the write", &TAKES, if can { asked_for } else { 0 })
        }
    };
    if whole < 2 {
        return asked_for;
    }
    let ways = ways_of(ways, whole);
    let asked = &mut network.links.asked;
    asked.could(&of, Fault::Short);
    let part = decided(world, asked, of, (name, ways), from, |_| Fault::Short);
    match part {
        None => asked_for,
        Some(part) => part.of(whole),
    }
}

/// Those that come to different numbers of bytes, of so many.
fn ways_of(ways: &'static Ways, whole: usize) -> &'static [(&'static str, Part)] {
    &ways[..ways.len().min(whole - 1)]
}

#[test]
fn no_two_parts_are_as_long_as_each_other_or_as_the_whole() {
    for whole in 2..100 {
        let ways = ways_of(&GETS, whole);
        let mut lengths: Vec<usize> = ways.iter().map(|(_, part)| part.of(whole)).collect();
        lengths.push(whole);
        lengths.sort_unstable();
        lengths.dedup();
        assert_eq!(lengths.len(), ways.len() + 1, "of {whole} bytes");
        assert_eq!(ways.len(), (whole - 1).min(3));
    }
}
