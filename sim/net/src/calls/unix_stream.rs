//! Unix sockets that are connected.

use std::io;

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::socket::What;
use crate::state::unix::{UnixName, UnixStream};

impl Net {
    /// A Unix socket that listens. One more than `backlog` may wait to be accepted.
    ///
    /// # Errors
    ///
    /// `AddrInUse`: the host has the name, if only as a file that a socket left behind ([`Net::unix_remove`]).
    ///
    /// # Examples
    ///
    /// See [`UnixName`].
    pub fn unix_listen(
        &mut self,
        host: HostId,
        name: &UnixName,
        backlog: usize,
    ) -> io::Result<SocketId> {
        let id = self.unix_socket(host);
        let listens = self.unix_bind(id, name);
        let listens = listens.and_then(|()| self.unix_listen_on(id, backlog));
        self.keep_if(listens, id)
    }

    /// A Unix socket that is connected to a listener, which may accept it later.
    ///
    /// # Errors
    ///
    /// - `NotFound`: there is no such file.
    /// - `ConnectionRefused`: nobody listens there.
    /// - `WouldBlock`: as many wait to be accepted as may.
    ///
    /// # Examples
    ///
    /// See [`UnixName`].
    pub fn unix_connect(&mut self, host: HostId, name: &UnixName) -> io::Result<SocketId> {
        let id = self.unix_socket(host);
        let connects = self.unix_connect_from(id, name);
        self.keep_if(connects, id)
    }

    /// Two Unix sockets that are connected to each other, without names.
    ///
    /// # Examples
    ///
    /// See [`Net::peek`].
    pub fn unix_pair(&mut self, host: HostId) -> (SocketId, SocketId) {
        let one = self.unix_socket(host);
        (one, self.unix_joined(one, None, None))
    }

    /// The connection that has waited longest.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: there is none.
    /// - `InvalidInput`: the socket does not listen.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let name = UnixName::Abstract(b"a".into());
    /// let listener = net.unix_listen(host, &name, 8).unwrap();
    /// assert!(net.unix_accept(listener).is_err());
    /// let client = net.unix_connect(host, &name).unwrap();
    /// let server = net.unix_accept(listener).unwrap();
    /// assert_eq!(net.peer(server), Some(client));
    /// ```
    pub fn unix_accept(&mut self, listener: SocketId) -> io::Result<SocketId> {
        let What::UnixListener(own) = &mut self.socket_mut(listener)?.what else {
            return Errno::Invalid.fail();
        };
        let Some(id) = own.queue.pop_front() else {
            return Errno::WouldBlock.fail();
        };
        if let Some(socket) = self.sockets.get_mut(id) {
            socket.is_hidden = false;
        }
        if self.keeps_did() {
            self.accepted(listener, id);
        }
        Ok(id)
    }

    /// What a Unix socket is called, if it has a name.
    ///
    /// # Errors
    ///
    /// If it was closed, or is no Unix socket.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let name = UnixName::path("/run/a.sock");
    /// let listener = net.unix_listen(host, &name, 8).unwrap();
    /// let client = net.unix_connect(host, &name).unwrap();
    /// assert_eq!(net.unix_name(listener).unwrap(), Some(name.clone()));
    /// assert_eq!(net.unix_name(client).unwrap(), None);
    /// assert_eq!(net.unix_peer_name(client).unwrap(), Some(name));
    /// ```
    pub fn unix_name(&self, id: SocketId) -> io::Result<Option<UnixName>> {
        Ok(match &self.socket(id)?.what {
            What::UnixListener(listener) => Some(listener.name.clone()),
            What::UnixFresh { name } => name.clone(),
            What::UnixStream(stream) => stream.name.clone(),
            What::UnixDatagram(datagram) => datagram.name.clone(),
            _ => return Errno::NotSupported.fail(),
        })
    }

    /// What the socket at the other end is called, if it has a name.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_name`].
    pub fn unix_peer_name(&self, id: SocketId) -> io::Result<Option<UnixName>> {
        match &self.socket(id)?.what {
            What::UnixStream(stream) => Ok(stream.peer_name.clone()),
            What::UnixDatagram(datagram) => match datagram.peer {
                Some(peer) => Ok(self.unix_datagram_name(peer)),
                None => Errno::NotConnected.fail(),
            },
            _ => Errno::NotConnected.fail(),
        }
    }

