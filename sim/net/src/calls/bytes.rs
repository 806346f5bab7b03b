//! Bytes of connections: written, read, and an end put to them.

use std::io;
use std::net::Shutdown;

use crate::error::Errno;
use crate::id::SocketId;
use crate::net::Net;
use crate::socket::What;

impl Net {
    /// Writes as much as there is room for.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: there is no room.
    /// - `BrokenPipe`: this side writes no more, or there is no connection.
    /// - `ConnectionReset` or another error that waits to be told.
    ///
    /// # Examples
    ///
    /// See [`Net`].
    #[inline]
    pub fn write(&mut self, id: SocketId, bytes: &[u8]) -> io::Result<usize> {
        let Net { sockets, wire, .. } = self;
        let written = match sockets.get_mut(id) {
            Some(socket) if !socket.is_hidden => match &mut socket.what {
                What::Stream(stream) => stream.write(bytes, wire),
                What::Udp(_) => return self.udp_send(id, bytes),
                What::UnixStream(_) => self.unix_write(id, bytes),
                What::UnixDatagram(_) => return self.unix_send(id, bytes),
                What::Fresh { .. } | What::Listener(_) => Errno::BrokenPipe.fail(),
                What::UnixFresh { .. } | What::UnixListener(_) => Errno::NotConnected.fail(),
            },
            _ => Errno::BadDescriptor.fail(),
        };
        if self.keeps_did() {
            self.wrote(id, bytes, &written);
        }
        written
    }

    /// Reads as much as there is and fits. Of a stream 0 is its end, and nothing else is where `into` has room.
    ///
    /// # Errors
    ///
    /// - `WouldBlock`: there is nothing yet.
    /// - `NotConnected`: there is no connection.
    /// - `ConnectionReset` or another error that waits to be told. What had come before is read first.
    ///
    /// # Examples
    ///
    /// See [`Net`].
    #[inline]
    pub fn read(&mut self, id: SocketId, into: &mut [u8]) -> io::Result<usize> {
        let Net { sockets, wire, .. } = self;
        let read = match sockets.get_mut(id) {
            Some(socket) if !socket.is_hidden => match &mut socket.what {
                What::Stream(stream) => stream.read(into, wire),
                What::UnixStream(_) => self.unix_read(id, into),
                _ => return self.read_other(id, into),
            },
            _ => Errno::BadDescriptor.fail(),
        };
        if self.keeps_did() {
            self.has_read(id, into, &read);
        }
        read
    }

    fn read_other(&mut self, id: SocketId, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.socket_mut(id)?.what {
            What::Udp(_) => Ok(self.udp_recv_from(id, into)?.0),
            What::UnixDatagram(_) => Ok(self.unix_recv_from(id, into)?.0),
            What::UnixFresh { .. } | What::UnixListener(_) => Errno::Invalid.fail(),
            _ => Errno::NotConnected.fail(),
        }
    }

    /// Reads, and leaves what it has read.
    ///
    /// # Errors
    ///
    /// Those of [`Net::read`].
    ///
    /// # Examples
    ///
    /// ```
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let (one, other) = net.unix_pair(host);
    /// net.write(one, b"hello").unwrap();
    /// let mut buffer = [0; 2];
    /// for _ in 0..2 {
    ///     assert_eq!(net.peek(other, &mut buffer).unwrap(), 2);
    /// }
    /// ```
    pub fn peek(&mut self, id: SocketId, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.socket_mut(id)?.what {
            What::Stream(stream) => stream.peek(into),
            What::UnixStream(stream) => stream.read(into, true),
            What::Udp(udp) => Ok(udp.peek(into)?.0),
            What::UnixDatagram(datagram) => datagram.peek(into),
            What::UnixFresh { .. } | What::UnixListener(_) => Errno::Invalid.fail(),
            What::Fresh { .. } | What::Listener(_) => Errno::NotConnected.fail(),
        }
    }

    /// Puts an end to what this side writes or reads. What was written before arrives before the end.
    ///
    /// A side of TCP that reads no more still takes what comes, as on Linux, unless it writes no more, too: then what
    /// comes resets the connection. Whoever waits for the socket itself is woken, too. A listener that reads no more listens no more.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is no connection, or none any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::Shutdown;
    ///
    /// let mut net = deadheat_net::Net::new();
    /// let host = net.host("a");
    /// let (one, other) = net.unix_pair(host);
    /// net.shutdown(one, Shutdown::Write).unwrap();
    /// assert_eq!(net.read(other, &mut [0; 8]).unwrap(), 0);
    /// assert_eq!(net.write(other, b"still here").unwrap(), 10);
    /// ```
    pub fn shutdown(&mut self, id: SocketId, how: Shutdown) -> io::Result<()> {
        let reads = matches!(how, Shutdown::Read | Shutdown::Both);
        let writes = matches!(how, Shutdown::Write | Shutdown::Both);
        let shut = self.shut(id, reads, writes);
        if self.keeps_did() && writes {
            let to = self.other_end(id);
            self.called(&format!("ends what it writes to {to}"), &shut);
        }
        shut?;
        self.wake(id);
        Ok(())
    }

    fn shut(&mut self, id: SocketId, reads: bool, writes: bool) -> io::Result<()> {
        self.socket(id)?;
        let Net { sockets, wire, .. } = self;
        match sockets.get_mut(id).map(|socket| &mut socket.what) {
            Some(What::Stream(stream)) => {
                stream.remote()?;
                if reads {
                    stream.shut_reading();
                }
                if writes {
                    stream.shut_writing(wire);
                }
                Ok(())
            }
            Some(What::UnixStream(_)) => self.unix_shut(id, reads, writes),
            Some(What::UnixDatagram(_)) => self.unix_datagram_shut(id, reads, writes),
            Some(What::Listener(_)) => {
                if reads {
                    self.stop_listening(id);
                }
                Ok(())
            }
            Some(What::Udp(udp)) if udp.peer.is_some() => Ok(()),
            _ => Errno::NotConnected.fail(),
        }
    }
}
