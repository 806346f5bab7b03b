//! What becomes of a packet on its way: it sets out, travels and arrives, or something goes wrong with it.

use deadheat_net::{Delivery, Kind, Packet};
use deadheat_timeout::Place;

use crate::net::journey::{After, Then, between, errand, name_of, of_nanos};
use crate::net::mishap::{Mishap, mishap};
use crate::net::patience::{gives_up, not_taken, taken, waits_in_vain};
use crate::record::asked::Fault;
use crate::state::links::{Ends, Order};
use crate::state::network::Network;
use crate::state::world::World;

/// A packet was sent.
#[inline]
pub(super) fn go(
    world: &mut World,
    network: &mut Network,
    packet: Packet,
    from: Place,
    after: &mut After,
) {
    if network.links.is_empty() {
        return deliver(network, packet, 0, after);
    }
    let Some(ends) = packet.from_host().zip(packet.to_host()) else {
        return deliver(network, packet, 0, after);
    };
    network.links.travelled.insert(ends);
    let Some(way) = network.links.get(ends) else {
        return deliver(network, packet, 0, after);
    };
    if way.is_cut {
        return keep(network, ends, packet, after);
    }
    let of = way.of;
    match mishap(world, &mut network.links.asked, of, &packet, from) {
        None => set_out(network, ends, packet, after),
        Some(mishap) => go_wrong(network, ends, packet, mishap, after),
    }
}

fn go_wrong(
    network: &mut Network,
    ends: Ends,
    mut packet: Packet,
    mishap: Mishap,
    after: &mut After,
) {
    if mishap.is_halfway() {
        let half = packet.bytes().len() / 2;
        if let Some(rest) = packet.split_off(half) {
            set_out(network, ends, std::mem::replace(&mut packet, rest), after);
        }
    }
    network.kernel.packet_did(&packet, mishap.told());
    match mishap {
        Mishap::Lost => {}
        Mishap::Twice => {
            set_out(network, ends, packet.clone(), after);
            set_out(network, ends, packet, after);
        }
        Mishap::Refused => network.kernel.refuse(packet),
        Mishap::Hangs => gives_up(network, &packet, after),
        Mishap::Reset | Mishap::ResetHalfway => {
            set_out(network, ends, packet.to_reset(), after);
            network.kernel.refuse(packet);
        }
        Mishap::Cut | Mishap::CutHalfway => {
            network.links.make((ends.1, ends.0)).cut();
            network.links.make(ends).cut();
            keep(network, ends, packet, after);
        }
        Mishap::CutOneWay | Mishap::CutOneWayHalfway => {
            network.links.make(ends).cut();
            keep(network, ends, packet, after);
        }
        Mishap::Stalls => {
            let way = network.links.make(ends);
            way.hold(None);
            let at_most = of_nanos(way.stall);
            let name = name_of(network, &packet);
            let errand = errand(network, &packet, "stalls", "stalls no more");
            let latency = std::time::Duration::ZERO..=at_most;
            after.later(name, latency, errand, Then::Released(ends));
            set_out(network, ends, packet, after);
        }
    }
}

/// A packet was sent over a link that is cut. A datagram is lost.
fn keep(network: &mut Network, ends: Ends, packet: Packet, after: &mut After) {
    let by = network.links.make(ends).closed_by;
    network.links.asked.done(by);
    if packet.kind() == Kind::Datagram {
        network
            .kernel
            .packet_did(&packet, "is lost: the link is cut");
    } else {
        network
            .kernel
            .packet_did(&packet, "is held: the link is cut");
        waits_in_vain(network, ends, &packet, after);
        network.links.make(ends).before.push(packet);
    }
}

