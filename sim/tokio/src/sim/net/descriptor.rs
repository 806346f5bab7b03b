//! What hangs on the descriptor of a socket of the system, which one of a run does not have.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use super::side::{NOT_OF_THE_SYSTEM, Side};
use super::tcp::{TcpListener, TcpSocket, TcpStream};
use super::udp::UdpSocket;
use super::unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

/// The descriptor of each of these.
macro_rules! descriptors {
    ($($socket:ty),*) => {$(
        impl AsRawFd for $socket {
            fn as_raw_fd(&self) -> RawFd {
                match &self.inner {
                    Side::Tokio(socket) => socket.as_raw_fd(),
                    Side::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
                }
            }
        }

        impl AsFd for $socket {
            fn as_fd(&self) -> BorrowedFd<'_> {
                match &self.inner {
                    Side::Tokio(socket) => socket.as_fd(),
                    Side::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
                }
            }
        }
    )*};
}

descriptors!(
    TcpListener,
    TcpSocket,
    TcpStream,
    UdpSocket,
    UnixDatagram,
    UnixListener,
    UnixSocket,
    UnixStream
);
