//! `UnixStream`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io;
use std::path::Path;

use deadheat::net::kernel::UnixName;
use deadheat::net::{Direction, Socket};
use tokio::net::unix::SocketAddr;

use super::name::{name_of, named, shown};
use super::ucred::UCred;
use crate::sim::budget::in_run;
use crate::sim::net::flow;
use crate::sim::net::known::Known;
use crate::sim::net::side::{Side, converted};
use crate::sim::net::streams::stream;
use crate::sim::net::waits::{tells, waits};

/// A connection of two Unix sockets.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::UnixStream;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let (mut one, mut other) = UnixStream::pair().unwrap();
///     one.write_all(b"hello").await.unwrap();
///     let mut text = [0; 5];
///     other.read_exact(&mut text).await.unwrap();
///     assert_eq!(&text, b"hello");
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct UnixStream {
    pub(in crate::sim::net) inner: Side<tokio::net::UnixStream, Known>,
}

impl UnixStream {
    fn in_run(socket: Socket) -> UnixStream {
        let inner = Side::Run(socket, Known::default());
        UnixStream { inner }
    }

    pub(super) fn accepted(socket: Socket) -> UnixStream {
        let inner = Side::Run(socket, Known::assumed());
        UnixStream { inner }
    }

    pub(super) fn of_tokio(stream: tokio::net::UnixStream) -> UnixStream {
        let inner = Side::Tokio(stream);
        UnixStream { inner }
    }

    /// Connects to whom a path leads.
    ///
    /// # Timing
    ///
    /// Inside of a run a connect takes no time.
    ///
    /// # Errors
    ///
    /// As the system's: not found if there is no such path, refused where nobody listens, `WouldBlock` if as many wait
    /// to be accepted as may.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it connects to nobody; the other side may have accepted, and finds the stream closed.
    pub async fn connect<P: AsRef<Path>>(path: P) -> io::Result<UnixStream> {
        match in_run() {
            true => Self::connect_here(&named(path.as_ref())?).await,
            false => Ok(Self::of_tokio(tokio::net::UnixStream::connect(path).await?)),
        }
    }

    /// Connects to whom has an address.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](UnixStream::connect).
    ///
    /// # Cancel safety
    ///
    /// That of [`connect`](UnixStream::connect).
    pub async fn connect_addr(socket_addr: &SocketAddr) -> io::Result<UnixStream> {
        match in_run() {
            true => Self::connect_here(&name_of(&socket_addr.clone().into())?).await,
            false => Ok(Self::of_tokio(
                tokio::net::UnixStream::connect_addr(socket_addr).await?,
            )),
        }
    }

    async fn connect_here(name: &UnixName) -> io::Result<UnixStream> {
        Self::connected(Socket::open(|net, host| net.unix_connect(host, name))?).await
    }

    /// Waits until a socket that is connected can be written to, as tokio does.
    pub(super) async fn connected(socket: Socket) -> io::Result<UnixStream> {
        let known = Known::default();
        poll_fn(|cx| flow::poll_ready(&socket, &known, Direction::Write, cx)).await?;
        let inner = Side::Run(socket, known);
        Ok(UnixStream { inner })
    }

    /// Two streams that are connected to each other, without names.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        if in_run() {
            let (one, other) = Socket::open_pair(|net, host| net.unix_pair(host))?;
            return Ok((Self::in_run(one), Self::in_run(other)));
        }
        let (one, other) = tokio::net::UnixStream::pair()?;
        Ok((Self::of_tokio(one), Self::of_tokio(other)))
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(stream) => stream.local_addr(),
            Side::Run(socket, _) => shown(socket.call(|net, id| net.unix_name(id))?),
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
            Side::Run(socket, _) => shown(socket.call(|net, id| net.unix_peer_name(id))?),
        }
    }

    /// Who the process of the other side is. Inside of a run all are this one.
    ///
    /// # Errors
    ///
    /// As the system's; inside of a run if this process cannot be looked at.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        match &self.inner {
            Side::Tokio(stream) => stream.peer_cred().map(UCred::of_tokio),
            Side::Run(..) => UCred::own(),
        }
    }
}

converted!(UnixStream, std::os::unix::net::UnixStream);
waits!(UnixStream);
tells!(UnixStream);
stream!(UnixStream, std::os::unix::net::UnixStream);
