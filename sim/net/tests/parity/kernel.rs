//! The kernel, on which everything is delivered after each call.

use std::io;
use std::net::{Shutdown, SocketAddr};

use deadheat_net::{Family, HostId, Net, Readiness, SocketId, UnixName};
use nix::errno::Errno;

use crate::stack::{Answer, Handle, System};

pub(crate) struct Kernel {
    net: Net,
    host: HostId,
    sockets: Vec<SocketId>,
}

fn answer<T>(result: io::Result<T>) -> Answer<T> {
    result.map_err(|error| Errno::from_raw(error.raw_os_error().expect("an error of the system")))
}

impl Kernel {
    pub(crate) fn new() -> Kernel {
        let mut net = Net::new();
        let host = net.host("here");
        Kernel {
            net,
            host,
            sockets: Vec::new(),
        }
    }

    fn keep(&mut self, id: SocketId) -> Handle {
        self.sockets.push(id);
        Handle(self.sockets.len() - 1)
    }

    fn id(&self, socket: Handle) -> SocketId {
        self.sockets[socket.0]
    }

    /// A call, and what comes of it arrives.
    fn call<T>(
        &mut self,
        socket: Handle,
        call: impl FnOnce(&mut Net, SocketId) -> io::Result<T>,
    ) -> Answer<T> {
        let id = self.id(socket);
        let result = answer(call(&mut self.net, id));
        self.net.deliver_all();
        result
    }

    fn read_by(
        &mut self,
        socket: Handle,
        count: usize,
        read: impl FnOnce(&mut Net, SocketId, &mut [u8]) -> io::Result<usize>,
    ) -> Answer<Vec<u8>> {
        let mut buffer = vec![0; count];
        let read = self.call(socket, |net, id| read(net, id, &mut buffer))?;
        buffer.truncate(read);
        Ok(buffer)
    }
}

impl System for Kernel {
    fn tcp(&mut self, family: Family) -> Handle {
        let id = self.net.tcp_socket(self.host, family);
        self.keep(id)
    }

    fn udp(&mut self, address: SocketAddr) -> Answer<Handle> {
        let id = answer(self.net.udp_bind(self.host, address))?;
        Ok(self.keep(id))
    }

    fn set_reuse_address(&mut self, socket: Handle, on: bool) {
        let set = self.call(socket, |net, id| net.set_reuse_address(id, on));
        set.expect("a socket");
    }

    fn set_only_v6(&mut self, socket: Handle, on: bool) {
        let set = self.call(socket, |net, id| net.set_only_v6(id, on));
        set.expect("a socket");
    }

    fn set_abort_on_close(&mut self, socket: Handle, on: bool) {
        let set = self.call(socket, |net, id| net.set_abort_on_close(id, on));
        set.expect("a socket");
    }

    fn bind(&mut self, socket: Handle, address: SocketAddr) -> Answer<()> {
        self.call(socket, |net, id| net.bind(id, address))
    }

    fn listen(&mut self, socket: Handle, backlog: usize) -> Answer<()> {
        self.call(socket, |net, id| net.listen(id, backlog))
    }

    fn connect(&mut self, socket: Handle, to: SocketAddr) -> Answer<()> {
        self.call(socket, |net, id| net.connect(id, to))?;
        self.call(socket, |net, id| net.connected(id))
    }

    fn accept(&mut self, socket: Handle) -> Answer<(Handle, SocketAddr)> {
        let (id, address) = self.call(socket, |net, id| net.tcp_accept(id))?;
        Ok((self.keep(id), address))
    }

    fn write(&mut self, socket: Handle, bytes: &[u8]) -> Answer<usize> {
        self.call(socket, |net, id| net.write(id, bytes))
    }

