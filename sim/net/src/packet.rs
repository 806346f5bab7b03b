//! What is on its way from one socket to another.
//!
//! A packet says between which hosts and addresses it goes and what it is for, so that whoever drives the network can
//! decide about it. The numbers inside are positions in a stream of bytes, counted from its beginning: a packet that
//! comes twice, or before the one that was sent first, does no harm.

use std::fmt;
use std::net::SocketAddr;

use crate::id::{HostId, SocketId};

/// What a packet is for.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Kind, Net};
///
/// let mut net = Net::new();
/// let host = net.host("a");
/// net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
/// assert_eq!(net.next_packet().unwrap().kind(), Kind::Connect);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// A client asks for a connection. If it is lost, the connect hangs.
    Connect,
    /// The server agrees.
    Agree,
    /// The client has heard that. From now on the server may accept.
    Confirm,
    /// Bytes of a stream.
    Data,
    /// The stream ends here.
    End,
    /// The reader has made room.
    Room,
    /// There is no such connection, or no longer.
    Reset,
    /// A datagram of UDP.
    Datagram,
    /// No socket has the port that a datagram was sent to.
    Unreachable,
}

/// What a packet has inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Load {
    /// Up to which byte the sender of this may be written to.
    Connect {
        limit: u64,
    },
    Agree {
        limit: u64,
    },
    Confirm,
    Data {
        at: u64,
        bytes: Vec<u8>,
    },
    End {
        at: u64,
    },
    Room {
        limit: u64,
    },
    Reset,
    Datagram(Vec<u8>),
    Unreachable,
}

/// One end of a packet's way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct End {
    /// None has an address that belongs to no host.
    pub(crate) host: Option<HostId>,
    pub(crate) address: SocketAddr,
    /// None is whoever has the address.
    pub(crate) socket: Option<SocketId>,
}

/// What is on its way from one socket to another. It is delivered by [`Net::deliver`](crate::Net::deliver), at once or
/// later; dropped, it is lost; delivered twice (it is `Clone`), it was duplicated on the way.
///
/// # Examples
///
/// ```
/// use deadheat_net::Net;
///
/// let mut net = Net::new();
/// let (a, b) = (net.host("a"), net.host("b"));
/// let to = net.udp_bind(b, "0.0.0.0:53".parse().unwrap()).unwrap();
/// let from = net.udp_bind(a, "0.0.0.0:0".parse().unwrap()).unwrap();
/// net.udp_send_to(from, b"ping", "10.0.0.2:53".parse().unwrap()).unwrap();
/// let packet = net.next_packet().unwrap();
/// assert_eq!((packet.from_host(), packet.to_host()), (Some(a), Some(b)));
/// assert_eq!(packet.to_string(), "4 bytes as a datagram from 10.0.0.1:32768 to 10.0.0.2:53");
/// # net.deliver(packet); let _ = to;
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    pub(crate) from: End,
    pub(crate) to: End,
    /// How often the host had crashed to which the sender was connected.
    pub(crate) epoch: u32,
    pub(crate) load: Load,
}

impl Packet {
    /// What it is for.
    ///
    /// # Examples
    ///
    /// See [`Kind`].
    pub fn kind(&self) -> Kind {
        match self.load {
            Load::Connect { .. } => Kind::Connect,
            Load::Agree { .. } => Kind::Agree,
            Load::Confirm => Kind::Confirm,
            Load::Data { .. } => Kind::Data,
            Load::End { .. } => Kind::End,
            Load::Room { .. } => Kind::Room,
            Load::Reset => Kind::Reset,
            Load::Datagram(_) => Kind::Datagram,
            Load::Unreachable => Kind::Unreachable,
        }
    }

    /// The host that sent it. A reset of a connect to an address that no host has comes from none.
    ///
    /// # Examples
    ///
    /// See [`Packet`].
    pub fn from_host(&self) -> Option<HostId> {
        self.from.host
    }

    /// The host that has the address it goes to.
    ///
    /// # Examples
    ///
    /// See [`Packet`].
    pub fn to_host(&self) -> Option<HostId> {
        self.to.host
    }

