//! Sockets are closed, as their program drops them.

use std::io;

use crate::id::SocketId;
use crate::net::Net;
use crate::packet::Load;
use crate::socket::What;
use crate::tcp::stream::Phase;

impl Net {
    /// Closes a socket, as to drop it does.
    ///
    /// - A connection with bytes that came and were not read is reset, and what was not sent is lost. Any other ends
    ///   behind what was written, which is still sent; what comes for it after that resets it.
    /// - With a listener go the connections that wait to be accepted: they are reset.
    /// - A connect that is under way is given up.
    ///
    /// # Errors
    ///
    /// If it was closed.
    ///
    /// # Examples
    ///
    /// See [`SocketId`].
    pub fn close(&mut self, id: SocketId) -> io::Result<()> {
        self.socket(id)?;
        if self.keeps_did() {
            self.closes(id);
        }
        let socket = self.socket(id)?;
        match &socket.what {
            What::Stream(_) => self.close_stream(id),
            What::Listener(_) => self.close_listener(id),
            What::UnixStream(_) => self.close_unix_stream(id, false),
            What::UnixListener(_) => self.close_unix_listener(id),
            What::UnixDatagram(_) => self.close_unix_datagram(id),
            What::Fresh { .. } | What::UnixFresh { .. } | What::Udp(_) => self.remove(id),
        }
        Ok(())
    }

    fn close_stream(&mut self, id: SocketId) {
        let Net { sockets, wire, .. } = self;
        let Some(socket) = sockets.get_mut(id) else {
            return;
        };
        let What::Stream(stream) = &mut socket.what else {
            return;
        };
        let asked = stream.half_made();
        if stream.close(socket.options.aborts, wire) {
            socket.is_hidden = true;
        } else {
            self.remove(id);
            self.forget(asked);
        }
    }

    /// The server's end of a connection whose client is gone before it confirmed.
    pub(crate) fn forget(&mut self, half: Option<SocketId>) {
        let Some(half) = half else {
            return;
        };
        let listener = match self.sockets.get(half).map(|socket| &socket.what) {
            Some(What::Stream(stream)) => match stream.phase {
                Phase::Agreed { listener } => listener,
                _ => return,
            },
            _ => return,
        };
        self.remove(half);
        if let Some(What::Listener(own)) = self.sockets.get_mut(listener).map(|s| &mut s.what) {
            own.left(half);
        }
    }

    fn close_listener(&mut self, id: SocketId) {
        self.stop_listening(id);
        self.remove(id);
    }

    /// Those who wait to be accepted are reset, and the socket keeps its address.
    pub(crate) fn stop_listening(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(id) else {
            return;
        };
        let What::Listener(listener) = &mut socket.what else {
            return;
        };
        let queue = std::mem::take(&mut listener.queue);
        let arriving = std::mem::take(&mut listener.arriving);
        let (host, local) = (socket.host, listener.local);
        socket.what = What::Fresh { local: Some(local) };
        let ports = &mut self.hosts.get_mut(host).tcp;
        ports.stop_listening(local.port(), id);
        for waiting in queue {
            self.reset_stream(waiting);
            self.remove(waiting);
        }
        for half in arriving {
            self.remove(half);
        }
    }

    /// Tells the peer of a connection that it is no more.
    pub(crate) fn reset_stream(&mut self, id: SocketId) {
        let Net { sockets, wire, .. } = self;
        if let Some(What::Stream(stream)) = sockets.get_mut(id).map(|socket| &mut socket.what)
            && !stream.is_over()
            && stream.phase != Phase::Connecting
        {
            wire.send(stream.packet(Load::Reset));
        }
    }
}
