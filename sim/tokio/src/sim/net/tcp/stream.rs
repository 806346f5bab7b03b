//! `TcpStream`: tokio's own, or one of a run.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use deadheat::net::{Direction, Socket};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};

use super::halves::{ReadHalf, WriteHalf};
use super::options::Options;
use super::owned::{OwnedReadHalf, OwnedWriteHalf};
use crate::sim::budget::in_run;
use crate::sim::net::addr::{ToSocketAddrs, addresses, no_address};
use crate::sim::net::flow::{self, NOT_OF_THE_SYSTEM, outside};

/// A connection of TCP.
///
/// # Examples
///
/// See [`TcpListener`](super::TcpListener).
#[derive(Debug)]
pub struct TcpStream {
    pub(super) inner: Inner,
}

#[derive(Debug)]
pub(super) enum Inner {
    Tokio(tokio::net::TcpStream),
    Run(Socket, Options),
}

impl TcpStream {
    pub(super) fn in_run(socket: Socket) -> TcpStream {
        TcpStream {
            inner: Inner::Run(socket, Options::default()),
        }
    }

    pub(super) fn of_tokio(stream: tokio::net::TcpStream) -> TcpStream {
        TcpStream {
            inner: Inner::Tokio(stream),
        }
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
        for address in addresses(addr).await? {
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
        poll_fn(|cx| flow::poll_ready(&socket, Direction::Write, cx)).await?;
        socket.call(|net, id| net.connected(id))?;
        Ok(Self::in_run(socket))
    }

    /// Makes a stream of one of the standard library.
    ///
    /// # Errors
    ///
    /// As tokio's; inside of a run always, with advice.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        match in_run() {
            true => Err(io::Error::other(NOT_OF_THE_SYSTEM)),
            false => tokio::net::TcpStream::from_std(stream).map(Self::of_tokio),
        }
    }

    /// Makes a stream of the standard library of it.
    ///
    /// # Errors
    ///
    /// As tokio's; of one of a run always, with advice.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        match self.inner {
            Inner::Tokio(stream) => stream.into_std(),
            Inner::Run(..) => Err(io::Error::other(NOT_OF_THE_SYSTEM)),
        }
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Tokio(stream) => stream.local_addr(),
            Inner::Run(socket, _) => socket.call(|net, id| net.local_addr(id)),
        }
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.inner {
            Inner::Tokio(stream) => stream.peer_addr(),
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
            Inner::Tokio(stream) => stream.take_error(),
            Inner::Run(socket, _) => socket.call(|net, id| net.take_error(id)),
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
            Inner::Tokio(stream) => outside(stream).poll_peek(cx, buf),
            Inner::Run(socket, _) => flow::poll_peek(socket, cx, buf),
        }
    }

    /// Waits for bytes that are read and stay there.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        poll_fn(|cx| self.poll_peek(cx, &mut buf)).await
    }

    /// Waits until it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).ready(interest).await,
            Inner::Run(socket, _) => flow::ready_for(socket, interest).await,
        }
    }

    /// Waits until there is something to read.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until it can be written to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Polls for something to read.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).poll_read_ready(cx),
            Inner::Run(socket, _) => flow::poll_ready(socket, Direction::Read, cx),
        }
    }

    /// Polls for room to write.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).poll_write_ready(cx),
            Inner::Run(socket, _) => flow::poll_ready(socket, Direction::Write, cx),
        }
    }

    /// Reads what is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_read(buf),
            Inner::Run(socket, _) => socket.call(|net, id| net.read(id, buf)),
        }
    }

    /// Reads what is there into several buffers.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_read_vectored(bufs),
            Inner::Run(socket, _) => flow::try_read_vectored(socket, bufs),
        }
    }

    /// Reads what is there into a buffer that may grow.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    #[cfg(feature = "io-util")]
    pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_read_buf(buf),
            Inner::Run(..) => {
                let read = flow::into_buf(buf, |into| Ok((self.try_read(into)?, ())))?;
                Ok(read.0)
            }
        }
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_write(buf),
            Inner::Run(socket, _) => socket.call(|net, id| net.write(id, buf)),
        }
    }

    /// Writes as much of several buffers as there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_write_vectored(bufs),
            Inner::Run(socket, _) => flow::try_write_vectored(socket, bufs),
        }
    }

    /// Calls `f` if it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not; else what `f` fails with.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        match &self.inner {
            Inner::Tokio(stream) => outside(stream).try_io(interest, f),
            Inner::Run(socket, _) => flow::try_io(socket, interest, f),
        }
    }

    /// Calls `f` each time when it is ready for some of an interest, until `f` does not say `WouldBlock`.
    ///
    /// # Errors
    ///
    /// What `f` fails with.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            self.ready(interest).await?;
            match self.try_io(interest, &mut f) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
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
            Inner::Tokio(stream) => stream.linger(),
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
            Inner::Tokio(stream) => stream.set_linger(dur),
            Inner::Run(socket, options) => {
                options.set_linger(dur);
                let aborts = dur == Some(Duration::ZERO);
                socket.call(|net, id| net.set_abort_on_close(id, aborts))
            }
        }
    }

    /// Its close resets the connection.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(stream) => stream.set_zero_linger(),
            Inner::Run(socket, options) => {
                options.set_linger(Some(Duration::ZERO));
                socket.call(|net, id| net.set_abort_on_close(id, true))
            }
        }
    }

    /// Splits it into two halves that borrow it.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        super::halves::split(self)
    }

    /// Splits it into two halves that own it.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        super::owned::split(self)
    }
}

/// An option that is read and set, and has no effect in a run but for that.
macro_rules! options {
    ($($(#[$on:meta])* $read:ident, $set:ident, $of:ty, $what:literal;)*) => {
        impl TcpStream {$(
            #[doc = $what]
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $read(&self) -> io::Result<$of> {
                match &self.inner {
                    Inner::Tokio(stream) => stream.$read(),
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
                    Inner::Tokio(stream) => stream.$set(value),
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
    ttl, set_ttl, u32, "The time to live of its packets.";
    #[cfg(target_os = "linux")] quickack, set_quickack, bool, "Whether it acknowledges at once (`TCP_QUICKACK`).";
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    fn try_from(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    fn as_ref(&self) -> &TcpStream {
        self
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Tokio(stream) => Pin::new(outside(stream)).poll_read(cx, buf),
            Inner::Run(socket, _) => flow::poll_read(socket, cx, buf),
        }
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().inner {
            Inner::Tokio(stream) => Pin::new(outside(stream)).poll_write(cx, buf),
            Inner::Run(socket, _) => flow::poll_write(socket, cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().inner {
            Inner::Tokio(stream) => Pin::new(outside(stream)).poll_write_vectored(cx, bufs),
            Inner::Run(socket, _) => flow::poll_write_vectored(socket, cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Tokio(stream) => Pin::new(outside(stream)).poll_shutdown(cx),
            Inner::Run(socket, _) => Poll::Ready(flow::shut_for_writing(socket)),
        }
    }
}
