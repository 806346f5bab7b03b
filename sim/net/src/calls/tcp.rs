//! TCP sockets: made, bound, connected, and connections accepted.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::packet::{End, Load};
use crate::socket::{Family, Holds, Socket, What};
use crate::state::ports::{Bound, own_if_unspecified, plain};
use crate::tcp::listener::Listener;
use crate::tcp::stream::{Phase, Stream};

impl Net {
    /// A TCP socket that is not bound, does not listen and is not connected.
    ///
    /// # Examples
    ///
    /// See [`Family`].
    pub fn tcp_socket(&mut self, host: HostId, family: Family) -> SocketId {
        let fresh = What::Fresh { local: None };
        self.sockets.insert(Socket::new(host, family, fresh))
    }

    /// Gives an address to a TCP socket. The port 0 is the next free one.
    ///
    /// # Errors
    ///
    /// - `AddrInUse`: another socket has it. Two that do not listen may have it both if they share it
    ///   ([`Net::set_reuse_address`]).
    /// - `AddrNotAvailable`: the host has no such address.
    /// - `InvalidInput`: it has an address already, or is no TCP socket that is new.
    ///
    /// # Examples
    ///
    /// See [`Family`].
    pub fn bind(&mut self, id: SocketId, address: SocketAddr) -> io::Result<()> {
        let socket = self.socket(id)?;
        let What::Fresh { local: None } = socket.what else {
            return Errno::Invalid.fail();
        };
        let (host, family, options) = (socket.host, socket.family, socket.options);
        if Family::of(address) != family {
            return family.refuses_other().fail();
        }
        let host = self.hosts.get_mut(host);
        if !host.has(address.ip()) {
            return Errno::AddressNotAvailable.fail();
        }
        let address = plain(address);
        let port = match address.port() {
            0 => host.tcp.free().ok_or(Errno::AddressInUse.error())?,
            port => port,
        };
        let bound = Bound {
            socket: id,
            address: address.ip(),
            only_v6: options.only_v6,
            shares: options.shares,
            takes: false,
        };
        if !host.tcp.bind(port, bound) {
            return Errno::AddressInUse.fail();
        }
        let socket = self.socket_mut(id)?;
        socket.holds = Holds::Port(port);
        socket.what = What::Fresh {
            local: Some(SocketAddr::new(address.ip(), port)),
        };
        Ok(())
    }

    /// Lets a TCP socket take connections. One more than `backlog` may wait to be accepted.
    ///
    /// # Errors
    ///
    /// - `AddrInUse`: another socket listens on an address that it has.
    /// - `InvalidInput`: it is connected.
    ///
    /// # Examples
    ///
    /// See [`Family`].
    pub fn listen(&mut self, id: SocketId, backlog: usize) -> io::Result<()> {
        let socket = self.socket(id)?;
        let unspecified = match socket.family {
            Family::V4 => SocketAddr::from(([0, 0, 0, 0], 0)),
            Family::V6 => SocketAddr::from(([0_u16; 8], 0)),
        };
        match socket.what {
            What::Fresh { local: None } => self.bind(id, unspecified)?,
            What::Fresh { .. } => {}
            _ => return Errno::Invalid.fail(),
        }
        let socket = self.socket(id)?;
        let What::Fresh { local: Some(local) } = socket.what else {
            return Errno::Invalid.fail();
        };
        let host = socket.host;
        if !self.hosts.get_mut(host).tcp.listen(local.port(), id) {
            return Errno::AddressInUse.fail();
        }
        self.socket_mut(id)?.what = What::Listener(Listener {
            local,
            backlog,
            queue: VecDeque::new(),
            arriving: Vec::new(),
        });
        if self.keeps_did() {
            let on = self.at(id, local);
            self.called(&format!("listens on {on}"), &Ok(()));
        }
        Ok(())
    }

    /// A TCP socket that listens, as `std::net::TcpListener::bind` makes it: it shares its address.
    ///
    /// # Errors
    ///
    /// Those of [`Net::bind`] and [`Net::listen`].
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn tcp_listen(
        &mut self,
        host: HostId,
        address: SocketAddr,
        backlog: usize,
    ) -> io::Result<SocketId> {
        let id = self.tcp_socket(host, Family::of(address));
        let listens = self
            .set_reuse_address(id, true)
            .and_then(|()| self.bind(id, address))
            .and_then(|()| self.listen(id, backlog));
        if self.keeps_did() && listens.is_err() {
            let on = self.at(id, address);
            self.called(&format!("listens on {on}"), &listens);
        }
        self.keep_if(listens, id)
    }

    /// The socket if it came to be, and else none.
    pub(crate) fn keep_if(&mut self, done: io::Result<()>, id: SocketId) -> io::Result<SocketId> {
        if done.is_err() {
            self.remove(id);
        }
        done.map(|()| id)
    }

    /// A TCP socket that connects. What came of it says [`Net::connected`].
    ///
    /// # Errors
    ///
    /// Those of [`Net::connect`].
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn tcp_connect(&mut self, host: HostId, to: SocketAddr) -> io::Result<SocketId> {
        let id = self.tcp_socket(host, Family::of(to));
        let connects = self.connect(id, to);
        self.keep_if(connects, id)
    }

