//! What hosts and sockets are called.

use std::fmt;

/// A host of a network.
///
/// # Examples
///
/// ```
/// let mut net = deadheat_net::Net::new();
/// assert_eq!(net.host("db"), net.host("db"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HostId(pub(crate) u32);

/// A socket of a network. After it was closed its id is never given again, and every call with it fails.
///
/// # Examples
///
/// ```
/// let mut net = deadheat_net::Net::new();
/// let host = net.host("db");
/// let socket = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
/// net.close(socket).unwrap();
/// assert!(net.local_addr(socket).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketId({}.{})", self.slot, self.generation)
    }
}
