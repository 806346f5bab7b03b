//! What the driver can do to a connection besides losing its packets.

use std::io;

use crate::error::Errno;
use crate::id::SocketId;
use crate::net::Net;
use crate::packet::{Kind, Load, Packet};
use crate::socket::What;

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
