//! A socket of any kind, and what sockets of each kind have in common.

use std::net::SocketAddr;

use crate::error::Errno;
use crate::id::HostId;
use crate::sizes::Sizes;
use crate::state::ports::mapped;
use crate::state::udp::Udp;
use crate::state::unix::{UnixDatagram, UnixListener, UnixName, UnixStream};
use crate::tcp::listener::Listener;
use crate::tcp::stream::Stream;

/// The addresses that a socket shows.
///
/// # Examples
///
/// ```
/// use deadheat_net::{Family, Net};
///
/// let mut net = Net::new();
/// let host = net.host("a");
/// let socket = net.tcp_socket(host, Family::V6);
/// net.bind(socket, "[::]:80".parse().unwrap()).unwrap();
/// net.listen(socket, 8).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// Of IPv4.
    V4,
    /// Of IPv6, one of IPv4 as a mapped one (`::ffff:127.0.0.1`).
    V6,
}

impl Family {
    pub(crate) fn of(address: SocketAddr) -> Family {
        if address.is_ipv4() {
            Family::V4
        } else {
            Family::V6
        }
    }

    /// What a socket of TCP says to an address of the other family: one of IPv6 finds one of IPv4 too short.
    pub(crate) fn refuses_other(self) -> Errno {
        match self {
            Family::V4 => Errno::WrongFamily,
            Family::V6 => Errno::Invalid,
        }
    }

    /// An address as a socket of the family shows it.
    pub(crate) fn shown(self, address: SocketAddr) -> SocketAddr {
        match self {
            Family::V4 => address,
            Family::V6 => mapped(address),
        }
    }
}

/// What a socket has of a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holds {
    Nothing,
    /// It asked for the port, or listens on it.
    Port(u16),
    /// It is a connection that has the port besides others, and whether it lets more have it.
    Share {
        port: u16,
        shares: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// `SO_REUSEADDR`.
    pub(crate) shares: bool,
    /// `IPV6_V6ONLY`.
    pub(crate) only_v6: bool,
    /// `SO_LINGER` of zero: closing it resets the connection.
    pub(crate) aborts: bool,
    /// What its buffers hold, where that was asked for.
    pub(crate) sizes: Option<Sizes>,
}

#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) host: HostId,
    pub(crate) family: Family,
    pub(crate) options: Options,
    pub(crate) holds: Holds,
    /// It is among those that were woken.
    pub(crate) is_woken: bool,
    /// Its program closed it, or has never had it.
    pub(crate) is_hidden: bool,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// One of TCP that does not listen and was never connected.
    Fresh {
        local: Option<SocketAddr>,
    },
    Listener(Listener),
    Stream(Box<Stream>),
    Udp(Box<Udp>),
    /// A Unix socket that neither listens nor is connected.
    UnixFresh {
        name: Option<UnixName>,
    },
    UnixListener(UnixListener),
    UnixStream(Box<UnixStream>),
    UnixDatagram(Box<UnixDatagram>),
}

impl Socket {
    pub(crate) fn new(host: HostId, family: Family, what: What) -> Socket {
        Socket {
            host,
            family,
            options: Options {
                shares: false,
                only_v6: false,
                aborts: false,
                sizes: None,
            },
            holds: Holds::Nothing,
            is_woken: false,
            is_hidden: false,
            what,
        }
    }

    pub(crate) fn take_error(&mut self) -> Option<Errno> {
        match &mut self.what {
            What::Stream(stream) => stream.take_error(),
            What::Udp(udp) => udp.error.take(),
            What::UnixStream(stream) => stream.error.take(),
            What::UnixDatagram(datagram) => datagram.error.take(),
            What::Fresh { .. }
            | What::Listener(_)
            | What::UnixFresh { .. }
            | What::UnixListener(_) => None,
        }
    }
}
