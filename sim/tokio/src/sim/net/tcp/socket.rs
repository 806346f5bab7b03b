//! `TcpSocket`: a socket that neither listens nor is connected yet, tokio's own or one of a run.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use deadheat::net::Socket;
use deadheat::net::kernel::Family;

use super::listener::TcpListener;
use super::options::Options;
use super::stream::TcpStream;
use crate::sim::budget::in_run;
use crate::sim::net::flow::outside;

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
    pub(super) inner: Inner,
}

#[derive(Debug)]
pub(super) enum Inner {
    Tokio(tokio::net::TcpSocket),
    Run(Socket, Options),
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
            false => Inner::Tokio(of_tokio()?),
            true => Inner::Run(
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
            Inner::Tokio(socket) => socket.bind(addr),
            Inner::Run(socket, _) => socket.call(|net, id| net.bind(id, addr)),
        }
    }

    /// Connects it.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn connect(self, addr: SocketAddr) -> io::Result<TcpStream> {
        match self.inner {
            Inner::Tokio(socket) => Ok(TcpStream::of_tokio(outside(socket).connect(addr).await?)),
            Inner::Run(socket, _) => {
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
            Inner::Tokio(socket) => socket.listen(backlog).map(TcpListener::of_tokio),
            Inner::Run(socket, _) => {
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
            Inner::Tokio(socket) => socket.local_addr(),
            Inner::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }

    /// The error that waits to be told, if there is one.
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

    /// Whether it may be bound to an address that others have had (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        match &self.inner {
            Inner::Tokio(socket) => socket.reuseaddr(),
            Inner::Run(_, options) => Ok(options.reuseaddr()),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.set_reuseaddr(reuseaddr),
            Inner::Run(socket, options) => {
                options.set_reuseaddr(reuseaddr);
                socket.call(|net, id| net.set_reuse_address(id, reuseaddr))
            }
        }
    }

    /// How long its close waits for what is left to send.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        match &self.inner {
            Inner::Tokio(socket) => socket.linger(),
            Inner::Run(_, options) => Ok(options.linger()),
        }
    }

    /// Sets it. Inside of a run only that of zero has an effect: its close resets the connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[deprecated = "as tokio's: it blocks the thread that closes it"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        match &self.inner {
            #[expect(deprecated, reason = "it is the same function")]
            Inner::Tokio(socket) => socket.set_linger(dur),
            Inner::Run(socket, options) => {
                options.set_linger(dur);
                let aborts = dur == Some(Duration::ZERO);
                socket.call(|net, id| net.set_abort_on_close(id, aborts))
            }
        }
    }

    /// Makes a socket of one of the standard library. Inside of a run it is closed, and one of the run takes its place.
    pub fn from_std_stream(std_stream: std::net::TcpStream) -> TcpSocket {
        let socket = tokio::net::TcpSocket::from_std_stream(std_stream);
        match in_run() {
            false => TcpSocket {
                inner: Inner::Tokio(socket),
            },
            true => Self::in_place_of(&socket),
        }
    }

    /// One of the run, of the same family and bound to the same address.
    pub(super) fn in_place_of(socket: &tokio::net::TcpSocket) -> TcpSocket {
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

    /// Its close resets the connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.set_zero_linger(),
            Inner::Run(socket, options) => {
                options.set_linger(Some(Duration::ZERO));
                socket.call(|net, id| net.set_abort_on_close(id, true))
            }
        }
    }
}

/// An option that is read and set, and has no effect in a run but for that.
macro_rules! options {
    ($($(#[$on:meta])* $read:ident, $set:ident, $of:ty, $what:literal;)*) => {
        impl TcpSocket {$(
            #[doc = $what]
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $read(&self) -> io::Result<$of> {
                match &self.inner {
                    Inner::Tokio(socket) => socket.$read(),
                    Inner::Run(_, options) => Ok(options.$read()),
                }
            }

            /// Sets it. Inside of a run it has no effect but for being asked for.
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $set(&self, value: $of) -> io::Result<()> {
                match &self.inner {
                    Inner::Tokio(socket) => socket.$set(value),
                    Inner::Run(_, options) => {
                        options.$set(value);
                        Ok(())
                    }
                }
            }
        )*}
    };
}

options! {
    nodelay, set_nodelay, bool, "Whether small packets are sent at once (`TCP_NODELAY`).";
    keepalive, set_keepalive, bool, "Whether it is seen that the other side is there (`SO_KEEPALIVE`).";
    send_buffer_size, set_send_buffer_size, u32, "The size of its buffer for what is sent.";
    recv_buffer_size, set_recv_buffer_size, u32, "The size of its buffer for what is received.";
    #[cfg(target_os = "linux")] reuseport, set_reuseport, bool, "Whether several may listen on its port (`SO_REUSEPORT`).";
    #[cfg(target_os = "linux")] tos_v4, set_tos_v4, u32, "The type of service of its packets.";
    #[cfg(target_os = "linux")] tclass_v6, set_tclass_v6, u32, "The traffic class of its packets.";
}
