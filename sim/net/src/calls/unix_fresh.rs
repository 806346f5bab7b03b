//! Unix sockets that are bound before they listen or connect.

use std::collections::VecDeque;
use std::io;

use crate::error::Errno;
use crate::id::{HostId, SocketId};
use crate::net::Net;
use crate::socket::{Family, Socket, What};
use crate::state::unix::{UnixListener, UnixName, UnixStream};

impl Net {
    /// A Unix socket for a connection, which neither listens nor is connected, and has no name.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat_net::{Net, UnixName};
    ///
    /// let mut net = Net::new();
    /// let host = net.host("a");
    /// let [server, client] = ["/run/a.sock", "/run/me.sock"].map(UnixName::path);
    /// let listener = net.unix_socket(host);
    /// net.unix_bind(listener, &server).unwrap();
    /// net.unix_listen_on(listener, 8).unwrap();
    /// let socket = net.unix_socket(host);
    /// net.unix_bind(socket, &client).unwrap();
    /// net.unix_connect_from(socket, &server).unwrap();
    /// let accepted = net.unix_accept(listener).unwrap();
    /// assert_eq!(net.unix_peer_name(accepted).unwrap(), Some(client));
    /// ```
    pub fn unix_socket(&mut self, host: HostId) -> SocketId {
        let what = What::UnixFresh { name: None };
        self.sockets.insert(Socket::new(host, Family::V4, what))
    }

    /// Gives a name to a Unix socket that has none.
    ///
    /// # Errors
    ///
    /// - `AddrInUse`: the host has the name, if only as a file that a socket left behind ([`Net::unix_remove`]).
    /// - `InvalidInput`: the socket has a name, or is connected.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_socket`].
    pub fn unix_bind(&mut self, id: SocketId, name: &UnixName) -> io::Result<()> {
        let Net { sockets, hosts, .. } = self;
        let Some(socket) = sockets.get_mut(id).filter(|socket| !socket.is_hidden) else {
            return Errno::BadDescriptor.fail();
        };
        let own = match &mut socket.what {
            What::UnixFresh { name } => name,
            What::UnixDatagram(datagram) => &mut datagram.name,
            _ => return Errno::Invalid.fail(),
        };
        if own.is_some() {
            return Errno::Invalid.fail();
        }
        hosts.get_mut(socket.host).unix.bind(name, id)?;
        *own = Some(name.clone());
        Ok(())
    }

    /// Lets a Unix socket listen that has a name. One more than `backlog` may wait to be accepted.
    ///
    /// # Errors
    ///
    /// `InvalidInput`: the socket has no name, or is connected.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_socket`].
    pub fn unix_listen_on(&mut self, id: SocketId, backlog: usize) -> io::Result<()> {
        let socket = self.socket_mut(id)?;
        let What::UnixFresh { name: Some(name) } = &mut socket.what else {
            return Errno::Invalid.fail();
        };
        let name = name.clone();
        socket.what = What::UnixListener(UnixListener {
            name,
            backlog,
            queue: VecDeque::new(),
        });
        if self.keeps_did() {
            self.listens_on_name(id);
        }
        Ok(())
    }

    /// Connects a Unix socket to a listener, which may accept it later.
    ///
    /// # Errors
    ///
    /// Those of [`Net::unix_connect`], and `InvalidInput` if the socket listens.
    ///
    /// # Examples
    ///
    /// See [`Net::unix_socket`].
    pub fn unix_connect_from(&mut self, id: SocketId, name: &UnixName) -> io::Result<()> {
        let connected = self.connect_to_name(id, name);
        if self.keeps_did() {
            self.connects_to_name(name, &connected);
        }
        connected
    }

    fn connect_to_name(&mut self, id: SocketId, name: &UnixName) -> io::Result<()> {
        let socket = self.socket(id)?;
        let own = match &socket.what {
            What::UnixFresh { name } => name.clone(),
            What::UnixStream(_) => return Errno::Connected.fail(),
            _ => return Errno::Invalid.fail(),
        };
        let listener = self.hosts.get(socket.host).unix.find(name)?;
        match &self.socket(listener)?.what {
            What::UnixListener(own) if own.queue.len() > own.backlog => {
                return Errno::WouldBlock.fail();
            }
            What::UnixListener(_) => {}
            What::UnixFresh { .. } | What::UnixStream(_) => return Errno::Refused.fail(),
            _ => return Errno::WrongType.fail(),
        }
        let server = self.unix_joined(id, own, Some(name));
        self.socket_mut(server)?.is_hidden = true;
        if let What::UnixListener(own) = &mut self.socket_mut(listener)?.what {
            own.queue.push_back(server);
        }
        self.wake(listener);
        Ok(())
    }

    /// Makes a client of a socket, and the server that it is connected to, which may have a name.
    pub(crate) fn unix_joined(
        &mut self,
        client: SocketId,
        own: Option<UnixName>,
        name: Option<&UnixName>,
    ) -> SocketId {
        let size = self.sizes.unix;
        let mut stream = UnixStream::new(name.cloned(), own.clone(), size);
        stream.peer = Some(client);
        let host = self.sockets.get(client).map(|socket| socket.host);
        let host = host.expect("who connects has a socket");
        let what = What::UnixStream(Box::new(stream));
        let server = self.sockets.insert(Socket::new(host, Family::V4, what));
        if let Some(socket) = self.sockets.get_mut(client) {
            let mut stream = UnixStream::new(own, name.cloned(), size);
            stream.peer = Some(server);
            socket.what = What::UnixStream(Box::new(stream));
        }
        server
    }
}
