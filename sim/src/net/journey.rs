//! What takes time on the network, and what it comes to.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use deadheat_net::{Packet, SocketId};

use crate::engine::clock::Latency;
use crate::state::links::{Ends, Order};
use crate::state::network::Network;

/// What is to be done once nothing is borrowed.
#[derive(Default)]
pub(super) struct After {
    pub(super) wakers: Vec<Waker>,
    /// Who waited for what is closed now: they are dropped.
    pub(super) forgotten: Vec<Waker>,
    pub(super) journeys: Vec<Journey>,
}

/// What takes time, and what it comes to.
pub(super) struct Journey {
    pub(super) name: Arc<str>,
    pub(super) latency: Latency,
    pub(super) then: Then,
    /// What it is and does, where that is told.
    pub(super) errand: Option<[String; 3]>,
}

pub(super) enum Then {
    /// A packet arrives over a link, at its place among others.
    Arrives(Ends, Order, Packet),
    /// A packet that nobody has taken is there once more, for the so-manieth time.
    IsThere(Packet, u32),
    /// Nobody has answered the connect of this socket.
    GivesUp(SocketId),
    /// Nothing of this socket's has been acknowledged, as a link was closed: for the so-manieth time.
    TimesOut(Ends, SocketId, u64),
    /// A link stalls no more.
    Released(Ends),
}

impl After {
    pub(super) fn is_empty(&self) -> bool {
        self.wakers.is_empty() && self.forgotten.is_empty() && self.journeys.is_empty()
    }

    /// Something takes time on the network: `errand` says what it is, what it does now, and what it does then.
    pub(super) fn later(
        &mut self,
        name: String,
        latency: impl Into<Latency>,
        errand: Option<[String; 3]>,
        then: Then,
    ) {
        self.journeys.push(Journey {
            errand,
            name: name.into(),
            latency: latency.into(),
            then,
        });
    }
}

/// What a task is called that carries something from one host to another.
pub(super) fn name_of(network: &Network, packet: &Packet) -> String {
    let name = |host| match host {
        Some(host) => network.kernel.host_name(host),
        None => "nowhere",
    };
    format!("{} to {}", name(packet.from_host()), name(packet.to_host()))
}

/// What a packet is, what it does now, and what it does once its time is over; only where that is told.
pub(super) fn errand(
    network: &Network,
    packet: &Packet,
    now: &str,
    then: &str,
) -> Option<[String; 3]> {
    let is_told = network.kernel.keeps_did();
    is_told.then(|| {
        [
            network.kernel.packet_told(packet),
            now.to_owned(),
            then.to_owned(),
        ]
    })
}

/// A duration out of nanoseconds, as rules have them.
pub(super) fn of_nanos(nanos: i64) -> Duration {
    Duration::from_nanos(nanos.unsigned_abs())
}

/// A latency of these ends.
pub(super) fn between((low, high): (i64, i64)) -> Latency {
    Latency::from(of_nanos(low)..=of_nanos(high))
}
