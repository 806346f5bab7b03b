//! The halves of a stream that own it.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};

use super::stream::TcpStream;

/// The half of a [`TcpStream`] that reads.
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Arc<TcpStream>,
}

/// The half of a [`TcpStream`] that writes. Dropped, it ends the stream in this direction, unless it is forgotten.
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Arc<TcpStream>,
    shuts_down: bool,
}

pub(super) fn split(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    let read = OwnedReadHalf {
        stream: Arc::clone(&stream),
    };
    let write = OwnedWriteHalf {
        stream,
        shuts_down: true,
    };
    (read, write)
}

/// Two halves are not of one stream.
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tried to reunite halves that are not from the same socket")
    }
}

impl Error for ReuniteError {}

fn reunite(read: OwnedReadHalf, mut write: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
    if !Arc::ptr_eq(&read.stream, &write.stream) {
        return Err(ReuniteError(read, write));
    }
    write.shuts_down = false;
    drop(write);
    let stream = Arc::into_inner(read.stream);
    Ok(stream.expect("there are two halves of a stream, and one is gone"))
}

impl OwnedReadHalf {
    fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The stream of two halves.
    ///
    /// # Errors
    ///
    /// If they are of different streams.
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        reunite(self, other)
    }

    /// Polls for bytes that are read and stay there.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn poll_peek(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_peek(cx, buf)
    }

    /// Waits for bytes that are read and stay there.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream().peek(buf).await
    }

    /// Waits until there is something to read.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn readable(&self) -> io::Result<()> {
        self.stream().readable().await
    }

    /// Reads what is there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream().try_read(buf)
    }

    /// Reads what is there into several buffers.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.stream().try_read_vectored(bufs)
    }

    /// Reads what is there into a buffer that may grow.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is; else as the system's.
    #[cfg(feature = "io-util")]
    pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.stream().try_read_buf(buf)
    }

    /// Waits until it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream().ready(interest).await
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream().peer_addr()
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream().local_addr()
    }
}

impl OwnedWriteHalf {
    fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The stream of two halves.
    ///
    /// # Errors
    ///
    /// If they are of different streams.
    pub fn reunite(self, other: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        reunite(other, self)
    }

    /// Drops it, and does not end the stream.
    pub fn forget(mut self) {
        self.shuts_down = false;
    }

    /// Waits until it can be written to.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn writable(&self) -> io::Result<()> {
        self.stream().writable().await
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream().try_write(buf)
    }

    /// Writes as much of several buffers as there is room for.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is none; else as the system's.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream().try_write_vectored(bufs)
    }

    /// Waits until it is ready for some of an interest.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream().ready(interest).await
    }

    /// The address of the other side.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream().peer_addr()
    }

    /// Its address.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream().local_addr()
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.shuts_down {
            // Nobody is there to be told.
            let _ = self.stream.shut_for_writing();
        }
    }
}

impl AsyncRead for OwnedReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read_shared(cx, buf)
    }
}

impl AsyncWrite for OwnedWriteHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_shared(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_shared(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.stream().shut_for_writing();
        if result.is_ok() {
            self.get_mut().shuts_down = false;
        }
        Poll::Ready(result)
    }
}

impl AsRef<TcpStream> for OwnedReadHalf {
    fn as_ref(&self) -> &TcpStream {
        self.stream()
    }
}

impl AsRef<TcpStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &TcpStream {
        self.stream()
    }
}
