//! What the driver can do to a connection besides losing its packets, and what it asks to decide about that.

use std::io;

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::packet::{Kind, Load, Packet};
use crate::socket::What;
use crate::tcp::stream::Phase;

/// Why a connection fails without its peer saying so.
///
/// # Examples
///
/// ```
/// use std::io::ErrorKind;
///
/// use deadheat_net::{Failure, Net};
///
/// let mut net = Net::new();
/// let host = net.host("a");
/// let client = net.tcp_connect(host, "10.0.0.9:80".parse().unwrap()).unwrap();
/// net.deliver_all();
/// net.fail(client, Failure::TimedOut).unwrap();
/// assert_eq!(net.connected(client).unwrap_err().kind(), ErrorKind::TimedOut);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// Nobody has answered for so long that the system gives up.
    TimedOut,
    /// It was reset.
    Reset,
    /// It was refused.
    Refused,
    /// There is no way to the host.
    HostUnreachable,
    /// There is no way to its network.
    NetUnreachable,
}

impl Failure {
    fn errno(self) -> Errno {
        match self {
            Failure::TimedOut => Errno::TimedOut,
            Failure::Reset => Errno::Reset,
            Failure::Refused => Errno::Refused,
            Failure::HostUnreachable => Errno::HostUnreachable,
            Failure::NetUnreachable => Errno::NetUnreachable,
        }
    }
}

impl Net {
    /// Lets a TCP connection, or a connect that is under way, fail at this side. The other side hears of it when it next
    /// sends something.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the socket is no connection.
    ///
    /// # Examples
    ///
    /// See [`Failure`].
    pub fn fail(&mut self, id: SocketId, failure: Failure) -> io::Result<()> {
        let What::Stream(stream) = &mut self.socket_mut(id)?.what else {
            return Errno::NotConnected.fail();
        };
        let asked = stream.half_made();
        let effect = stream.die(failure.errno());
        self.follow(id, effect);
        self.forget(asked);
        Ok(())
    }

    /// Whether a connect of TCP is under way.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert!(net.is_connecting(client));
    /// net.deliver_all();
    /// assert!(!net.is_connecting(client));
    /// ```
    pub fn is_connecting(&self, id: SocketId) -> bool {
        match self.socket(id).map(|socket| &socket.what) {
            Ok(What::Stream(stream)) => stream.phase == Phase::Connecting,
            _ => false,
        }
    }

    /// The host on the other side of a stream, if it has one. That of a Unix socket is its own.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let (one, _other) = net.unix_pair(host);
    /// assert_eq!(net.peer_host(one), Some(host));
    /// ```
    pub fn peer_host(&self, id: SocketId) -> Option<HostId> {
        let socket = self.socket(id).ok()?;
        match &socket.what {
            What::Stream(stream) => stream.peer.host,
            What::UnixStream(_) => Some(socket.host),
            _ => None,
        }
    }

    /// How many bytes of a stream have come and were not read.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let (one, other) = net.unix_pair(host);
    /// net.write(one, b"hello").unwrap();
    /// assert_eq!((net.unread(one), net.unread(other)), (0, 5));
    /// ```
    pub fn unread(&self, id: SocketId) -> usize {
        match self.socket(id).map(|socket| &socket.what) {
            Ok(What::Stream(stream)) => stream.unread(),
            Ok(What::UnixStream(stream)) => stream.unread.len(),
            _ => 0,
        }
    }

    /// Answers a packet as a host would that has no such socket, in place of its receiver: a connect is refused, a stream
    /// is reset, and of a datagram is said that nobody has the port. Packets that answer are lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// let packet = net.next_packet().unwrap();
    /// net.refuse(packet);
    /// net.deliver_all();
    /// assert_eq!(net.connected(client).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    /// ```
    pub fn refuse(&mut self, packet: Packet) {
        match packet.kind() {
            Kind::Reset | Kind::Unreachable => {}
            Kind::Datagram => self.answer(packet.from, packet.to, Load::Unreachable),
            _ => self.answer(packet.from, packet.to, Load::Reset),
        }
    }
}
