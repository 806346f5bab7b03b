//! `UdpSocket`: tokio's own, or one of a run.

mod options;
mod peek;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use deadheat::net::{Direction, Socket};
use tokio::io::{Interest, ReadBuf, Ready};

use super::addr::{ToSocketAddrs, addresses, no_address};
use super::flow::{self, NOT_OF_THE_SYSTEM, outside};
use crate::sim::budget::in_run;

/// A socket of UDP.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::net::UdpSocket;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let (a, b) = (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
///     a.send_to(b"ping", b.local_addr().unwrap()).await.unwrap();
///     let mut buffer = [0; 16];
///     let (read, from) = b.recv_from(&mut buffer).await.unwrap();
///     assert_eq!((&buffer[..read], from), (&b"ping"[..], a.local_addr().unwrap()));
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct UdpSocket {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Tokio(tokio::net::UdpSocket),
    Run(Socket, options::Options),
}

impl UdpSocket {
    /// Binds to the first of the addresses that can be bound to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<UdpSocket> {
        if !in_run() {
            let inner = Inner::Tokio(tokio::net::UdpSocket::bind(addr).await?);
            return Ok(UdpSocket { inner });
        }
        let mut last = None;
        for address in addresses(addr).await? {
            match Socket::open(|net, host| net.udp_bind(host, address)) {
                Ok(socket) => {
                    return Ok(UdpSocket {
                        inner: Inner::Run(socket, options::Options::default()),
                    });
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(no_address))
    }

    /// Makes a socket of one of the standard library.
    ///
    /// # Errors
    ///
    /// As tokio's; inside of a run always, with advice.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        if in_run() {
            return Err(io::Error::other(NOT_OF_THE_SYSTEM));
        }
        let inner = Inner::Tokio(tokio::net::UdpSocket::from_std(socket)?);
        Ok(UdpSocket { inner })
    }

    /// Makes a socket of the standard library of it.
    ///
    /// # Errors
    ///
    /// As tokio's; of one of a run always, with advice.
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        match self.inner {
            Inner::Tokio(socket) => socket.into_std(),
            Inner::Run(..) => Err(io::Error::other(NOT_OF_THE_SYSTEM)),
        }
    }

    /// Sends to this address, and hears of nobody else, from now on.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn connect<A: ToSocketAddrs>(&self, addr: A) -> io::Result<()> {
        let socket = match &self.inner {
            Inner::Tokio(socket) => return outside(socket).connect(addr).await,
            Inner::Run(socket, _) => socket,
        };
        let mut last = None;
        for address in addresses(addr).await? {
            match socket.call(|net, id| net.connect(id, address)) {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(no_address))
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Tokio(socket) => socket.local_addr(),
            Inner::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }

    /// The address that it is connected to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Tokio(socket) => socket.peer_addr(),
            Inner::Run(socket, _) => socket.call(|net, id| net.peer_addr(id)),
        }
    }

    /// The error that waits to be told, if there is one. It is told once.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        match &self.inner {
            Inner::Tokio(socket) => socket.take_error(),
            Inner::Run(socket, _) => socket.call(|net, id| net.take_error(id)),
        }
    }

    /// Waits until it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).ready(interest).await,
            Inner::Run(socket, _) => flow::ready_for(socket, interest).await,
        }
    }

    /// Waits until there is a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until there is room for a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Sends a datagram to whom it is connected.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has sent nothing.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send(cx, buf)).await
    }

    /// Polls to send a datagram to whom it is connected.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).poll_send(cx, buf),
            Inner::Run(socket, _) => flow::poll_io(socket, Direction::Write, cx, |net, id| {
                net.udp_send(id, buf)
            }),
        }
    }

    /// Sends a datagram to whom it is connected, if there is room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_send(buf),
            Inner::Run(socket, _) => socket.call(|net, id| net.udp_send(id, buf)),
        }
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has taken none.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        let (read, _) = self.recv_from(buf).await?;
        Ok(read)
    }

    /// Polls for a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_recv_from(cx, buf).map_ok(drop)
    }

    /// Takes a datagram that is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_recv(buf),
            Inner::Run(socket, _) => socket.call(|net, id| Ok(net.udp_recv_from(id, buf)?.0)),
        }
    }

    /// Sends a datagram to the first of the addresses.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], addr: A) -> io::Result<usize> {
        if let Inner::Tokio(socket) = &self.inner {
            return outside(socket).send_to(buf, addr).await;
        }
        let address = addresses(addr).await?.into_iter().next();
        let address = address.ok_or_else(no_address)?;
        poll_fn(|cx| self.poll_send_to(cx, buf, address)).await
    }

    /// Polls to send a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).poll_send_to(cx, buf, target),
            Inner::Run(socket, _) => flow::poll_io(socket, Direction::Write, cx, |net, id| {
                net.udp_send_to(id, buf, target)
            }),
        }
    }

    /// Sends a datagram, if there is room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_send_to(buf, target),
            Inner::Run(socket, _) => socket.call(|net, id| net.udp_send_to(id, buf, target)),
        }
    }

    /// Waits for a datagram, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has taken none.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let mut buf = ReadBuf::new(buf);
        let from = poll_fn(|cx| self.poll_recv_from(cx, &mut buf)).await?;
        Ok((buf.filled().len(), from))
    }

    /// Polls for a datagram, and says from whom it is.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let socket = match &self.inner {
            Inner::Tokio(socket) => return outside(socket).poll_recv_from(cx, buf),
            Inner::Run(socket, _) => socket,
        };
        let into = buf.initialize_unfilled();
        let received = ready!(flow::poll_io(socket, Direction::Read, cx, |net, id| net
            .udp_recv_from(id, into)));
        Poll::Ready(received.map(|(read, from)| {
            buf.advance(read);
            from
        }))
    }

    /// Takes a datagram that is there, and says from whom it is.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if none is; else as the system's.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match &self.inner {
            Inner::Tokio(socket) => outside(socket).try_recv_from(buf),
            Inner::Run(socket, _) => socket.call(|net, id| net.udp_recv_from(id, buf)),
        }
    }
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    fn try_from(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        UdpSocket::from_std(socket)
    }
}