/// A packet is on its way over a link.
fn set_out(network: &mut Network, ends: Ends, packet: Packet, after: &mut After) {
    let back = (ends.1, ends.0);
    if ends != back && network.links.get(back).is_some_and(|way| way.is_closed()) {
        waits_in_vain(network, back, &packet, after);
    }
    let way = network.links.make(ends);
    let of = way.of;
    // The kernel puts the bytes of a stream in order, but not a reset that comes before them.
    let overtakes = of.asks(Fault::Overtake) && packet.kind() == Kind::Datagram;
    let (place, has_others) = way.send(overtakes);
    let latency = way.latency;
    if has_others {
        network.links.asked.could(&of, Fault::Overtake);
    }
    let Some(latency) = latency else {
        return arrive(network, ends, place, packet, after);
    };
    network.links.asked.could(&of, Fault::Latency);
    network.links.asked.passed(&of, Fault::Latency);
    let name = name_of(network, &packet);
    let errand = errand(network, &packet, "sets out", "arrives");
    let then = Then::Arrives(ends, place, packet);
    after.later(name, between(latency), errand, then);
}

/// A link is healed: what was on its way arrives, and what was sent meanwhile sets out.
pub(super) fn heal(
    network: &mut Network,
    directions: impl Iterator<Item = Ends>,
    after: &mut After,
) {
    let healed = directions.map(|ends| {
        let way = network.links.make(ends);
        let was_cut_with_all = way.loses;
        let before = way.heal();
        let behind = match was_cut_with_all {
            true => way.release(),
            false => Vec::new(),
        };
        (ends, before, behind)
    });
    // All directions are open before anything moves: what finds the way back closed would wait in vain for an answer.
    let healed: Vec<_> = healed.collect();
    for (ends, before, behind) in healed {
        for (place, packet) in behind {
            pass(network, ends, place, packet, after);
        }
        for packet in before {
            set_out(network, ends, packet, after);
        }
    }
}

/// A link is held no more: what would have arrived meanwhile does.
pub(super) fn release(
    network: &mut Network,
    directions: impl Iterator<Item = Ends>,
    after: &mut After,
) {
    let opened = directions.filter_map(|ends| {
        let way = network.links.make(ends);
        let stays_cut = way.loses && way.is_cut;
        (!stays_cut).then(|| (ends, way.release()))
    });
    // As above.
    let opened: Vec<_> = opened.collect();
    for (ends, behind) in opened {
        for (place, packet) in behind {
            pass(network, ends, place, packet, after);
        }
    }
}

/// A packet has travelled over a link.
pub(super) fn arrive(
    network: &mut Network,
    ends: Ends,
    place: Order,
    packet: Packet,
    after: &mut After,
) {
    let way = network.links.make(ends);
    if !way.is_held {
        return pass(network, ends, place, Some(packet), after);
    }
    let by = way.closed_by;
    if way.loses && packet.kind() == Kind::Datagram {
        way.behind.push((place, None));
        network
            .kernel
            .packet_did(&packet, "is lost: the link is closed");
        return network.links.asked.done(by);
    }
    network.links.asked.done(by);
    network
        .kernel
        .packet_did(&packet, "is held: the link is closed");
    waits_in_vain(network, ends, &packet, after);
    network.links.make(ends).behind.push((place, Some(packet)));
}

/// A packet, or the place of one that was lost, comes to the end of a link.
fn pass(
    network: &mut Network,
    ends: Ends,
    place: Order,
    packet: Option<Packet>,
    after: &mut After,
) {
    let way = network.links.make(ends);
    let (of, (packets, overtook)) = (way.of, way.arrive(place, packet));
    if overtook {
        network.links.asked.passed(&of, Fault::Overtake);
    }
    for packet in packets {
        network.kernel.packet_did(&packet, "arrives");
        deliver(network, packet, 0, after);
    }
}

/// A packet is there, for the so-manieth time.
#[inline]
pub(super) fn deliver(network: &mut Network, packet: Packet, tries: u32, after: &mut After) {
    let sender = packet.sender();
    match network.kernel.deliver(packet) {
        Delivery::Full(packet) | Delivery::Nowhere(packet) => {
            not_taken(network, packet, tries, after);
        }
        _ if tries > 0 => taken(network, sender),
        _ => {}
    }
}
