//! Datagrams that are sent to whom a socket is connected, and received: the same for those of UDP and of Unix.

/// What a socket for datagrams has. Its `received` takes one from the kernel of a run.
macro_rules! datagrams {
    ($socket:ident, $address:ty) => {
        const _: () = {
            use std::future::poll_fn;
            use std::io;
            use std::task::{Context, Poll, ready};

            use deadheat::net::Direction;
            use tokio::io::ReadBuf;

            use crate::sim::net::flow;
            use crate::sim::net::side::{Side, outside};

            impl $socket {
                /// Polls for room for a datagram.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).poll_send_ready(cx),
                        Side::Run(socket, _) => flow::poll_write_ready(socket, cx),
                    }
                }

                /// Polls until there is a datagram.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).poll_recv_ready(cx),
                        Side::Run(socket, options) => {
                            flow::poll_read_ready(socket, options.heard(), cx)
                        }
                    }
                }

                /// Sends a datagram to whom it is connected.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has sent nothing.
                pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
                    poll_fn(|cx| self.poll_send(cx, buf)).await
                }

                /// Polls to send a datagram to whom it is connected.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_send(
                    &self,
                    cx: &mut Context<'_>,
                    buf: &[u8],
                ) -> Poll<io::Result<usize>> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).poll_send(cx, buf),
                        Side::Run(socket, _) => flow::poll_write(socket, cx, buf),
                    }
                }

                /// Sends a datagram to whom it is connected, if there is room.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if there is none; else as the system's.
                pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_send(buf),
                        Side::Run(socket, _) => socket.call(|net, id| net.write(id, buf)),
                    }
                }

                /// Waits for a datagram. What of it does not fit is lost.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has taken none.
                pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
                    let mut buf = ReadBuf::new(buf);
                    poll_fn(|cx| self.poll_recv(cx, &mut buf)).await?;
                    Ok(buf.filled().len())
                }

                /// Polls for a datagram.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_recv(
                    &self,
                    cx: &mut Context<'_>,
                    buf: &mut ReadBuf<'_>,
                ) -> Poll<io::Result<()>> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).poll_recv(cx, buf),
                        Side::Run(..) => self.poll_recv_from(cx, buf).map_ok(drop),
                    }
                }

                /// Takes a datagram that is there.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if none is; else as the system's.
                pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_recv(buf),
                        Side::Run(..) => self.try_recv_from(buf).map(|(read, _)| read),
                    }
                }

                /// Waits for a datagram, and says from whom it is. What of it does not fit is lost.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has taken none.
                pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, $address)> {
                    let mut buf = ReadBuf::new(buf);
                    let from = poll_fn(|cx| self.poll_recv_from(cx, &mut buf)).await?;
                    Ok((buf.filled().len(), from))
                }

                /// Polls for a datagram, and says from whom it is.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn poll_recv_from(
                    &self,
                    cx: &mut Context<'_>,
                    buf: &mut ReadBuf<'_>,
                ) -> Poll<io::Result<$address>> {
                    let (socket, heard) = match &self.inner {
                        Side::Tokio(socket) => return outside(socket).poll_recv_from(cx, buf),
                        Side::Run(socket, options) => (socket, options.heard()),
                    };
                    let into = buf.initialize_unfilled();
                    let received = ready!(flow::poll_io(socket, Direction::Read, cx, |net, id| {
                        heard.take(net, id, |net, id| Self::received(net, id, into))
                    }));
                    Poll::Ready(received.map(|(read, from)| {
                        buf.advance(read);
                        from
                    }))
                }

                /// Takes a datagram that is there, and says from whom it is.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if none is; else as the system's.
                pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, $address)> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_recv_from(buf),
                        Side::Run(socket, options) => socket.call(|net, id| {
                            let heard = options.heard();
                            heard.take(net, id, |net, id| Self::received(net, id, buf))
                        }),
                    }
                }
            }

            #[cfg(feature = "io-util")]
            impl $socket {
                /// Takes a datagram that is there into a buffer that may grow.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if none is; else as the system's.
                pub fn try_recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_recv_buf(buf),
                        Side::Run(..) => {
                            let read = flow::into_buf(buf, |into| Ok((self.try_recv(into)?, ())))?;
                            Ok(read.0)
                        }
                    }
                }

                /// Waits for a datagram, into a buffer that may grow.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has taken none.
                pub async fn recv_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
                    loop {
                        self.readable().await?;
                        match self.try_recv_buf(buf) {
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                            result => return result,
                        }
                    }
                }

                /// Takes a datagram that is there into a buffer that may grow, and says from whom it is.
                ///
                /// # Errors
                ///
                /// `WouldBlock` if none is; else as the system's.
                pub fn try_recv_buf_from<B: bytes::BufMut>(
                    &self,
                    buf: &mut B,
                ) -> io::Result<(usize, $address)> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_recv_buf_from(buf),
                        Side::Run(..) => flow::into_buf(buf, |into| self.try_recv_from(into)),
                    }
                }

                /// Waits for a datagram, into a buffer that may grow, and says from whom it is.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has taken none.
                pub async fn recv_buf_from<B: bytes::BufMut>(
                    &self,
                    buf: &mut B,
                ) -> io::Result<(usize, $address)> {
                    loop {
                        self.readable().await?;
                        match self.try_recv_buf_from(buf) {
                            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                            result => return result,
                        }
                    }
                }
            }
        };
    };
}
pub(super) use datagrams;
