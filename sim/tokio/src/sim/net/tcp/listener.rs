//! `TcpListener`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use deadheat::net::Socket;
use tokio::task::coop::poll_proceed;

use super::stream::TcpStream;
use crate::sim::budget::in_run;
use crate::sim::net::addr::{ToSocketAddrs, addresses, no_address};
use crate::sim::net::options::{Options, options};
use crate::sim::net::side::{Side, converted, outside};

/// How many may wait to be accepted, as tokio says it to the system.
const BACKLOG: usize = 1_024;

/// A socket that connections are accepted on.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::{TcpListener, TcpStream};
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
///     let address = listener.local_addr().unwrap();
///     tokio::spawn(async move {
///         let (mut stream, _) = listener.accept().await.unwrap();
///         stream.write_all(b"hello").await.unwrap();
///     });
///     let mut stream = TcpStream::connect(address).await.unwrap();
///     let mut text = String::new();
///     stream.read_to_string(&mut text).await.unwrap();
///     assert_eq!(text, "hello");
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct TcpListener {
    pub(in crate::sim::net) inner: Side<tokio::net::TcpListener, Options>,
}

impl TcpListener {
    pub(super) fn in_run(socket: Socket) -> TcpListener {
        let inner = Side::Run(socket, Options::default());
        TcpListener { inner }
    }

    pub(super) fn of_tokio(listener: tokio::net::TcpListener) -> TcpListener {
        let inner = Side::Tokio(listener);
        TcpListener { inner }
    }

    /// Binds to the first of the addresses that can be bound to, and listens there.
    ///
    /// # Errors
    ///
    /// As the system's: an address in use, or that is none of this host.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<TcpListener> {
        if !in_run() {
            return Ok(Self::of_tokio(tokio::net::TcpListener::bind(addr).await?));
        }
        let mut last = None;
        for address in addresses(addr, "listens on").await? {
            match Socket::open(|net, host| net.tcp_listen(host, address, BACKLOG)) {
                Ok(socket) => return Ok(Self::in_run(socket)),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(no_address))
    }

    /// Waits for a connection.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has accepted none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// Polls for a connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        match &self.inner {
            Side::Tokio(listener) => outside(listener)
                .poll_accept(cx)
                .map_ok(|(stream, from)| (TcpStream::of_tokio(stream), from)),
            Side::Run(socket, _) => {
                let progress = ready!(poll_proceed(cx));
                let accepted = ready!(socket.poll_accept(cx, |net, id| net.tcp_accept(id)));
                progress.made_progress();
                Poll::Ready(accepted.map(|(socket, from)| (TcpStream::accepted(socket), from)))
            }
        }
    }

    /// The address that it listens on.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Side::Tokio(listener) => listener.local_addr(),
            Side::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }
}

converted!(TcpListener, std::net::TcpListener);
options! {
    TcpListener;
    ttl, set_ttl, u32, "The time to live of its packets.";
}
