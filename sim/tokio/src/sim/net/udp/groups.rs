//! Groups that a datagram is sent to. A run has none.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Side, UdpSocket};
use crate::sim::net::options::not_here;

impl UdpSocket {
    /// Joins a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn join_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.join_multicast_v4(multiaddr, interface),
            Side::Run(..) => not_here("multicast"),
        }
    }

    /// Joins a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.join_multicast_v6(multiaddr, interface),
            Side::Run(..) => not_here("multicast"),
        }
    }

    /// Leaves a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn leave_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.leave_multicast_v4(multiaddr, interface),
            Side::Run(..) => not_here("multicast"),
        }
    }

    /// Leaves a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.leave_multicast_v6(multiaddr, interface),
            Side::Run(..) => not_here("multicast"),
        }
    }
}
