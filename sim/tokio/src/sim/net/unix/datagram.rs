//! `UnixDatagram`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::path::Path;
use std::task::{Context, Poll};

use deadheat::net::kernel::{Net, SocketId};
use deadheat::net::{Direction, Socket};
use tokio::net::unix::SocketAddr;

use super::name::{bound, pathname, shown};
use crate::sim::budget::in_run;
use crate::sim::net::datagrams::datagrams;
use crate::sim::net::flow;
use crate::sim::net::known::Known;
use crate::sim::net::side::{Side, converted, outside};
use crate::sim::net::waits::{tells, waits};

/// A Unix socket for datagrams.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::net::UnixDatagram;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let log = UnixDatagram::bind("/run/log.sock").unwrap();
///     let app = UnixDatagram::unbound().unwrap();
///     app.send_to(b"started", "/run/log.sock").await.unwrap();
///     let mut buffer = [0; 16];
///     let (read, from) = log.recv_from(&mut buffer).await.unwrap();
///     assert_eq!((&buffer[..read], from.is_unnamed()), (&b"started"[..], true));
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct UnixDatagram {
    pub(in crate::sim::net) inner: Side<tokio::net::UnixDatagram, Known>,
}

impl UnixDatagram {
    pub(super) fn in_run(socket: Socket) -> UnixDatagram {
        let inner = Side::Run(socket, Known::default());
        UnixDatagram { inner }
    }

    pub(super) fn of_tokio(socket: tokio::net::UnixDatagram) -> UnixDatagram {
        let inner = Side::Tokio(socket);
        UnixDatagram { inner }
    }

    const HEARS_ERRORS: bool = false;

    fn received(net: &mut Net, id: SocketId, into: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (read, from) = net.unix_recv_from(id, into)?;
        Ok((read, shown(from)?))
    }

    /// Binds to a path. What that leaves on the file system says the [module](super).
    ///
    /// # Errors
    ///
    /// As the system's: an address in use, also by the file that a closed socket left.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        if !in_run() {
            return tokio::net::UnixDatagram::bind(path).map(Self::of_tokio);
        }
        let name = pathname(path.as_ref())?;
        bound(&name, |net, host| net.unix_datagram(host, Some(&name))).map(Self::in_run)
    }

    /// Two sockets that are connected to each other, without names.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        if in_run() {
            let (one, other) = Socket::open_pair(|net, host| net.unix_datagram_pair(host))?;
            return Ok((Self::in_run(one), Self::in_run(other)));
        }
        let (one, other) = tokio::net::UnixDatagram::pair()?;
        Ok((Self::of_tokio(one), Self::of_tokio(other)))
    }

    /// A socket without a name.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        match in_run() {
            true => Socket::open(|net, host| net.unix_datagram(host, None)).map(Self::in_run),
            false => tokio::net::UnixDatagram::unbound().map(Self::of_tokio),
        }
    }

    /// Sends to whom a path leads, and hears of nobody else, from now on.
    ///
    /// # Errors
    ///
    /// As the system's: not found if there is no such path, refused if its socket is closed.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).connect(path),
            Side::Run(socket, _) => {
                let name = pathname(path.as_ref())?;
                socket.call(|net, id| net.unix_datagram_connect(id, &name))
            }
        }
    }

    /// Sends a datagram to whom a path leads, once there is room.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has sent nothing.
    pub async fn send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send_to(cx, buf, &target)).await
    }

    /// Polls to send a datagram.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).poll_send_to(cx, buf, target),
            Side::Run(socket, known) => {
                let name = pathname(target.as_ref())?;
                flow::poll_io(socket, Direction::Write, cx, |net, id| {
                    known.noted(Direction::Write, net.unix_send_to(id, buf, &name))
                })
            }
        }
    }

    /// Sends a datagram to whom a path leads, if there is room.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).try_send_to(buf, target),
            Side::Run(socket, known) => {
                let name = pathname(target.as_ref())?;
                socket
                    .call(|net, id| known.noted(Direction::Write, net.unix_send_to(id, buf, &name)))
            }
        }
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(socket) => socket.local_addr(),
            Side::Run(socket, _) => shown(socket.call(|net, id| net.unix_name(id))?),
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
            Side::Run(socket, _) => shown(socket.call(|net, id| net.unix_peer_name(id))?),
        }
    }

    /// Puts an end to what it sends, receives, or both.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => outside(socket).shutdown(how),
            Side::Run(socket, _) => flow::shutdown(socket, how),
        }
    }
}

converted!(UnixDatagram, std::os::unix::net::UnixDatagram);
waits!(UnixDatagram);
tells!(UnixDatagram);
datagrams!(UnixDatagram, SocketAddr);