    /// Begins to connect a TCP socket; [`Net::connected`] says what came of it. A UDP socket is connected at once: it
    /// sends to the address, and receives from nobody else.
    ///
    /// # Errors
    ///
    /// - `AddrNotAvailable`: no port is free.
    /// - Without a kind: the socket is connected, listens, or has the other family.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Family, Net};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let socket = net.tcp_socket(host, Family::V4);
    /// net.bind(socket, "127.0.0.1:1000".parse().unwrap()).unwrap();
    /// net.connect(socket, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.next_packet().unwrap().source(), "127.0.0.1:1000".parse().unwrap());
    /// ```
    pub fn connect(&mut self, id: SocketId, to: SocketAddr) -> io::Result<()> {
        let socket = self.socket(id)?;
        if socket.family != Family::of(to) {
            return match socket.what {
                What::Udp(_) => Errno::WrongFamily.fail(),
                _ => socket.family.refuses_other().fail(),
            };
        }
        let host = socket.host;
        let to = own_if_unspecified(plain(to));
        if self.keeps_did() {
            let told = format!("connects to {}", self.at(id, to));
            self.called(&told, &Ok(()));
        }
        match &self.socket(id)?.what {
            What::Fresh { local } => {
                let local = *local;
                self.connect_tcp(id, host, local, to)
            }
            What::Udp(_) => self.connect_udp(id, to),
            What::Stream(stream) if stream.phase == Phase::Connecting => Errno::Already.fail(),
            What::Stream(_) | What::Listener(_) => Errno::Connected.fail(),
            _ => Errno::WrongFamily.fail(),
        }
    }

    fn connect_tcp(
        &mut self,
        id: SocketId,
        host: HostId,
        local: Option<SocketAddr>,
        to: SocketAddr,
    ) -> io::Result<()> {
        let owner = self.hosts.owner(host, to.ip());
        let epoch = self.epoch(owner);
        let own = self.hosts.get_mut(host);
        let source = own.source(to.ip());
        let address = match local {
            Some(local) if local.ip().is_unspecified() => SocketAddr::new(source, local.port()),
            Some(local) => local,
            None => {
                let port = own.tcp.free().ok_or(Errno::AddressNotAvailable.error())?;
                own.tcp.join(port, false);
                SocketAddr::new(source, port)
            }
        };
        let from = End {
            host: Some(host),
            address,
            socket: Some(id),
        };
        let peer = End {
            host: owner,
            address: to,
            socket: None,
        };
        let sizes = self.socket(id)?.options.sizes.unwrap_or(self.sizes);
        let stream = Stream::new(Phase::Connecting, from, peer, epoch, &sizes);
        let limit = stream.limit();
        self.wire.send(stream.packet(Load::Connect { limit }));
        let socket = self.socket_mut(id)?;
        if local.is_none() {
            let port = address.port();
            socket.holds = Holds::Share {
                port,
                shares: false,
            };
        }
        socket.what = What::Stream(Box::new(stream));
        Ok(())
    }

    /// What came of a connect.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: nothing yet.
    /// - `ConnectionRefused`: nobody listens there.
    /// - What the driver says by [`Net::fail`].
    /// - `NotConnected`: it was not begun, or its error was told before.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let client = net.tcp_connect(host, "127.0.0.1:80".parse().unwrap()).unwrap();
    /// assert_eq!(net.connected(client).unwrap_err().kind(), ErrorKind::WouldBlock);
    /// net.deliver_all();
    /// assert_eq!(net.connected(client).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    /// ```
    pub fn connected(&mut self, id: SocketId) -> io::Result<()> {
        let connected = self.what_came(id);
        if self.keeps_did() {
            let to = self.other_end(id);
            let told = match connected {
                Ok(()) => format!("is connected to {to}"),
                Err(_) => format!("is not connected to {to}"),
            };
            self.called(&told, &connected);
        }
        connected
    }

    fn what_came(&mut self, id: SocketId) -> io::Result<()> {
        match &mut self.socket_mut(id)?.what {
            What::Stream(stream) => match (stream.phase, stream.take_error()) {
                (Phase::Connecting, _) => Errno::WouldBlock.fail(),
                (_, Some(error)) => error.fail(),
                (Phase::Open, None) => Ok(()),
                _ => Errno::NotConnected.fail(),
            },
            What::UnixStream(_) => Ok(()),
            What::Udp(udp) if udp.peer.is_some() => Ok(()),
            _ => Errno::NotConnected.fail(),
        }
    }

    /// The connection that has waited longest, and the address of its client. One that was reset meanwhile is accepted
    /// all the same.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: there is none.
    /// - `InvalidInput`: the socket does not listen.
    ///
    /// # Examples
    ///
    /// See [`Net`].
    pub fn tcp_accept(&mut self, listener: SocketId) -> io::Result<(SocketId, SocketAddr)> {
        let socket = self.socket_mut(listener)?;
        let What::Listener(own) = &mut socket.what else {
            return Errno::Invalid.fail();
        };
        let Some(id) = own.queue.pop_front() else {
            return Errno::WouldBlock.fail();
        };
        let Some(socket) = self.sockets.get_mut(id) else {
            return Errno::WouldBlock.fail();
        };
        socket.is_hidden = false;
        let What::Stream(stream) = &socket.what else {
            return Errno::Invalid.fail();
        };
        let from = socket.family.shown(stream.peer.address);
        if self.keeps_did() {
            self.accepted(listener, id);
        }
        Ok((id, from))
    }
}
