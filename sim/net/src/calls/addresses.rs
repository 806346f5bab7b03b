//! Addresses and options of sockets.

use std::io;
use std::net::SocketAddr;

use crate::error::Errno;
use crate::id::SocketId;
use crate::net::Net;
use crate::sizes::Sizes;
use crate::socket::What;
use crate::tcp::stream::Phase;

impl Net {
    /// The address of a socket.
    ///
    /// # Errors
    ///
    /// Without a kind if it is a Unix socket, which has a name ([`Net::unix_name`]).
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn local_addr(&self, id: SocketId) -> io::Result<SocketAddr> {
        let socket = self.socket(id)?;
        let address = match &socket.what {
            What::Fresh { local } => local.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0))),
            What::Listener(listener) => listener.local,
            What::Stream(stream) => stream.own.address,
            What::Udp(udp) => udp.local,
            _ => return Errno::WrongFamily.fail(),
        };
        let is_unspecified = address.ip().is_unspecified();
        Ok(match is_unspecified && address.is_ipv6() {
            true => address,
            false => socket.family.shown(address),
        })
    }

    /// The address of the socket at the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none, or none any more.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let socket = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
    /// assert!(net.peer_addr(socket).is_err());
    /// net.connect(socket, "127.0.0.1:53".parse().unwrap()).unwrap();
    /// assert_eq!(net.peer_addr(socket).unwrap().port(), 53);
    /// ```
    pub fn peer_addr(&self, id: SocketId) -> io::Result<SocketAddr> {
        let socket = self.socket(id)?;
        let address = match &socket.what {
            What::Stream(stream) => stream.remote()?,
            What::Udp(udp) => udp.peer.ok_or(Errno::NotConnected.error())?,
            What::Fresh { .. } | What::Listener(_) => return Errno::NotConnected.fail(),
            _ => return Errno::WrongFamily.fail(),
        };
        Ok(socket.family.shown(address))
    }

    /// The socket at the other end of a connection, also one that was not accepted yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let listener = net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.peer(client), None);
    /// net.deliver_all();
    /// let (server, _) = net.tcp_accept(listener).unwrap();
    /// assert_eq!((net.peer(client), net.peer(server)), (Some(server), Some(client)));
    /// ```
    pub fn peer(&self, id: SocketId) -> Option<SocketId> {
        match &self.socket(id).ok()?.what {
            What::Stream(stream) if stream.phase == Phase::Open => stream.peer.socket,
            What::UnixStream(stream) => stream.peer,
            What::UnixDatagram(datagram) => datagram.peer,
            _ => None,
        }
    }

    /// Whether a socket lets others have its address (`SO_REUSEADDR`), as far as they do not listen.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Family, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let address = "127.0.0.1:80".parse().unwrap();
    /// for _ in 0..2 {
    ///     let socket = net.tcp_socket(host, Family::V4);
    ///     net.set_reuse_address(socket, true).unwrap();
    ///     net.bind(socket, address).unwrap();
    /// }
    /// ```
    pub fn set_reuse_address(&mut self, id: SocketId, shares: bool) -> io::Result<()> {
        self.socket_mut(id)?.options.shares = shares;
        Ok(())
    }

    /// Whether a socket with the address of all (`[::]`) takes addresses of IPv6 alone (`IPV6_V6ONLY`). It has to be said
    /// before the socket is bound.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Family, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let socket = net.tcp_socket(host, Family::V6);
    /// net.set_only_v6(socket, true).unwrap();
    /// net.bind(socket, "[::]:80".parse().unwrap()).unwrap();
    /// assert!(net.tcp_listen(host, "0.0.0.0:80".parse().unwrap(), 8).is_ok());
    /// ```
    pub fn set_only_v6(&mut self, id: SocketId, only_v6: bool) -> io::Result<()> {
        self.socket_mut(id)?.options.only_v6 = only_v6;
        Ok(())
    }

    /// Whether closing a connection resets it, and drops what was written and not sent (`SO_LINGER` of zero). Any other
    /// time to linger is as none: closing does not wait.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Kind, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// net.tcp_listen(host, "127.0.0.1:80".parse().unwrap(), 8).unwrap();
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// net.deliver_all();
    /// net.set_abort_on_close(client, true).unwrap();
    /// net.close(client).unwrap();
    /// assert_eq!(net.next_packet().unwrap().kind(), Kind::Reset);
    /// ```
    pub fn set_abort_on_close(&mut self, id: SocketId, aborts: bool) -> io::Result<()> {
        self.socket_mut(id)?.options.aborts = aborts;
        Ok(())
    }

    /// How much the buffers of a TCP socket hold ([`Sizes::receive`] and [`Sizes::send`]), and of the connections that it
    /// accepts. It has to be said before the socket listens or connects.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Family, Net, Sizes};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let address = "127.0.0.1:80".parse().unwrap();
    /// let listener = net.tcp_listen(host, address, 8).unwrap();
    /// let client = net.tcp_socket(host, Family::V4);
    /// let mut sizes = Sizes::default();
    /// sizes.receive = 10;
    /// net.set_sizes(client, sizes).unwrap();
    /// net.connect(client, address).unwrap();
    /// net.deliver_all();
    /// let (server, _) = net.tcp_accept(listener).unwrap();
    /// assert_eq!(net.write(server, &[7; 1 << 20]).unwrap(), 10 + Sizes::default().send);
    /// ```
    pub fn set_sizes(&mut self, id: SocketId, sizes: Sizes) -> io::Result<()> {
        self.socket_mut(id)?.options.sizes = Some(sizes);
        Ok(())
    }

    /// The error that waits to be told (`SO_ERROR`). It is told once.
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
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// net.deliver_all();
    /// assert!(net.take_error(client).unwrap().is_some());
    /// assert!(net.take_error(client).unwrap().is_none());
    /// ```
    pub fn take_error(&mut self, id: SocketId) -> io::Result<Option<io::Error>> {
        let error = self.socket_mut(id)?.take_error();
        Ok(error.map(Errno::error))
    }
}
