//! Which ports of a host are in use, and by whom.
//!
//! 1. A port is free when its last socket is gone: there is no waiting after a connection was closed.
//! 2. A port that nobody asked for by its number is the next free one, so that it depends on nothing but the calls
//!    before.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use crate::id::SocketId;

/// Those that are given to who asks for none, as on Linux.
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;

/// A socket that has an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    pub(crate) socket: SocketId,
    pub(crate) address: IpAddr,
    /// It takes addresses of IPv6 alone, where it has that of all.
    pub(crate) only_v6: bool,
    /// It lets others have the same address (`SO_REUSEADDR`).
    pub(crate) shares: bool,
    /// It takes what comes for the port: it listens, or is one of UDP.
    pub(crate) takes: bool,
}

impl Bound {
    /// How closely it is meant by an address: 0 is closest.
    fn distance(&self, address: IpAddr) -> Option<u8> {
        match (self.address, address) {
            (own, address) if own == address => Some(0),
            (IpAddr::V4(own), IpAddr::V4(_)) if own.is_unspecified() => Some(1),
            (IpAddr::V6(own), IpAddr::V6(_)) if own.is_unspecified() => Some(1),
            (IpAddr::V6(own), IpAddr::V4(_)) if own.is_unspecified() && !self.only_v6 => Some(2),
            _ => None,
        }
    }

    fn overlaps(&self, other: &Bound) -> bool {
        self.distance(other.address).is_some() || other.distance(self.address).is_some()
    }

    fn excludes(&self, other: &Bound) -> bool {
        let both_share = self.shares && other.shares && !self.takes && !other.takes;
        self.overlaps(other) && !both_share
    }
}

#[derive(Debug, Default)]
struct Port {
    bound: Vec<Bound>,
    /// Connections that have it besides: those that were accepted, and clients that asked for none.
    connections: usize,
    /// How many of them do not let others have it.
    alone: usize,
}

/// The ports of one protocol.
#[derive(Debug)]
pub(crate) struct Ports {
    ports: BTreeMap<u16, Port>,
    next: u16,
}

impl Ports {
    pub(crate) fn new() -> Ports {
        Ports {
            ports: BTreeMap::new(),
            next: *EPHEMERAL.start(),
        }
    }

    /// A port that nobody has.
    pub(crate) fn free(&mut self) -> Option<u16> {
        for _ in EPHEMERAL {
            let port = self.next;
            self.next = if port == *EPHEMERAL.end() {
                *EPHEMERAL.start()
            } else {
                port + 1
            };
            if !self.ports.contains_key(&port) {
                return Some(port);
            }
        }
        None
    }

    /// Gives a port to a socket, unless another one has it.
    pub(crate) fn bind(&mut self, port: u16, bound: Bound) -> bool {
        let own = self.ports.entry(port).or_default();
        let is_taken = own.bound.iter().any(|other| other.excludes(&bound));
        let is_used = own.alone > 0 || (own.connections > 0 && !bound.shares);
        if is_taken || is_used {
            return false;
        }
        own.bound.push(bound);
        true
    }

    /// Lets a socket that has a port take what comes for it, unless another one does.
    pub(crate) fn listen(&mut self, port: u16, socket: SocketId) -> bool {
        let Some(own) = self.ports.get_mut(&port) else {
            return false;
        };
        let Some(at) = own.bound.iter().position(|bound| bound.socket == socket) else {
            return false;
        };
        let bound = own.bound[at];
        let taken = |other: &Bound| other.takes && other.socket != socket && other.overlaps(&bound);
        let is_free = !own.bound.iter().any(taken);
        own.bound[at].takes |= is_free;
        is_free
    }

    pub(crate) fn stop_listening(&mut self, port: u16, socket: SocketId) {
        if let Some(bound) = self.bound(port, socket) {
            bound.takes = false;
        }
    }

    /// Another address for a socket that has a port.
    pub(crate) fn narrow(&mut self, port: u16, socket: SocketId, address: IpAddr) {
        if let Some(bound) = self.bound(port, socket) {
            bound.address = address;
        }
    }

