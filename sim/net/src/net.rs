//! The network: its hosts and sockets, what is on its way, and who is to be woken.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;

use crate::did::Did;
use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::packet::Packet;
use crate::readiness::Readiness;
use crate::sizes::Sizes;
use crate::socket::{Holds, Socket, What};
use crate::state::hosts::{Host, Hosts};
use crate::state::table::Table;
use crate::state::wire::Wire;

/// A network of hosts. The documentation of the crate says how it is driven.
///
/// # Examples
///
/// ```
/// use deadheat_net::Net;
///
/// let mut net = Net::new();
/// let host = net.host("here");
/// let listener = net.tcp_listen(host, "127.0.0.1:0".parse().unwrap(), 128).unwrap();
/// let address = net.local_addr(listener).unwrap();
///
/// let client = net.tcp_connect(host, address).unwrap();
/// net.deliver_all();
/// net.connected(client).unwrap();
/// let (server, _) = net.tcp_accept(listener).unwrap();
///
/// net.write(client, b"hello").unwrap();
/// net.deliver_all();
/// let mut buffer = [0; 16];
/// assert_eq!(net.read(server, &mut buffer).unwrap(), 5);
/// ```
#[derive(Debug)]
pub struct Net {
    pub(crate) hosts: Hosts,
    pub(crate) sockets: Table<Socket>,
    pub(crate) wire: Wire,
    pub(crate) woken: VecDeque<SocketId>,
    pub(crate) sizes: Sizes,
    /// What has happened, if somebody wants to know.
    pub(crate) did: Option<Vec<Did>>,
}

impl Default for Net {
    fn default() -> Net {
        Net::new()
    }
}

/// How much of each a network has. What was closed is not among it.
///
/// # Examples
///
/// ```
/// let mut net = deadheat_net::Net::new();
/// let host = net.host("a");
/// let socket = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
/// assert_eq!((net.counts().sockets, net.counts().ports), (1, 1));
/// net.close(socket).unwrap();
/// assert_eq!((net.counts().sockets, net.counts().ports), (0, 0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// The sockets, with connections that were closed and have bytes left to send.
    pub sockets: usize,
    /// The places for sockets, of which some are free.
    pub slots: usize,
    /// The ports that are in use, of TCP and UDP.
    pub ports: usize,
    /// The names of Unix sockets.
    pub names: usize,
    /// What is in the outbox.
    pub packets: usize,
    /// Buffers that are kept for the next packets.
    pub buffers: usize,
}

impl Net {
    /// A network without hosts.
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn new() -> Net {
        Net::with_sizes(Sizes::default())
    }

    /// One whose sockets have buffers of other sizes.
    ///
    /// # Examples
    ///
    /// See [`Sizes`].
    pub fn with_sizes(sizes: Sizes) -> Net {
        Net {
            hosts: Hosts::default(),
            sockets: Table::new(),
            wire: Wire::default(),
            woken: VecDeque::new(),
            sizes,
            did: None,
        }
    }

    /// The host of a name, which is made where there is none. The first has the addresses 10.0.0.1 and fd00::1, the next
    /// 10.0.0.2 and fd00::2, and so on, and each has those of loopback.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// net.host("a");
    /// let host = net.host("b");
    /// assert_eq!(net.addresses(host)[0].to_string(), "10.0.0.2");
    /// ```
    pub fn host(&mut self, name: &str) -> HostId {
        self.hosts.named(name)
    }

    /// What a host is called.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("db");
    /// assert_eq!(net.host_name(host), "db");
    /// ```
    pub fn host_name(&self, host: HostId) -> &str {
        &self.hosts.get(host).name
    }

    /// The addresses of a host, that of IPv4 first, without those of loopback.
    ///
    /// # Examples
    ///
    /// See [`Net::host`].
    pub fn addresses(&self, host: HostId) -> &[IpAddr] {
        self.hosts.get(host).addresses()
    }

    /// The addresses that a name stands for: of `localhost` those of loopback, else those of the host. None where no host
    /// is called so.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// net.host("db");
    /// assert_eq!(net.lookup("db").unwrap()[0].to_string(), "10.0.0.1");
    /// assert_eq!(net.lookup("localhost").unwrap()[0].to_string(), "127.0.0.1");
    /// assert!(net.lookup("cache").is_none());
    /// ```
    pub fn lookup(&self, name: &str) -> Option<[IpAddr; 2]> {
        if name == "localhost" {
            return Some([[127, 0, 0, 1].into(), std::net::Ipv6Addr::LOCALHOST.into()]);
        }
        let host = self.hosts.find(name)?;
        <[IpAddr; 2]>::try_from(self.addresses(host)).ok()
    }