    /// The address it was sent from.
    ///
    /// # Examples
    ///
    /// See [`Packet`], which shows it as text.
    pub fn source(&self) -> SocketAddr {
        self.from.address
    }

    /// The address it goes to.
    ///
    /// # Examples
    ///
    /// See [`Packet`], which shows it as text.
    pub fn destination(&self) -> SocketAddr {
        self.to.address
    }

    /// The socket that sent it, if one did. A reset may come from a host that has no socket there.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.next_packet().unwrap().sender(), Some(client));
    /// ```
    pub fn sender(&self) -> Option<SocketId> {
        self.from.socket
    }

    /// The socket for which it is, where the sender knew that. What asks for a connection, and a datagram, are for
    /// whoever has the address.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.next_packet().unwrap().receiver(), None);
    /// ```
    pub fn receiver(&self) -> Option<SocketId> {
        self.to.socket
    }

    /// The bytes of the program that it carries.
    ///
    /// # Examples
    ///
    /// See [`Packet::split_off`].
    pub fn bytes(&self) -> &[u8] {
        match &self.load {
            Load::Data { bytes, .. } | Load::Datagram(bytes) => bytes,
            _ => &[],
        }
    }

    /// Leaves the first `at` bytes of a stream in it, and gives the others as a packet of their own. So a message may
    /// arrive in parts, and be cut or reset in its middle. None if it carries no bytes of a stream on both sides of
    /// `at`; a datagram is never in parts.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Kind, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let listener = net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// net.deliver_all();
    /// let (server, _) = net.tcp_accept(listener).unwrap();
    /// net.write(client, b"hello").unwrap();
    ///
    /// let mut packet = net.next_packet().unwrap();
    /// let rest = packet.split_off(2).unwrap();
    /// assert_eq!((packet.bytes(), rest.bytes()), (&b"he"[..], &b"llo"[..]));
    /// net.deliver(packet);
    /// let mut buffer = [0; 16];
    /// assert_eq!(net.read(server, &mut buffer).unwrap(), 2);
    /// ```
    pub fn split_off(&mut self, at: usize) -> Option<Packet> {
        let Load::Data { at: start, bytes } = &mut self.load else {
            return None;
        };
        if at == 0 || at >= bytes.len() {
            return None;
        }
        let load = Load::Data {
            at: *start + at as u64,
            bytes: bytes.split_off(at),
        };
        Some(Packet {
            from: self.from,
            to: self.to,
            epoch: self.epoch,
            load,
        })
    }

    /// A reset in its place, from the same sender to the same receiver: what somebody in between sends to end a connection.
    /// Whoever sent this packet is told by [`Net::refuse`](crate::Net::refuse).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let listener = net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// net.deliver_all();
    /// let (server, _) = net.tcp_accept(listener).unwrap();
    /// net.write(client, b"hello").unwrap();
    ///
    /// let packet = net.next_packet().unwrap();
    /// net.deliver(packet.to_reset());
    /// assert_eq!(net.read(server, &mut [0; 16]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    /// ```
    pub fn to_reset(&self) -> Packet {
        Packet {
            from: self.from,
            to: self.to,
            epoch: self.epoch,
            load: Load::Reset,
        }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.load {
            Load::Connect { .. } => f.write_str("a connect"),
            Load::Agree { .. } => f.write_str("an agreement to connect"),
            Load::Confirm => f.write_str("a confirmation of a connect"),
            Load::Data { bytes, .. } => write!(f, "{} bytes", bytes.len()),
            Load::End { .. } => f.write_str("the end of a stream"),
            Load::Room { .. } => f.write_str("room to write"),
            Load::Reset => f.write_str("a reset"),
            Load::Datagram(bytes) => write!(f, "{} bytes as a datagram", bytes.len()),
            Load::Unreachable => f.write_str("word that nobody has the port"),
        }?;
        write!(f, " from {} to {}", self.from.address, self.to.address)
    }
}
