//! Bytes of a stream, read and written: the same for those of TCP and of Unix.

/// What a stream has. `$of_std` is the standard library's.
macro_rules! stream {
    ($stream:ident, $of_std:ty) => {
        const _: () = {
            use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
            use std::net::Shutdown;
            use std::pin::Pin;
            use std::task::{Context, Poll, ready};

            use deadheat::net::Direction;
            use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

            use crate::sim::net::flow;
            use crate::sim::net::side::{Side, outside};
            use crate::sim::net::streams::another_handle;

            impl $stream {
                /// Polls for something to read.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                    match &self.inner {
                        Side::Tokio(stream) => outside(stream).poll_read_ready(cx),
                        Side::Run(socket, options) => {
                            flow::poll_ready(socket, options.known(), Direction::Read, cx)
                        }
                    }
                }

                /// Polls for room to write.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                    match &self.inner {
                        Side::Tokio(stream) => outside(stream).poll_write_ready(cx),
                        Side::Run(socket, options) => {
                            flow::poll_ready(socket, options.known(), Direction::Write, cx)
                        }
                    }
                }

                /// Reads what is there.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if nothing is; else as the system's.
                pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(stream) => outside(stream).try_read(buf),
                        Side::Run(socket, options) => flow::try_read(socket, options.known(), buf),
                    }
                }

                /// Reads what is there into several buffers.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if nothing is; else as the system's.
                pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(stream) => outside(stream).try_read_vectored(bufs),
                        Side::Run(socket, options) => {
                            flow::try_read_vectored(socket, options.known(), bufs)
                        }
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
                        Side::Tokio(stream) => outside(stream).try_read_buf(buf),
                        Side::Run(..) => {
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
                        Side::Tokio(stream) => outside(stream).try_write(buf),
                        Side::Run(socket, options) => flow::try_write(socket, options.known(), buf),
                    }
                }

                /// Writes as much of several buffers as there is room for.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if there is none; else as the system's.
                pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(stream) => outside(stream).try_write_vectored(bufs),
                        Side::Run(socket, options) => {
                            flow::try_write_vectored(socket, options.known(), bufs)
                        }
                    }
                }

                /// Reads for a half, which shares it with another one.
                pub(in crate::sim::net) fn poll_read_shared(
                    &self,
                    cx: &mut Context<'_>,
                    buf: &mut ReadBuf<'_>,
                ) -> Poll<io::Result<()>> {
                    let stream = match &self.inner {
                        Side::Run(socket, options) => {
                            return flow::poll_read(socket, options.known(), cx, buf);
                        }
                        Side::Tokio(stream) => outside(stream),
                    };
                    loop {
                        ready!(stream.poll_read_ready(cx))?;
                        match stream.try_read(buf.initialize_unfilled()) {
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                            result => return Poll::Ready(result.map(|read| buf.advance(read))),
                        }
                    }
                }

                /// Writes for a half, which shares it with another one.
                pub(in crate::sim::net) fn poll_write_shared(
                    &self,
                    cx: &mut Context<'_>,
                    slices: &[IoSlice<'_>],
                ) -> Poll<io::Result<usize>> {
                    let stream = match &self.inner {
                        Side::Run(socket, options) => {
                            return flow::poll_write_vectored(socket, options.known(), cx, slices);
                        }
                        Side::Tokio(stream) => outside(stream),
                    };
                    loop {
                        ready!(stream.poll_write_ready(cx))?;
                        match stream.try_write_vectored(slices) {
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                            result => return Poll::Ready(result),
                        }
                    }
                }

                /// Ends what it writes. It is no error that it has ended, or that the peer has gone.
                pub(in crate::sim::net) fn shut_for_writing(&self) -> io::Result<()> {
                    let shut = match &self.inner {
                        Side::Run(socket, _) => flow::shutdown(socket, Shutdown::Write),
                        Side::Tokio(stream) => {
                            let handle: $of_std = another_handle(outside(stream))?.into();
                            handle.shutdown(Shutdown::Write)
                        }
                    };
                    match shut {
                        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
                        result => result,
                    }
                }
            }

            impl AsRef<$stream> for $stream {
                fn as_ref(&self) -> &$stream {
                    self
                }
            }

            impl AsyncRead for $stream {
                fn poll_read(
                    self: Pin<&mut Self>,
                    cx: &mut Context<'_>,
                    buf: &mut ReadBuf<'_>,
                ) -> Poll<io::Result<()>> {
                    match &mut self.get_mut().inner {
                        Side::Tokio(stream) => Pin::new(outside(stream)).poll_read(cx, buf),
                        Side::Run(socket, options) => {
                            flow::poll_read(socket, options.known(), cx, buf)
                        }
                    }
                }
            }

            impl AsyncWrite for $stream {
                fn poll_write(
                    self: Pin<&mut Self>,
                    cx: &mut Context<'_>,
                    buf: &[u8],
                ) -> Poll<io::Result<usize>> {
                    match &mut self.get_mut().inner {
                        Side::Tokio(stream) => Pin::new(outside(stream)).poll_write(cx, buf),
                        Side::Run(socket, options) => {
                            flow::poll_write(socket, options.known(), cx, buf)
                        }
                    }
                }

                fn poll_write_vectored(
                    self: Pin<&mut Self>,
                    cx: &mut Context<'_>,
                    bufs: &[IoSlice<'_>],
                ) -> Poll<io::Result<usize>> {
                    match &mut self.get_mut().inner {
                        Side::Tokio(stream) => {
                            Pin::new(outside(stream)).poll_write_vectored(cx, bufs)
                        }
                        Side::Run(socket, options) => {
                            flow::poll_write_vectored(socket, options.known(), cx, bufs)
                        }
                    }
                }

                fn is_write_vectored(&self) -> bool {
                    true
                }

                fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                    Poll::Ready(Ok(()))
                }

                fn poll_shutdown(
                    self: Pin<&mut Self>,
                    cx: &mut Context<'_>,
                ) -> Poll<io::Result<()>> {
                    let stream = self.get_mut();
                    match &mut stream.inner {
                        Side::Tokio(stream) => Pin::new(outside(stream)).poll_shutdown(cx),
                        Side::Run(..) => Poll::Ready(stream.shut_for_writing()),
                    }
                }
            }
        };
    };
}
pub(super) use stream;

/// Another handle of the same socket.
#[cfg(unix)]
pub(super) fn another_handle(
    stream: &impl std::os::fd::AsFd,
) -> std::io::Result<std::os::fd::OwnedFd> {
    stream.as_fd().try_clone_to_owned()
}

/// Another handle of the same socket.
#[cfg(windows)]
pub(super) fn another_handle(
    stream: &impl std::os::windows::io::AsSocket,
) -> std::io::Result<std::os::windows::io::OwnedSocket> {
    stream.as_socket().try_clone_to_owned()
}