    /// The oldest packet that was sent and not taken. To take it and not to deliver it is to lose it.
    ///
    /// # Examples
    ///
    /// See [`Packet`].
    #[inline]
    pub fn next_packet(&mut self) -> Option<Packet> {
        self.wire.next()
    }

    /// A socket whose readiness has become another one by what others did, in the order in which that happened. A socket
    /// is there once, however much has happened, and may be ready for less than it was woken for. What a call on a socket
    /// does to its own readiness its caller knows.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.next_woken(), None);
    /// net.deliver_all();
    /// assert_eq!((net.next_woken(), net.next_woken()), (Some(client), None));
    /// ```
    #[inline]
    pub fn next_woken(&mut self) -> Option<SocketId> {
        while let Some(id) = self.woken.pop_front() {
            if let Some(socket) = self.sockets.get_mut(id) {
                socket.is_woken = false;
                if !socket.is_hidden {
                    return Some(id);
                }
            }
        }
        None
    }

    /// What a call on a socket would find now.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// See [`Readiness`].
    pub fn readiness(&self, id: SocketId) -> io::Result<Readiness> {
        Ok(match &self.socket(id)?.what {
            What::Fresh { .. } | What::UnixFresh { .. } => Readiness {
                writable: true,
                hung_up: true,
                ..Readiness::default()
            },
            What::Listener(listener) => Readiness {
                readable: !listener.queue.is_empty(),
                ..Readiness::default()
            },
            What::Stream(stream) => stream.readiness(),
            What::Udp(udp) => udp.readiness(),
            What::UnixListener(listener) => Readiness {
                readable: !listener.queue.is_empty(),
                ..Readiness::default()
            },
            What::UnixStream(stream) => stream.readiness(self.unix_has_room(stream)),
            What::UnixDatagram(datagram) => self.datagram_readiness(id, datagram),
        })
    }

    /// How much of each there is.
    ///
    /// # Examples
    ///
    /// See [`Counts`].
    pub fn counts(&self) -> Counts {
        let hosts = || self.hosts.iter();
        let ports = |host: &Host| host.tcp.len() + host.udp.len();
        Counts {
            sockets: self.sockets.len(),
            slots: self.sockets.slots(),
            ports: hosts().map(ports).sum(),
            names: hosts().map(|host| host.unix.len()).sum(),
            packets: self.wire.len(),
            buffers: self.wire.spare(),
        }
    }

    /// The host of a socket.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let socket = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
    /// assert_eq!(net.host_of(socket).unwrap(), host);
    /// ```
    pub fn host_of(&self, id: SocketId) -> io::Result<HostId> {
        Ok(self.socket(id)?.host)
    }

    pub(crate) fn socket(&self, id: SocketId) -> io::Result<&Socket> {
        match self.sockets.get(id) {
            Some(socket) if !socket.is_hidden => Ok(socket),
            _ => Errno::BadDescriptor.fail(),
        }
    }

    #[inline]
    pub(crate) fn socket_mut(&mut self, id: SocketId) -> io::Result<&mut Socket> {
        match self.sockets.get_mut(id) {
            Some(socket) if !socket.is_hidden => Ok(socket),
            _ => Errno::BadDescriptor.fail(),
        }
    }

    #[inline]
    pub(crate) fn wake(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.get_mut(id)
            && !socket.is_woken
        {
            socket.is_woken = true;
            self.woken.push_back(id);
        }
    }

    /// Takes a socket out of the table, and gives up its port or its name.
    pub(crate) fn remove(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.remove(id) else {
            return;
        };
        let host = self.hosts.get_mut(socket.host);
        let ports = match socket.what {
            What::Udp(_) => &mut host.udp,
            _ => &mut host.tcp,
        };
        match socket.holds {
            Holds::Nothing => {}
            Holds::Port(port) => ports.release(port, id),
            Holds::Share { port, shares } => ports.leave(port, shares),
        }
        let name = match &socket.what {
            What::UnixListener(listener) => Some(&listener.name),
            What::UnixFresh { name } => name.as_ref(),
            // That of a server is its listener's, who keeps it.
            What::UnixStream(stream) => stream.name.as_ref(),
            What::UnixDatagram(datagram) => datagram.name.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            host.unix.leave(name, id);
        }
    }

    pub(crate) fn epoch(&self, host: Option<HostId>) -> u32 {
        host.map_or(0, |host| self.hosts.get(host).epoch)
    }
}
