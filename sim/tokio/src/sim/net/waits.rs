//! Waiting until a socket is ready, and what is done with it then: the same for streams and for datagrams.

/// What streams and sockets for datagrams have.
macro_rules! waits {
    ($socket:ident) => {
        const _: () = {
            use std::io::{self, ErrorKind};

            use tokio::io::{Interest, Ready};

            use crate::sim::net::flow;
            use crate::sim::net::side::{Side, outside};

            impl $socket {
                /// Waits until it is ready for some of an interest.
                ///
                /// # Errors
                ///
                /// As the system's.
                ///
                /// # Cancel safety
                ///
                /// Dropped, it has taken nothing, and what it would have said holds for the next call.
                pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                    match &self.inner {
                        Side::Tokio(socket) => outside(socket).ready(interest).await,
                        Side::Run(socket, options) => {
                            flow::ready_for(socket, options.known(), interest).await
                        }
                    }
                }

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
                    self.ready(Interest::READABLE).await.map(drop)
                }

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
                    self.ready(Interest::WRITABLE).await.map(drop)
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
                        Side::Tokio(socket) => outside(socket).try_io(interest, f),
                        Side::Run(socket, options) => {
                            flow::try_io(socket, options.known(), interest, f)
                        }
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
                    let socket = match &self.inner {
                        Side::Tokio(socket) => return outside(socket).async_io(interest, f).await,
                        Side::Run(socket, _) => socket,
                    };
                    loop {
                        self.ready(interest).await?;
                        match self.try_io(interest, &mut f) {
                            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                                flow::changed(socket, interest).await?;
                            }
                            result => return result,
                        }
                    }
                }
            }
        };
    };
}
pub(super) use waits;

/// The error that a socket waits to tell.
macro_rules! tells {
    ($socket:ident) => {
        impl $socket {
            /// The error that waits to be told, if there is one. It is told once.
            ///
            /// # Errors
            ///
            /// As the system's.
            pub fn take_error(&self) -> std::io::Result<Option<std::io::Error>> {
                match &self.inner {
                    $crate::sim::net::side::Side::Tokio(socket) => socket.take_error(),
                    $crate::sim::net::side::Side::Run(socket, _) => {
                        socket.call(|net, id| net.take_error(id))
                    }
                }
            }
        }
    };
}
pub(super) use tells;
