//! `UnixListener`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::task::{Context, Poll, ready};

use deadheat::net::Socket;
use deadheat::net::kernel::UnixName;
use tokio::net::unix::SocketAddr;
use tokio::task::coop::poll_proceed;

use super::name::{bound, name_of, named, shown};
use super::stream::UnixStream;
use crate::sim::budget::in_run;
use crate::sim::net::side::{Side, converted, outside};
use crate::sim::net::waits::tells;

/// How many may wait to be accepted: as many as Linux lets wait where no number is said.
const BACKLOG: usize = 4_096;

/// A Unix socket that connections are accepted on.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::{UnixListener, UnixStream};
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let listener = UnixListener::bind("/run/app.sock").unwrap();
///     tokio::spawn(async move {
///         let (mut stream, _) = listener.accept().await.unwrap();
///         stream.write_all(b"hello").await.unwrap();
///     });
///     let mut stream = UnixStream::connect("/run/app.sock").await.unwrap();
///     let mut text = String::new();
///     stream.read_to_string(&mut text).await.unwrap();
///     assert_eq!(text, "hello");
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct UnixListener {
    pub(in crate::sim::net) inner: Side<tokio::net::UnixListener>,
}

impl UnixListener {
    pub(super) fn in_run(socket: Socket) -> UnixListener {
        let inner = Side::Run(socket, ());
        UnixListener { inner }
    }

    pub(super) fn of_tokio(listener: tokio::net::UnixListener) -> UnixListener {
        let inner = Side::Tokio(listener);
        UnixListener { inner }
    }

    /// Binds to a path, and listens there. What that leaves on the file system says the [module](super).
    ///
    /// # Errors
    ///
    /// As the system's: an address in use, also by the file that a closed socket left.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        match in_run() {
            true => Self::bind_here(&named(path.as_ref())?),
            false => tokio::net::UnixListener::bind(path).map(Self::of_tokio),
        }
    }

    /// Binds to an address, and listens there.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[track_caller]
    pub fn bind_addr(socket_addr: &SocketAddr) -> io::Result<UnixListener> {
        match in_run() {
            true => Self::bind_here(&name_of(&socket_addr.clone().into())?),
            false => tokio::net::UnixListener::bind_addr(socket_addr).map(Self::of_tokio),
        }
    }

    #[track_caller]
    fn bind_here(name: &UnixName) -> io::Result<UnixListener> {
        bound(name, |net, host| net.unix_listen(host, name, BACKLOG)).map(Self::in_run)
    }

    /// Waits for a connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has accepted none.
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Polls for a connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let socket = match &self.inner {
            Side::Tokio(listener) => {
                let accepted = outside(listener).poll_accept(cx);
                return accepted.map_ok(|(stream, from)| (UnixStream::of_tokio(stream), from));
            }
            Side::Run(socket, _) => socket,
        };
        let progress = ready!(poll_proceed(cx));
        let accepted = ready!(socket.poll_accept(cx, |net, id| {
            let id = net.unix_accept(id)?;
            Ok((id, net.unix_peer_name(id)?))
        }));
        progress.made_progress();
        Poll::Ready(accepted.and_then(|(socket, from)| {
            // As tokio has it, which shows the path of a client alone.
            let from = from.filter(|name| matches!(name, UnixName::Path(_)));
            Ok((UnixStream::accepted(socket), shown(from)?))
        }))
    }

    /// The address that it listens on.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(listener) => listener.local_addr(),
            Side::Run(socket, _) => shown(socket.call(|net, id| net.unix_name(id))?),
        }
    }
}

converted!(UnixListener, std::os::unix::net::UnixListener);
tells!(UnixListener);
