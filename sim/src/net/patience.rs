//! How long a system waits for an answer, as Linux does by default.
//!
//! 1. A connect that nobody answers is given up after 127 s (`tcp_syn_retries`), whatever keeps the answer away.
//! 2. A connection on which nothing is acknowledged times out after some 15 minutes (`tcp_retries2`). There are no
//!    acknowledgements in the kernel: a closed link, in one direction or the other, stands for them, and so does a host
//!    that is down.
//! 3. Where a host takes nothing (it is down, or as many wait to be accepted as may) a packet is sent again after times
//!    that double. A link that is opened lets through at once what it has kept.

use std::time::Duration;

use deadheat_net::{Failure, Kind, Packet, SocketId};

use crate::net::journey::{After, Then, errand, name_of};
use crate::state::links::Ends;
use crate::state::network::Network;

/// After so long a connect is given up.
const GIVES_UP: Duration = Duration::from_secs(127);
/// After so long a connection times out on which nothing is acknowledged: 16 times that double, from 0.2 s to at most 120 s.
const TIMES_OUT: Duration = Duration::from_millis(924_600);

/// How long it is waited before a packet is sent again for the so-manieth time. None if it is given up then.
fn before_again(kind: Kind, tries: u32) -> Option<Duration> {
    let (first, most, times) = match kind {
        Kind::Connect => (1_000, 64_000, 7),
        _ => (200, 120_000, 16),
    };
    (tries < times).then(|| Duration::from_millis((first << tries).min(most)))
}

/// Nobody answers a connect, unless something else happens.
pub(super) fn gives_up(network: &mut Network, packet: &Packet, after: &mut After) {
    let client = match packet.kind() {
        Kind::Connect => packet.sender(),
        Kind::Agree => packet.receiver(),
        _ => None,
    };
    let Some(client) = client else {
        return;
    };
    if network.links.given_up.insert(client) {
        let errand = errand(network, packet, "is not answered", "is given up");
        let then = Then::GivesUp(client);
        after.later(name_of(network, packet), GIVES_UP, errand, then);
    }
}

pub(super) fn give_up(network: &mut Network, client: SocketId) {
    network.links.given_up.remove(&client);
    if network.kernel.is_connecting(client) {
        let _ = network.kernel.fail(client, Failure::TimedOut);
    }
}

/// A packet does not come through a link, or the answer to it does not.
pub(super) fn waits_in_vain(
    network: &mut Network,
    closed: Ends,
    packet: &Packet,
    after: &mut After,
) {
    let sender = match packet.kind() {
        Kind::Connect | Kind::Agree => return gives_up(network, packet, after),
        Kind::Data | Kind::End => packet.sender(),
        _ => None,
    };
    let Some(sender) = sender else {
        return;
    };
    let name = name_of(network, packet);
    let errand = errand(network, packet, "is not acknowledged", "is given up");
    let way = network.links.make(closed);
    if way.timed.insert(sender) {
        let then = Then::TimesOut(closed, sender, way.closed);
        after.later(name, TIMES_OUT, errand, then);
    }
}

/// A link has been closed for as long as a connection has patience, if it is the same time that it was closed.
pub(super) fn time_out(network: &mut Network, closed: Ends, sender: SocketId, time: u64) {
    let way = network.links.make(closed);
    if !way.is_closed() || way.closed != time {
        return;
    }
    way.timed.remove(&sender);
    way.forget(sender);
    // It may have been closed meanwhile.
    let _ = network.kernel.fail(sender, Failure::TimedOut);
}

/// A host did not take a packet, which came for the so-manieth time: it is sent again.
pub(super) fn not_taken(network: &mut Network, packet: Packet, tries: u32, after: &mut After) {
    let kind = packet.kind();
    let Some(sender) = packet.sender() else {
        return;
    };
    if !matches!(kind, Kind::Connect | Kind::Data | Kind::End) {
        return;
    }
    if packet.to_host().is_none() {
        return gives_up(network, &packet, after);
    }
    // One of each socket is enough to hear what becomes of its connection.
    if !network.links.sent_again.insert(sender) && tries == 0 {
        return;
    }
    let is_open = network.kernel.host_of(sender).is_ok();
    match before_again(kind, tries) {
        Some(wait) if is_open => {
            let name = name_of(network, &packet);
            let errand = errand(network, &packet, "is not taken", "is sent again");
            after.later(name, wait, errand, Then::IsThere(packet, tries + 1));
        }
        _ => {
            network.links.sent_again.remove(&sender);
            let _ = network.kernel.fail(sender, Failure::TimedOut);
        }
    }
}

/// A host took a packet that was sent again.
pub(super) fn taken(network: &mut Network, sender: Option<SocketId>) {
    if let Some(sender) = sender {
        network.links.sent_again.remove(&sender);
    }
}

#[test]
fn the_times_come_to_those_of_linux() {
    let whole = |kind| {
        let waits = (0..).map_while(|tries| before_again(kind, tries));
        waits.sum::<Duration>()
    };
    assert_eq!(
        (whole(Kind::Connect), whole(Kind::Data)),
        (GIVES_UP, TIMES_OUT)
    );
}
