//! The halves of a stream: those that borrow it and those that own it, of TCP and of Unix.

/// The halves of a stream, and how it comes apart and together again.
macro_rules! halves {
    ($stream:ident, $address:ty) => {
        use std::error::Error;
        use std::fmt;
        use std::io::{self, IoSlice};
        use std::pin::Pin;
        use std::sync::Arc;
        use std::task::{Context, Poll};

        use crate::sim::net::halves::{half, half_that_reads, half_that_writes};

        /// The half that reads, and borrows its stream.
        #[derive(Debug)]
        pub struct ReadHalf<'a>(&'a $stream);

        /// The half that writes, and borrows its stream.
        #[derive(Debug)]
        pub struct WriteHalf<'a>(&'a $stream);

        /// The half that reads, and owns its stream.
        #[derive(Debug)]
        pub struct OwnedReadHalf(Arc<$stream>);

        /// The half that writes, and owns its stream. Dropped, it ends the stream in this direction, unless it is forgotten.
        #[derive(Debug)]
        pub struct OwnedWriteHalf {
            stream: Arc<$stream>,
            shuts_down: bool,
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

        impl $stream {
            /// Splits it into two halves that borrow it.
            pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
                (ReadHalf(self), WriteHalf(self))
            }

            /// Splits it into two halves that own it.
            pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
                let stream = Arc::new(self);
                let read = OwnedReadHalf(Arc::clone(&stream));
                let write = OwnedWriteHalf {
                    stream,
                    shuts_down: true,
                };
                (read, write)
            }
        }

        impl ReadHalf<'_> {
            fn stream(&self) -> &$stream {
                self.0
            }
        }

        impl WriteHalf<'_> {
            fn stream(&self) -> &$stream {
                self.0
            }

            /// The stream is borrowed: it is left to it to end.
            fn is_shut(&mut self) {}
        }

        impl OwnedReadHalf {
            fn stream(&self) -> &$stream {
                &self.0
            }

            /// The stream of two halves.
            ///
            /// # Errors
            ///
            /// If they are of different streams.
            pub fn reunite(self, other: OwnedWriteHalf) -> Result<$stream, ReuniteError> {
                if !Arc::ptr_eq(&self.0, &other.stream) {
                    return Err(ReuniteError(self, other));
                }
                other.forget();
                let stream = Arc::into_inner(self.0);
                Ok(stream.expect("there are two halves of a stream, and one is gone"))
            }
        }

        impl OwnedWriteHalf {
            fn stream(&self) -> &$stream {
                &self.stream
            }

            fn is_shut(&mut self) {
                self.shuts_down = false;
            }

            /// The stream of two halves.
            ///
            /// # Errors
            ///
            /// If they are of different streams.
            pub fn reunite(self, other: OwnedReadHalf) -> Result<$stream, ReuniteError> {
                other.reunite(self)
            }

            /// Drops it, and does not end the stream.
            pub fn forget(mut self) {
                self.shuts_down = false;
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

        half!($stream, $address: ReadHalf<'_>, WriteHalf<'_>, OwnedReadHalf, OwnedWriteHalf);
        half_that_reads!(ReadHalf<'_>, OwnedReadHalf);
        half_that_writes!(WriteHalf<'_>, OwnedWriteHalf);
    };
}
pub(super) use halves;

/// What each half has.
macro_rules! half {
    ($stream:ident, $address:ty: $($half:ty),*) => {$(
        impl $half {
            /// Waits until the stream is ready for some of an interest.
            ///
            /// # Errors
            ///
            /// As the system's.
            ///
            /// # Cancel safety
            ///
            /// Dropped, it has taken nothing.
            pub async fn ready(&self, interest: tokio::io::Interest) -> io::Result<tokio::io::Ready> {
                self.stream().ready(interest).await
            }

            /// The address of the other side.
            ///
            /// # Errors
            ///
            /// As the system's.
            pub fn peer_addr(&self) -> io::Result<$address> {
                self.stream().peer_addr()
            }

            /// Its address.
            ///
            /// # Errors
            ///
            /// As the system's.
            pub fn local_addr(&self) -> io::Result<$address> {
                self.stream().local_addr()
            }
        }

        impl AsRef<$stream> for $half {
            fn as_ref(&self) -> &$stream {
                self.stream()
            }
        }
    )*};
}
pub(super) use half;

/// What a half has that reads.
macro_rules! half_that_reads {
    ($($half:ty),*) => {$(
        impl $half {
            /// Waits until there is something to read.
            ///
            /// # Errors
            ///
            /// As the system's.
            ///
            /// # Cancel safety
            ///
            /// Dropped, it has taken nothing.
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
            pub fn try_read_vectored(&self, bufs: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
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
        }

        impl tokio::io::AsyncRead for $half {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut tokio::io::ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                self.stream().poll_read_shared(cx, buf)
            }
        }
    )*};
}
pub(super) use half_that_reads;

/// What a half has that writes.
macro_rules! half_that_writes {
    ($($half:ty),*) => {$(
        impl $half {
            /// Waits until it can be written to.
            ///
            /// # Errors
            ///
            /// As the system's.
            ///
            /// # Cancel safety
            ///
            /// Dropped, it has taken nothing.
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
        }

        impl tokio::io::AsyncWrite for $half {
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
                    self.get_mut().is_shut();
                }
                Poll::Ready(result)
            }
        }
    )*};
}
pub(super) use half_that_writes;