    /// Removes the file of a Unix socket, as a program does before it binds anew. A socket that has it stays, and nobody
    /// finds it any more.
    ///
    /// # Errors
    ///
    /// `NotFound`: there is no such file.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let name = UnixName::path("/run/a.sock");
    /// let listener = net.unix_listen(host, &name, 8).unwrap();
    /// net.close(listener).unwrap();
    /// assert!(net.unix_listen(host, &name, 8).is_err());
    /// net.unix_remove(host, &name).unwrap();
    /// assert!(net.unix_listen(host, &name, 8).is_ok());
    /// ```
    pub fn unix_remove(&mut self, host: HostId, name: &UnixName) -> io::Result<()> {
        self.hosts.get_mut(host).unix.remove(name)
    }

    fn unix_stream(&mut self, id: SocketId) -> Option<&mut UnixStream> {
        match self.sockets.get_mut(id).map(|socket| &mut socket.what) {
            Some(What::UnixStream(stream)) => Some(stream),
            _ => None,
        }
    }

    pub(crate) fn unix_write(&mut self, id: SocketId, bytes: &[u8]) -> io::Result<usize> {
        let Some(stream) = self.unix_stream(id) else {
            return Errno::NotConnected.fail();
        };
        let peer = stream.peer.filter(|_| !stream.writes_no_more);
        let Some((peer, reader)) = peer.and_then(|peer| Some((peer, self.unix_stream(peer)?)))
        else {
            return Errno::BrokenPipe.fail();
        };
        if reader.reads_no_more {
            return Errno::BrokenPipe.fail();
        }
        let count = reader.take(bytes);
        if count == 0 && !bytes.is_empty() {
            return Errno::WouldBlock.fail();
        }
        if count > 0 {
            self.wake(peer);
        }
        Ok(count)
    }

    pub(crate) fn unix_read(&mut self, id: SocketId, into: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = self.unix_stream(id) else {
            return Errno::NotConnected.fail();
        };
        let count = stream.read(into, false)?;
        let peer = stream.peer.filter(|_| stream.has_room_again());
        peer.into_iter().for_each(|peer| self.wake(peer));
        Ok(count)
    }

    pub(crate) fn unix_shut(&mut self, id: SocketId, reads: bool, writes: bool) -> io::Result<()> {
        let Some(stream) = self.unix_stream(id) else {
            return Errno::NotConnected.fail();
        };
        stream.reads_no_more |= reads;
        stream.writes_no_more |= writes;
        let Some(peer) = stream.peer else {
            return Ok(());
        };
        if let Some(other) = self.unix_stream(peer) {
            other.reads_no_more |= writes;
            other.writes_no_more |= reads;
        }
        self.wake(peer);
        Ok(())
    }

    /// `loses`: the peer hears of a reset, although everything was read.
    pub(crate) fn close_unix_stream(&mut self, id: SocketId, loses: bool) {
        let Some(stream) = self.unix_stream(id) else {
            return;
        };
        let (peer, unread) = (stream.peer, !stream.unread.is_empty());
        self.remove(id);
        let Some(peer) = peer else {
            return;
        };
        if let Some(other) = self.unix_stream(peer) {
            other.lose_peer(unread || loses);
        }
        self.wake(peer);
    }

    pub(crate) fn close_unix_listener(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(id) else {
            return;
        };
        let What::UnixListener(listener) = &mut socket.what else {
            return;
        };
        for waiting in std::mem::take(&mut listener.queue) {
            self.close_unix_stream(waiting, true);
        }
        self.remove(id);
    }

    /// Whether a stream may be written to.
    pub(crate) fn unix_has_room(&self, stream: &UnixStream) -> bool {
        let reader = stream.peer.and_then(|peer| self.sockets.get(peer));
        match reader.map(|socket| &socket.what) {
            Some(What::UnixStream(reader)) => reader.has_room(),
            _ => true,
        }
    }
}
