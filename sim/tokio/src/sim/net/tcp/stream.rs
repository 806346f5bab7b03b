//! `TcpStream`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use deadheat::net::{Direction, Socket};
use tokio::io::ReadBuf;

use crate::sim::budget::in_run;
use crate::sim::net::addr::{ToSocketAddrs, addresses, no_address};
use crate::sim::net::flow;
use crate::sim::net::options::{Options, lingers, options};
use crate::sim::net::side::{Side, converted, outside};
use crate::sim::net::streams::stream;
use crate::sim::net::waits::{tells, waits};

/// A connection of TCP.
///
/// # Examples
///
/// See [`TcpListener`](super::TcpListener).
#[derive(Debug)]
pub struct TcpStream {
    pub(in crate::sim::net) inner: Side<tokio::net::TcpStream, Options>,
}

impl TcpStream {
    pub(super) fn accepted(socket: Socket) -> TcpStream {
        let inner = Side::Run(socket, Options::of_accepted());
        TcpStream { inner }
    }

    pub(super) fn of_tokio(stream: tokio::net::TcpStream) -> TcpStream {
        let inner = Side::Tokio(stream);
        TcpStream { inner }
    }

    /// Connects to the first of the addresses that can be connected to.
    ///
    /// # Timing
    ///
    /// Inside of a run a connect takes no time, unless the link between the hosts says otherwise
    /// ([`deadheat::net::link`]).
    ///
    /// # Errors
    ///
    /// As the system's: refused where nobody listens, timed out after 127 s where nobody answers.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it connects to nobody; the other side may have accepted, and finds the stream closed.
    pub async fn connect<A: ToSocketAddrs>(addr: A) -> io::Result<TcpStream> {
        if !in_run() {
            return Ok(Self::of_tokio(tokio::net::TcpStream::connect(addr).await?));
        }
        let mut last = None;
        for address in addresses(addr, "connects to").await? {
            let socket = Socket::open(|net, host| net.tcp_connect(host, address));
            let connected = match socket {
                Ok(socket) => Self::connected(socket).await,
                Err(error) => Err(error),
            };
            match connected {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(no_address))
    }

    /// Waits until a socket that connects is connected.
    pub(super) async fn connected(socket: Socket) -> io::Result<TcpStream> {
        let options = Options::default();
        let known = options.known();
        poll_fn(|cx| flow::poll_ready(&socket, known, Direction::Write, cx)).await?;
        socket.call(|net, id| net.connected(id))?;
        let inner = Side::Run(socket, options);
        Ok(TcpStream { inner })
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(stream) => stream.local_addr(),
            Side::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(stream) => stream.peer_addr(),
            Side::Run(socket, _) => socket.call(|net, id| net.peer_addr(id)),
        }
    }

    /// Polls for bytes that are read and stay there.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        match &self.inner {
            Side::Tokio(stream) => outside(stream).poll_peek(cx, buf),
            Side::Run(socket, options) => flow::poll_peek(socket, options.known(), cx, buf),
        }
    }

    /// Waits for bytes that are read and stay there.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has taken nothing.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        poll_fn(|cx| self.poll_peek(cx, &mut buf)).await
    }
}

converted!(TcpStream, std::net::TcpStream);
waits!(TcpStream);
tells!(TcpStream);
stream!(TcpStream, std::net::TcpStream);
lingers!(TcpStream);
options! {
    TcpStream;
    nodelay, set_nodelay, bool, "Whether small packets are sent at once (`TCP_NODELAY`).";
    ttl, set_ttl, u32, "The time to live of its packets.";
    #[cfg(target_os = "linux")] quickack, set_quickack, bool, "Whether it acknowledges at once (`TCP_QUICKACK`).";
}
