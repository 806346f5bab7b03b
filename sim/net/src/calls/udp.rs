//! UDP sockets.

use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::packet::{End, Load, Packet};
use crate::socket::{Family, Holds, Socket, What};
use crate::state::ports::{Bound, own_if_unspecified, plain};
use crate::state::udp::{LONGEST, Udp};

impl Net {
    /// A UDP socket with an address. The port 0 is the next free one.
    ///
    /// # Errors
    ///
    /// - `AddrInUse`: another socket has it.
    /// - `AddrNotAvailable`: the host has no such address.
    ///
    /// # Examples
    ///
    /// See [`Packet`].
    pub fn udp_bind(&mut self, host: HostId, address: SocketAddr) -> io::Result<SocketId> {
        let family = Family::of(address);
        let own = self.hosts.get_mut(host);
        if !own.has(address.ip()) {
            return Errno::AddressNotAvailable.fail();
        }
        let address = plain(address);
        let port = match address.port() {
            0 => own.udp.free().ok_or(Errno::AddressInUse.error())?,
            port => port,
        };
        let local = SocketAddr::new(address.ip(), port);
        let udp = What::Udp(Box::new(Udp::new(local, &self.sizes)));
        let id = self.sockets.insert(Socket::new(host, family, udp));
        let bound = Bound {
            socket: id,
            address: address.ip(),
            only_v6: false,
            shares: false,
            takes: true,
        };
        if !self.hosts.get_mut(host).udp.bind(port, bound) {
            self.remove(id);
            return Errno::AddressInUse.fail();
        }
        self.socket_mut(id)?.holds = Holds::Port(port);
        if self.keeps_did() {
            let on = self.at(id, local);
            self.called(&format!("receives on {on} from now on"), &Ok(()));
        }
        Ok(id)
    }

    pub(crate) fn connect_udp(&mut self, id: SocketId, to: SocketAddr) -> io::Result<()> {
        let host = self.socket(id)?.host;
        let source = self.hosts.get(host).source(to.ip());
        let What::Udp(udp) = &mut self.socket_mut(id)?.what else {
            return Errno::Invalid.fail();
        };
        udp.peer = Some(to);
        if udp.bound.ip().is_unspecified() {
            udp.local = SocketAddr::new(source, udp.bound.port());
        }
        let local = udp.local;
        let ports = &mut self.hosts.get_mut(host).udp;
        ports.narrow(local.port(), id, local.ip());
        Ok(())
    }

    /// Sends a datagram to the address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// - `ConnectionRefused`: an earlier datagram met no socket.
    /// - Without a kind: it is not connected, or the datagram is longer than 65,507 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let socket = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
    /// net.connect(socket, "127.0.0.1:53".parse().unwrap()).unwrap();
    /// assert_eq!(net.udp_send(socket, b"ping").unwrap(), 4);
    /// ```
    pub fn udp_send(&mut self, id: SocketId, bytes: &[u8]) -> io::Result<usize> {
        let What::Udp(udp) = &self.socket(id)?.what else {
            return Errno::NotSupported.fail();
        };
        match udp.peer {
            Some(to) => self.send_datagram(id, bytes, to),
            None if bytes.len() > usize::from(u16::MAX) => Errno::MessageTooLong.fail(),
            None => Errno::NoDestination.fail(),
        }
    }

    /// Sends a datagram to an address.
    ///
    /// # Errors
    ///
    /// Those of [`Net::udp_send`]; `InvalidInput` if the port is 0.
    ///
    /// # Examples
    ///
    /// See [`Packet`].
    pub fn udp_send_to(&mut self, id: SocketId, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        let socket = self.socket(id)?;
        if socket.family == Family::V4 && to.is_ipv6() {
            return Errno::WrongFamily.fail();
        }
        self.send_datagram(id, bytes, own_if_unspecified(plain(to)))
    }

    fn send_datagram(&mut self, id: SocketId, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        let sent = self.put_on_the_wire(id, bytes, to);
        if self.keeps_did() {
            let to = self.at(id, to);
            self.sent_to(bytes, &to, &sent);
        }
        sent
    }

    fn put_on_the_wire(&mut self, id: SocketId, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        if to.port() == 0 {
            return Errno::Invalid.fail();
        }
        if matches!(to.ip(), IpAddr::V4(ip) if ip.is_broadcast()) {
            return Errno::AccessDenied.fail();
        }
        let host = self.socket(id)?.host;
        let source = self.hosts.get(host).source(to.ip());
        let What::Udp(udp) = &mut self.socket_mut(id)?.what else {
            return Errno::NotSupported.fail();
        };
        if let Some(error) = udp.error.take() {
            return error.fail();
        }
        if bytes.len() > LONGEST {
            return Errno::MessageTooLong.fail();
        }
        let local = udp.local;
        let address = match local.ip().is_unspecified() {
            true => SocketAddr::new(source, local.port()),
            false => local,
        };
        let owner = self.hosts.owner(host, to.ip());
        let mut buffer = self.wire.buffer();
        buffer.extend_from_slice(bytes);
        self.wire.send(Packet {
            from: End {
                host: Some(host),
                address,
                socket: Some(id),
            },
            to: End {
                host: owner,
                address: to,
                socket: None,
            },
            epoch: 0,
            load: Load::Datagram(buffer),
        });
        Ok(bytes.len())
    }

    /// Receives a datagram, and says from whom. What does not fit is lost.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: there is none.
    /// - `ConnectionRefused`: an earlier datagram of this socket, which is connected, met no socket.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let one = net.udp_bind(host, "127.0.0.1:0".parse().unwrap()).unwrap();
    /// let other = net.udp_bind(host, "127.0.0.1:53".parse().unwrap()).unwrap();
    /// net.udp_send_to(one, b"ping", "127.0.0.1:53".parse().unwrap()).unwrap();
    /// net.deliver_all();
    /// let (count, from) = net.udp_recv_from(other, &mut [0; 16]).unwrap();
    /// assert_eq!((count, from), (4, net.local_addr(one).unwrap()));
    /// ```
    pub fn udp_recv_from(
        &mut self,
        id: SocketId,
        into: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        let socket = self.socket_mut(id)?;
        let What::Udp(udp) = &mut socket.what else {
            return Errno::NotSupported.fail();
        };
        let (count, from, buffer) = udp.receive(into)?;
        let from = socket.family.shown(from);
        self.wire.give_back(buffer);
        if self.keeps_did() {
            let from = self.at(id, from);
            self.received(&into[..count], &from);
        }
        Ok((count, from))
    }

    /// Receives a datagram and leaves it.
    ///
    /// # Errors
    ///
    /// Those of [`Net::udp_recv_from`].
    ///
    /// # Examples
    ///
    /// See [`Net::udp_recv_from`].
    pub fn udp_peek_from(
        &mut self,
        id: SocketId,
        into: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        let socket = self.socket_mut(id)?;
        let What::Udp(udp) = &mut socket.what else {
            return Errno::NotSupported.fail();
        };
        let (count, from) = udp.peek(into)?;
        Ok((count, socket.family.shown(from)))
    }
}
