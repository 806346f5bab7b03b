//! Datagrams that are looked at and stay.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use deadheat::net::Direction;
use tokio::io::ReadBuf;

use super::{Side, UdpSocket};
use crate::sim::net::flow;
use crate::sim::net::side::outside;

impl UdpSocket {
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
            Side::Tokio(socket) => outside(socket).try_peek(buf),
            Side::Run(..) => Ok(self.try_peek_from(buf)?.0),
        }
    }

    /// Waits for a datagram, which stays, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (socket, known) = match &self.inner {
            Side::Tokio(socket) => return outside(socket).peek_from(buf).await,
            Side::Run(socket, options) => (socket, options.known()),
        };
        poll_fn(|cx| {
            flow::poll_io(socket, Direction::Read, cx, |net, id| {
                known.take(net, id, true, |net, id| net.udp_peek_from(id, buf))
            })
        })
        .await
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
        let (socket, known) = match &self.inner {
            Side::Tokio(socket) => return outside(socket).poll_peek_from(cx, buf),
            Side::Run(socket, options) => (socket, options.known()),
        };
        let into = buf.initialize_unfilled();
        let peeked = ready!(flow::poll_io(socket, Direction::Read, cx, |net, id| {
            known.take(net, id, false, |net, id| net.udp_peek_from(id, into))
        }));
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
            Side::Tokio(socket) => outside(socket).try_peek_from(buf),
            Side::Run(socket, options) => socket.call(|net, id| {
                let known = options.known();
                known.take(net, id, false, |net, id| net.udp_peek_from(id, buf))
            }),
        }
    }

    /// Waits for a datagram, which stays, and says only from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).peek_sender().await,
            Side::Run(..) => Ok(self.peek_from(&mut []).await?.1),
        }
    }

    /// Polls for a datagram, which stays, and says only from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).poll_peek_sender(cx),
            Side::Run(..) => self.poll_peek_from(cx, &mut ReadBuf::new(&mut [])),
        }
    }

    /// Says from whom a datagram is that is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).try_peek_sender(),
            Side::Run(..) => Ok(self.try_peek_from(&mut [])?.1),
        }
    }
}
