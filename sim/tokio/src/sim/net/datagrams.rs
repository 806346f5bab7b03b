//! Datagrams that are sent to whom a socket is connected, and received: the same for those of UDP and of Unix.

/// What a socket for datagrams has. Its `received` takes one from the kernel of a run, and `HEARS_ERRORS` says whether its
/// futures wait for errors, too, as tokio's do for UDP.
macro_rules! datagrams {
    ($socket:ident, $address:ty) => {
        const _: () = {
            use std::future::poll_fn;
            use std::io;
            use std::task::{Context, Poll, ready};

            use deadheat::net::Direction;
            use tokio::io::{Interest, ReadBuf};

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
                        Side::Run(socket, options) => {
                            flow::poll_ready(socket, options.known(), Direction::Write, cx)
                        }
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
                            flow::poll_ready(socket, options.known(), Direction::Read, cx)
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
                        Side::Run(socket, options) => {
                            flow::poll_write(socket, options.known(), cx, buf)
                        }
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
                        Side::Run(socket, options) => flow::try_write(socket, options.known(), buf),
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
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).recv(buf).await,
                        Side::Run(..) => Ok(self.recv_from(buf).await?.0),
                    }
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
                    let (socket, known) = match &self.inner {
                        Side::Tokio(socket) => return outside(socket).recv_from(buf).await,
                        Side::Run(socket, options) => (socket, options.known()),
                    };
                    poll_fn(|cx| {
                        flow::poll_io(socket, Direction::Read, cx, |net, id| {
                            known.take(net, id, Self::HEARS_ERRORS, |net, id| {
                                Self::received(net, id, buf)
                            })
                        })
                    })
                    .await
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
                    let (socket, known) = match &self.inner {
                        Side::Tokio(socket) => return outside(socket).poll_recv_from(cx, buf),
                        Side::Run(socket, options) => (socket, options.known()),
                    };
                    let into = buf.initialize_unfilled();
                    let received = ready!(flow::poll_io(socket, Direction::Read, cx, |net, id| {
                        known.take(net, id, false, |net, id| Self::received(net, id, into))
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
                        Side::Run(..) => self.taken(false, buf),
                    }
                }

                /// Takes a datagram in a run, or an error if those are asked for, too.
                fn taken(&self, errors: bool, buf: &mut [u8]) -> io::Result<(usize, $address)> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).try_recv_from(buf),
                        Side::Run(socket, options) => socket.call(|net, id| {
                            let known = options.known();
                            known.take(net, id, errors, |net, id| Self::received(net, id, buf))
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
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).recv_buf(buf).await,
                        Side::Run(..) => Ok(self.recv_buf_from(buf).await?.0),
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
                    if let Side::Tokio(socket) = &self.inner {
                        return outside(socket).recv_buf_from(buf).await;
                    }
                    let interest = match Self::HEARS_ERRORS {
                        true => Interest::READABLE | Interest::ERROR,
                        false => Interest::READABLE,
                    };
                    loop {
                        self.ready(interest).await?;
                        let errors = Self::HEARS_ERRORS;
                        match flow::into_buf(buf, |into| self.taken(errors, into)) {
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
