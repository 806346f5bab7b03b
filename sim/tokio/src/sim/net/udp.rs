//! `UdpSocket`: tokio's own, or one of a run.

mod groups;
mod peek;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use deadheat::net::kernel::{Net, SocketId};
use deadheat::net::{Direction, Socket};

use super::addr::{ToSocketAddrs, addresses, no_address};
use super::datagrams::datagrams;
use super::flow;
use super::options::{Options, options, routed};
use super::side::{Side, converted, outside};
use super::waits::{tells, waits};
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
    pub(super) inner: Side<tokio::net::UdpSocket, Options>,
}

impl UdpSocket {
    /// Binds to the first of the addresses that can be bound to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<UdpSocket> {
        if !in_run() {
            return Ok(Self::of_tokio(tokio::net::UdpSocket::bind(addr).await?));
        }
        let mut last = None;
        for address in addresses(addr, "receives on").await? {
            match Socket::open(|net, host| net.udp_bind(host, address)) {
                Ok(socket) => {
                    let inner = Side::Run(socket, Options::default());
                    return Ok(UdpSocket { inner });
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(no_address))
    }

    /// Sends to this address, and hears of nobody else, from now on.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn connect<A: ToSocketAddrs>(&self, addr: A) -> io::Result<()> {
        let socket = match &self.inner {
            Side::Tokio(socket) => return outside(socket).connect(addr).await,
            Side::Run(socket, _) => socket,
        };
        let mut last = None;
        for address in addresses(addr, "connects to").await? {
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
            Side::Tokio(socket) => socket.local_addr(),
            Side::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }

    /// The address that it is connected to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(socket) => socket.peer_addr(),
            Side::Run(socket, _) => socket.call(|net, id| net.peer_addr(id)),
        }
    }

    /// Sends a datagram to the first of the addresses.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], addr: A) -> io::Result<usize> {
        if let Side::Tokio(socket) = &self.inner {
            return outside(socket).send_to(buf, addr).await;
        }
        let address = addresses(addr, "sends to").await?.into_iter().next();
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
            Side::Tokio(socket) => outside(socket).poll_send_to(cx, buf, target),
            Side::Run(socket, options) => flow::poll_io(socket, Direction::Write, cx, |net, id| {
                let sent = net.udp_send_to(id, buf, target);
                options.known().noted(Direction::Write, sent)
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
            Side::Tokio(socket) => outside(socket).try_send_to(buf, target),
            Side::Run(socket, _) => socket.call(|net, id| net.udp_send_to(id, buf, target)),
        }
    }

    fn of_tokio(socket: tokio::net::UdpSocket) -> UdpSocket {
        let inner = Side::Tokio(socket);
        UdpSocket { inner }
    }

    const HEARS_ERRORS: bool = true;

    fn received(net: &mut Net, id: SocketId, into: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        net.udp_recv_from(id, into)
    }
}

converted!(UdpSocket, std::net::UdpSocket);
waits!(UdpSocket);
tells!(UdpSocket);
datagrams!(UdpSocket, SocketAddr);
routed!(UdpSocket);
options! {
    UdpSocket;
    broadcast, set_broadcast, bool, "Whether it may send to all (`SO_BROADCAST`).";
    multicast_loop_v4, set_multicast_loop_v4, bool, "Whether what it sends to many comes back.";
    multicast_loop_v6, set_multicast_loop_v6, bool, "Whether what it sends to many comes back.";
    multicast_ttl_v4, set_multicast_ttl_v4, u32, "The time to live of what it sends to many.";
    ttl, set_ttl, u32, "The time to live of its packets.";
    #[cfg(target_os = "linux")] tos_v4, set_tos_v4, u32, "The type of service of its packets.";
    #[cfg(target_os = "linux")] tclass_v6, set_tclass_v6, u32, "The traffic class of its packets.";
}
