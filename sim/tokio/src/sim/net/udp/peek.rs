//! Datagrams that are looked at and stay, and buffers that grow.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use deadheat::net::Direction;
use tokio::io::{Interest, ReadBuf};

use super::{Inner, UdpSocket};
use crate::sim::net::flow::{self, outside};

impl UdpSocket {
    /// Polls for room for a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).poll_send_ready(cx),
            Inner::Run(socket, _) => flow::poll_ready(socket, Direction::Write, cx),
        }
    }

    /// Polls until there is a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).poll_recv_ready(cx),
            Inner::Run(socket, _) => flow::poll_ready(socket, Direction::Read, cx),
        }
    }

    /// Calls `f` if it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not; else what `f` fails with.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_io(interest, f),
            Inner::Run(socket, _) => flow::try_io(socket, interest, f),
        }
    }

    /// Calls `f` each time when it is ready for some of an interest, until `f` does not say `WouldBlock`.
    ///
    /// # Errors
    ///
    /// What `f` fails with.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            self.ready(interest).await?;
            match self.try_io(interest, &mut f) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }

    /// Waits for a datagram, which stays.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        let (read, _) = self.peek_from(buf).await?;
        Ok(read)
    }

    /// Polls for a datagram, which stays.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_peek_from(cx, buf).map_ok(drop)
    }

    /// Looks at a datagram that is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_peek(buf),
            Inner::Run(..) => Ok(self.try_peek_from(buf)?.0),
        }
    }

    /// Waits for a datagram, which stays, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buf = ReadBuf::new(buf);
        let from = poll_fn(|cx| self.poll_peek_from(cx, &mut buf)).await?;
        Ok((buf.filled().len(), from))
    }

    /// Polls for a datagram, which stays, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let socket = match &self.inner {
            Inner::Tokio(socket) => return outside(socket).poll_peek_from(cx, buf),
            Inner::Run(socket, _) => socket,
        };
        let into = buf.initialize_unfilled();
        let peeked = ready!(flow::poll_io(socket, Direction::Read, cx, |net, id| net
            .udp_peek_from(id, into)));
        Poll::Ready(peeked.map(|(read, from)| {
            buf.advance(read);
            from
        }))
    }

    /// Looks at a datagram that is there, and says from whom it is.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_peek_from(buf),
            Inner::Run(socket, _) => socket.call(|net, id| net.udp_peek_from(id, buf)),
        }
    }

    /// Waits for a datagram, which stays, and says only from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        poll_fn(|cx| self.poll_peek_sender(cx)).await
    }

    /// Polls for a datagram, which stays, and says only from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).poll_peek_sender(cx),
            Inner::Run(..) => self.poll_peek_from(cx, &mut ReadBuf::new(&mut [])),
        }
    }

    /// Says from whom a datagram is that is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_peek_sender(),
            Inner::Run(..) => Ok(self.try_peek_from(&mut [])?.1),
        }
    }
}

#[cfg(feature = "io-util")]
impl UdpSocket {
    /// Takes a datagram that is there into a buffer that may grow.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        let read = flow::into_buf(buf, |into| Ok((self.try_recv(into)?, ())))?;
        Ok(read.0)
    }

    /// Waits for a datagram, into a buffer that may grow.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        loop {
            self.readable().await?;
            match self.try_recv_buf(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }

    /// Takes a datagram that is there into a buffer that may grow, and says from whom it is.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_recv_buf_from<B: bytes::BufMut>(
        &self,
        buf: &mut B,
    ) -> io::Result<(usize, SocketAddr)> {
        flow::into_buf(buf, |into| self.try_recv_from(into))
    }

    /// Waits for a datagram, into a buffer that may grow, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn recv_buf_from<B: bytes::BufMut>(
        &self,
        buf: &mut B,
    ) -> io::Result<(usize, SocketAddr)> {
        loop {
            self.readable().await?;
            match self.try_recv_buf_from(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}
