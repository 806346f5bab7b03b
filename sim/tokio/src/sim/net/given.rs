//! A socket of the system that is given to one that is neither bound nor connected yet.
//!
//! `FromRawFd` has a function that is unsafe to call: with the two modules that ARCHITECTURE.md names, this is all the
//! `unsafe` code outside of `sim/seal`.

use std::os::fd::{FromRawFd, IntoRawFd, RawFd};

use super::side::{NOT_OF_THE_SYSTEM, Side};
use super::tcp::TcpSocket;
use super::unix::UnixSocket;
use crate::sim::budget::in_run;

/// Some clients make the socket by themselves, set what they like, and give it to tokio to connect it.
macro_rules! given {
    ($($(#[$says:meta])* $socket:ident;)*) => {$(
        impl IntoRawFd for $socket {
            fn into_raw_fd(self) -> RawFd {
                match self.inner {
                    Side::Tokio(socket) => socket.into_raw_fd(),
                    Side::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
                }
            }
        }

        $(#[$says])*
        impl FromRawFd for $socket {
            #[expect(unsafe_code, reason = "the trait says so")]
            unsafe fn from_raw_fd(fd: RawFd) -> $socket {
                // SAFETY: whoever calls this has said the same of the descriptor.
                let socket = unsafe { tokio::net::$socket::from_raw_fd(fd) };
                match in_run() {
                    false => $socket::of_tokio(socket),
                    true => $socket::in_place_of(&socket),
                }
            }
        }
    )*};
}

given! {
    /// Inside of a run its place is taken by one of the run, of the same family and bound to the same address; it itself
    /// is closed.
    TcpSocket;
    /// Inside of a run it is refused.
    UnixSocket;
}
