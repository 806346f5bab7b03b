//! A socket of the system that is given to a [`TcpSocket`], and what hangs on the descriptor of one.
//!
//! `FromRawFd` has a function that is unsafe to call: with the two modules that ARCHITECTURE.md names, this is all the
//! `unsafe` code outside of `sim/seal`.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd};

use super::socket::{Inner, TcpSocket};
use crate::sim::budget::in_run;
use crate::sim::net::flow::NOT_OF_THE_SYSTEM;

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        match &self.inner {
            Inner::Tokio(socket) => socket.as_raw_fd(),
            Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.inner {
            Inner::Tokio(socket) => socket.as_fd(),
            Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        match self.inner {
            Inner::Tokio(socket) => socket.into_raw_fd(),
            Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
        }
    }
}

/// Some clients make the socket by themselves, set what they like, and give it to tokio to connect it. Inside of a run
/// its place is taken by one of the run, of the same family and bound to the same address; it itself is closed.
impl FromRawFd for TcpSocket {
    #[expect(unsafe_code, reason = "the trait says so")]
    unsafe fn from_raw_fd(fd: RawFd) -> TcpSocket {
        // SAFETY: whoever calls this has said the same of the descriptor.
        let socket = unsafe { tokio::net::TcpSocket::from_raw_fd(fd) };
        match in_run() {
            false => TcpSocket {
                inner: Inner::Tokio(socket),
            },
            true => TcpSocket::in_place_of(&socket),
        }
    }
}
