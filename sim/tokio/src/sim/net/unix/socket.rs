//! `UnixSocket`: a Unix socket that neither listens nor is connected yet, tokio's own or one of a run.

use std::io;
use std::path::Path;

use deadheat::net::Socket;

use super::datagram::UnixDatagram;
use super::listener::UnixListener;
use super::name::{named, with_advice};
use super::stream::UnixStream;
use crate::sim::budget::in_run;
use crate::sim::net::side::{NOT_OF_THE_SYSTEM, Side, outside};

/// A socket on its way to be a [`UnixListener`], a [`UnixStream`] or a [`UnixDatagram`].
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::net::UnixSocket;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let socket = UnixSocket::new_stream().unwrap();
///     socket.bind("/run/app.sock").unwrap();
///     let listener = socket.listen(8).unwrap();
///     let client = UnixSocket::new_stream().unwrap();
///     client.bind("/run/me.sock").unwrap();
///     let _stream = client.connect("/run/app.sock").await.unwrap();
///     let (_, from) = listener.accept().await.unwrap();
///     assert_eq!(from.as_pathname(), Some("/run/me.sock".as_ref()));
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct UnixSocket {
    pub(in crate::sim::net) inner: Side<tokio::net::UnixSocket, Kind>,
}

/// What a socket of a run may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim::net) enum Kind {
    Stream,
    Datagram,
}

impl UnixSocket {
    pub(in crate::sim::net) fn of_tokio(socket: tokio::net::UnixSocket) -> UnixSocket {
        let inner = Side::Tokio(socket);
        UnixSocket { inner }
    }

    /// What it is to become is not seen from a socket of the system.
    pub(in crate::sim::net) fn in_place_of(_: &tokio::net::UnixSocket) -> UnixSocket {
        panic!("{NOT_OF_THE_SYSTEM}")
    }

    /// One for datagrams.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        if !in_run() {
            return tokio::net::UnixSocket::new_datagram().map(Self::of_tokio);
        }
        let socket = Socket::open(|net, host| net.unix_datagram(host, None))?;
        let inner = Side::Run(socket, Kind::Datagram);
        Ok(UnixSocket { inner })
    }

    /// One for a connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn new_stream() -> io::Result<UnixSocket> {
        if !in_run() {
            return tokio::net::UnixSocket::new_stream().map(Self::of_tokio);
        }
        let socket = Socket::open(|net, host| Ok(net.unix_socket(host)))?;
        let inner = Side::Run(socket, Kind::Stream);
        Ok(UnixSocket { inner })
    }

    /// Binds it to a path. What that leaves on the file system says the [module](super).
    ///
    /// # Errors
    ///
    /// As the system's: an address in use, or a socket that is bound.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.bind(path),
            Side::Run(socket, _) => {
                let name = named(path.as_ref())?;
                let bound = socket.call(|net, id| net.unix_bind(id, &name));
                bound.map_err(|error| with_advice(&name, error))
            }
        }
    }

    /// Lets it listen; one more than `backlog` connections wait to be accepted.
    ///
    /// # Errors
    ///
    /// As the system's: it has to be bound. As tokio's, if it is for datagrams.
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        match self.inner {
            Side::Tokio(socket) => socket.listen(backlog).map(UnixListener::of_tokio),
            Side::Run(_, Kind::Datagram) => Err(io::Error::other(
                "listen cannot be called on a datagram socket",
            )),
            Side::Run(socket, Kind::Stream) => {
                socket.call(|net, id| net.unix_listen_on(id, backlog as usize))?;
                Ok(UnixListener::in_run(socket))
            }
        }
    }

    /// Connects it to whom a path leads.
    ///
    /// # Errors
    ///
    /// Those of [`UnixStream::connect`]. As tokio's, if it is for datagrams.
    ///
    /// # Cancel safety
    ///
    /// That of [`UnixStream::connect`].
    pub async fn connect(self, path: impl AsRef<Path>) -> io::Result<UnixStream> {
        match self.inner {
            Side::Tokio(socket) => Ok(UnixStream::of_tokio(outside(socket).connect(path).await?)),
            Side::Run(_, Kind::Datagram) => Err(io::Error::other(
                "connect cannot be called on a datagram socket",
            )),
            Side::Run(socket, Kind::Stream) => {
                let name = named(path.as_ref())?;
                socket.call(|net, id| net.unix_connect_from(id, &name))?;
                UnixStream::connected(socket).await
            }
        }
    }

    /// Makes a socket for datagrams of it.
    ///
    /// # Errors
    ///
    /// As tokio's, if it is for a connection.
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        match self.inner {
            Side::Tokio(socket) => socket.datagram().map(UnixDatagram::of_tokio),
            Side::Run(socket, Kind::Datagram) => Ok(UnixDatagram::in_run(socket)),
            Side::Run(_, Kind::Stream) => Err(io::Error::other(
                "datagram cannot be called on a stream socket",
            )),
        }
    }
}
