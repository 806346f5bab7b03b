//! `TcpSocket`: a socket that neither listens nor is connected yet, tokio's own or one of a run.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;

use deadheat::net::Socket;
use deadheat::net::kernel::Family;

use super::listener::TcpListener;
use super::stream::TcpStream;
use crate::sim::budget::in_run;
use crate::sim::net::options::{Options, lingers, options, routed};
use crate::sim::net::side::{Side, outside};
use crate::sim::net::waits::tells;

/// A socket on its way to be a [`TcpListener`] or a [`TcpStream`].
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::net::TcpSocket;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let socket = TcpSocket::new_v4().unwrap();
///     socket.bind("127.0.0.1:80".parse().unwrap()).unwrap();
///     let listener = socket.listen(8).unwrap();
///     assert_eq!(listener.local_addr().unwrap().port(), 80);
/// });
/// run.unwrap();
/// ```
#[derive(Debug)]
pub struct TcpSocket {
    pub(in crate::sim::net) inner: Side<tokio::net::TcpSocket, Options>,
}

impl TcpSocket {
    /// A socket of IPv4.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn new_v4() -> io::Result<TcpSocket> {
        Self::new(Family::V4, tokio::net::TcpSocket::new_v4)
    }

    /// A socket of IPv6.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn new_v6() -> io::Result<TcpSocket> {
        Self::new(Family::V6, tokio::net::TcpSocket::new_v6)
    }

    fn new(
        family: Family,
        of_tokio: fn() -> io::Result<tokio::net::TcpSocket>,
    ) -> io::Result<TcpSocket> {
        let inner = match in_run() {
            false => Side::Tokio(of_tokio()?),
            true => Side::Run(
                Socket::open(|net, host| Ok(net.tcp_socket(host, family)))?,
                Options::default(),
            ),
        };
        Ok(TcpSocket { inner })
    }

    /// Binds it to an address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.bind(addr),
            Side::Run(socket, _) => socket.call(|net, id| net.bind(id, addr)),
        }
    }

    /// Connects it.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn connect(self, addr: SocketAddr) -> io::Result<TcpStream> {
        match self.inner {
            Side::Tokio(socket) => Ok(TcpStream::of_tokio(outside(socket).connect(addr).await?)),
            Side::Run(socket, _) => {
                socket.call(|net, id| net.connect(id, addr))?;
                TcpStream::connected(socket).await
            }
        }
    }

    /// Lets it listen; up to `backlog` connections wait to be accepted.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        match self.inner {
            Side::Tokio(socket) => socket.listen(backlog).map(TcpListener::of_tokio),
            Side::Run(socket, _) => {
                socket.call(|net, id| net.listen(id, backlog as usize))?;
                Ok(TcpListener::in_run(socket))
            }
        }
    }

    /// The address that it is bound to.
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

    /// Whether it may be bound to an address that others have had (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        match &self.inner {
            Side::Tokio(socket) => socket.reuseaddr(),
            Side::Run(_, options) => Ok(options.reuseaddr.load(Relaxed)),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        match &self.inner {
            Side::Tokio(socket) => socket.set_reuseaddr(reuseaddr),
            Side::Run(socket, options) => {
                options.reuseaddr.store(reuseaddr, Relaxed);
                socket.call(|net, id| net.set_reuse_address(id, reuseaddr))
            }
        }
    }

    /// Makes a socket of one of the standard library. Inside of a run it is closed, and one of the run takes its place.
    pub fn from_std_stream(std_stream: std::net::TcpStream) -> TcpSocket {
        let socket = tokio::net::TcpSocket::from_std_stream(std_stream);
        match in_run() {
            false => Self::of_tokio(socket),
            true => Self::in_place_of(&socket),
        }
    }

    pub(in crate::sim::net) fn of_tokio(socket: tokio::net::TcpSocket) -> TcpSocket {
        let inner = Side::Tokio(socket);
        TcpSocket { inner }
    }

    /// One of the run, of the same family and bound to the same address.
    pub(in crate::sim::net) fn in_place_of(socket: &tokio::net::TcpSocket) -> TcpSocket {
        deadheat::net::replaces_socket();
        let bound = socket.local_addr();
        let made = match bound {
            Ok(SocketAddr::V6(_)) => TcpSocket::new_v6(),
            _ => TcpSocket::new_v4(),
        };
        let made = made.expect("a run makes a socket without asking the system");
        if let Ok(address) = bound
            && (address.port() != 0 || !address.ip().is_unspecified())
        {
            // It is bound already: where that fails, connecting says why.
            let _ = made.bind(address);
        }
        made
    }
}

tells!(TcpSocket);
lingers!(TcpSocket);
routed!(TcpSocket);
options! {
    TcpSocket;
    nodelay, set_nodelay, bool, "Whether small packets are sent at once (`TCP_NODELAY`).";
    keepalive, set_keepalive, bool, "Whether it is seen that the other side is there (`SO_KEEPALIVE`).";
    send_buffer_size, set_send_buffer_size, u32, "The size of its buffer for what is sent.";
    recv_buffer_size, set_recv_buffer_size, u32, "The size of its buffer for what is received.";
    #[cfg(target_os = "linux")] reuseport, set_reuseport, bool, "Whether several may listen on its port (`SO_REUSEPORT`).";
    #[cfg(target_os = "linux")] tos_v4, set_tos_v4, u32, "The type of service of its packets.";
    #[cfg(target_os = "linux")] tclass_v6, set_tclass_v6, u32, "The traffic class of its packets.";
}