    fn bound(&mut self, port: u16, socket: SocketId) -> Option<&mut Bound> {
        let bound = &mut self.ports.get_mut(&port)?.bound;
        bound.iter_mut().find(|bound| bound.socket == socket)
    }

    /// A connection has the port, too.
    pub(crate) fn join(&mut self, port: u16, shares: bool) {
        let own = self.ports.entry(port).or_default();
        own.connections += 1;
        own.alone += usize::from(!shares);
    }

    pub(crate) fn leave(&mut self, port: u16, shares: bool) {
        if let Some(own) = self.ports.get_mut(&port) {
            own.connections = own.connections.saturating_sub(1);
            own.alone = own.alone.saturating_sub(usize::from(!shares));
        }
        self.forget(port);
    }

    pub(crate) fn release(&mut self, port: u16, socket: SocketId) {
        if let Some(own) = self.ports.get_mut(&port) {
            own.bound.retain(|bound| bound.socket != socket);
        }
        self.forget(port);
    }

    fn forget(&mut self, port: u16) {
        let is_unused = |own: &Port| own.bound.is_empty() && own.connections == 0;
        if self.ports.get(&port).is_some_and(is_unused) {
            self.ports.remove(&port);
        }
    }

    /// Who takes what comes for an address: whoever is meant most closely.
    pub(crate) fn taker(&self, to: SocketAddr) -> Option<SocketId> {
        let bound = &self.ports.get(&to.port())?.bound;
        let takers = bound.iter().filter(|bound| bound.takes);
        let near = takers.filter_map(|bound| Some((bound.distance(to.ip())?, bound.socket)));
        near.min_by_key(|(distance, _)| *distance)
            .map(|(_, socket)| socket)
    }

    pub(crate) fn len(&self) -> usize {
        self.ports.len()
    }
}

/// The address as a socket of IPv6 shows one of IPv4.
pub(crate) fn mapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) => SocketAddr::from((v4.ip().to_ipv6_mapped(), v4.port())),
        SocketAddr::V6(_) => address,
    }
}

/// The address of IPv4 that stands in one of IPv6.
pub(crate) fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// This host, where no address is said.
pub(crate) fn own_if_unspecified(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => ([127, 0, 0, 1], address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(slot: u32, address: &str, takes: bool) -> Bound {
        Bound {
            socket: SocketId {
                slot,
                generation: 0,
            },
            address: address.parse().expect("an address"),
            only_v6: false,
            shares: true,
            takes,
        }
    }

    #[test]
    fn the_taker_is_who_is_meant_most_closely() {
        let mut ports = Ports::new();
        assert!(ports.bind(1, bound(1, "127.0.0.1", true)));
        assert!(ports.bind(1, bound(2, "127.0.0.2", true)));
        assert!(!ports.bind(1, bound(3, "0.0.0.0", true)));
        assert!(!ports.bind(1, bound(3, "::", true)));
        assert!(ports.bind(2, bound(4, "::", true)));
        let taker = |to: &str| Some(ports.taker(to.parse().expect("an address"))?.slot);
        assert_eq!(taker("127.0.0.2:1"), Some(2));
        assert_eq!(taker("127.0.0.3:1"), None);
        assert_eq!(taker("127.0.0.3:2"), Some(4));
    }

    #[test]
    fn ports_that_nobody_asked_for_go_round_and_skip_those_in_use() {
        let mut ports = Ports::new();
        ports.join(32_769, true);
        let first: Vec<_> = (0..3).map(|_| ports.free()).collect();
        assert_eq!(first, [Some(32_768), Some(32_770), Some(32_771)]);
        for port in EPHEMERAL {
            ports.join(port, true);
        }
        assert_eq!(ports.free(), None);
        ports.leave(40_000, true);
        assert_eq!(ports.free(), Some(40_000));
    }

    #[test]
    fn a_port_is_forgotten_with_its_last_socket() {
        let mut ports = Ports::new();
        let one = bound(1, "127.0.0.1", true);
        assert!(ports.bind(1, one));
        ports.join(1, true);
        ports.release(1, one.socket);
        assert_eq!(ports.len(), 1);
        ports.leave(1, true);
        assert_eq!(ports.len(), 0);
    }
}