    fn read(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>> {
        self.read_by(socket, count, |net, id, into| net.read(id, into))
    }

    fn peek(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>> {
        self.read_by(socket, count, |net, id, into| net.peek(id, into))
    }

    fn send_to(&mut self, socket: Handle, bytes: &[u8], to: SocketAddr) -> Answer<usize> {
        self.call(socket, |net, id| net.udp_send_to(id, bytes, to))
    }

    fn recv_from(&mut self, socket: Handle, count: usize) -> Answer<(Vec<u8>, SocketAddr)> {
        let mut buffer = vec![0; count];
        let (read, from) = self.call(socket, |net, id| net.udp_recv_from(id, &mut buffer))?;
        buffer.truncate(read);
        Ok((buffer, from))
    }

    fn shutdown(&mut self, socket: Handle, how: Shutdown) -> Answer<()> {
        self.call(socket, |net, id| net.shutdown(id, how))
    }

    fn close(&mut self, socket: Handle) {
        self.call(socket, Net::close).expect("a socket");
    }

    fn take_error(&mut self, socket: Handle) -> Answer<()> {
        let error = self.call(socket, Net::take_error)?;
        answer(error.map_or(Ok(()), Err))
    }

    fn local(&mut self, socket: Handle) -> Answer<SocketAddr> {
        answer(self.net.local_addr(self.id(socket)))
    }

    fn remote(&mut self, socket: Handle) -> Answer<SocketAddr> {
        answer(self.net.peer_addr(self.id(socket)))
    }

    fn is_connected(&mut self, socket: Handle) -> Answer<()> {
        let id = self.id(socket);
        let unix = self.net.unix_peer_name(id).map(drop);
        answer(self.net.peer_addr(id).map(drop).or(unix))
    }

    fn readiness_now(&mut self, socket: Handle) -> Readiness {
        self.net.readiness(self.id(socket)).expect("a socket")
    }

    fn unix_listen(&mut self, name: &UnixName, backlog: usize) -> Answer<Handle> {
        let id = answer(self.net.unix_listen(self.host, name, backlog))?;
        Ok(self.keep(id))
    }

    fn unix_connect(&mut self, name: &UnixName) -> Answer<Handle> {
        let id = answer(self.net.unix_connect(self.host, name))?;
        Ok(self.keep(id))
    }

    fn unix_accept(&mut self, socket: Handle) -> Answer<Handle> {
        let id = self.call(socket, Net::unix_accept)?;
        Ok(self.keep(id))
    }

    fn unix_pair(&mut self) -> (Handle, Handle) {
        let (one, other) = self.net.unix_pair(self.host);
        (self.keep(one), self.keep(other))
    }

    fn unix_datagram(&mut self, name: Option<&UnixName>) -> Answer<Handle> {
        let id = answer(self.net.unix_datagram(self.host, name))?;
        Ok(self.keep(id))
    }

    fn unix_datagram_pair(&mut self) -> (Handle, Handle) {
        let (one, other) = self.net.unix_datagram_pair(self.host);
        (self.keep(one), self.keep(other))
    }

    fn unix_datagram_connect(&mut self, socket: Handle, name: &UnixName) -> Answer<()> {
        self.call(socket, |net, id| net.unix_datagram_connect(id, name))
    }

    fn unix_send_to(&mut self, socket: Handle, bytes: &[u8], name: &UnixName) -> Answer<usize> {
        self.call(socket, |net, id| net.unix_send_to(id, bytes, name))
    }

    fn unix_recv_from(
        &mut self,
        socket: Handle,
        count: usize,
    ) -> Answer<(Vec<u8>, Option<UnixName>)> {
        let mut buffer = vec![0; count];
        let (read, from) = self.call(socket, |net, id| net.unix_recv_from(id, &mut buffer))?;
        buffer.truncate(read);
        Ok((buffer, from))
    }

    fn unix_name(&mut self, socket: Handle) -> Answer<Option<UnixName>> {
        answer(self.net.unix_name(self.id(socket)))
    }

    fn unix_remove(&mut self, name: &UnixName) -> Answer<()> {
        answer(self.net.unix_remove(self.host, name))
    }

    fn settle(&mut self) {
        self.net.deliver_all();
    }
}
