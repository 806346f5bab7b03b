//! On which side of a run a socket is: tokio's own outside of runs, one of a run inside.

use deadheat::net::Socket;

/// A socket, with what is set on it where it is of a run.
#[derive(Debug)]
pub(super) enum Side<T, O = ()> {
    Tokio(T),
    Run(Socket, O),
}

/// What is said to a socket that was made outside of a run and is used inside of one.
pub(super) const MADE_OUTSIDE: &str = "a socket of tokio::net that was made outside of a deadheat run was used inside of \
     one, where the network is another: make it inside the run";

/// What is said where a socket of the system would be needed.
pub(super) const NOT_OF_THE_SYSTEM: &str = "a socket of a deadheat run is none of the system: it cannot be made of one of \
     std, nor be turned into one; bind and connect it by tokio::net";

/// tokio's own socket, outside of a run.
#[track_caller]
pub(super) fn outside<T>(of_tokio: T) -> T {
    assert!(!crate::sim::budget::in_run(), "{MADE_OUTSIDE}");
    of_tokio
}

/// How a socket comes from the standard library's, and becomes one.
macro_rules! converted {
    ($socket:ident, $of_std:ty) => {
        const _: () = {
            use std::io;

            use crate::sim::budget::in_run;
            use crate::sim::net::side::{NOT_OF_THE_SYSTEM, Side};

            impl $socket {
                /// Makes it of one of the standard library, which must not block.
                ///
                /// # Errors
                ///
                /// As tokio's; inside of a run always, with advice.
                pub fn from_std(of_std: $of_std) -> io::Result<$socket> {
                    if in_run() {
                        return Err(io::Error::other(NOT_OF_THE_SYSTEM));
                    }
                    tokio::net::$socket::from_std(of_std).map($socket::of_tokio)
                }

                /// Makes one of the standard library of it.
                ///
                /// # Errors
                ///
                /// As tokio's; of one of a run always, with advice.
                pub fn into_std(self) -> io::Result<$of_std> {
                    match self.inner {
                        Side::Tokio(socket) => socket.into_std(),
                        Side::Run(..) => Err(io::Error::other(NOT_OF_THE_SYSTEM)),
                    }
                }
            }

            impl TryFrom<$of_std> for $socket {
                type Error = io::Error;

                fn try_from(of_std: $of_std) -> io::Result<$socket> {
                    $socket::from_std(of_std)
                }
            }
        };
    };
}
pub(super) use converted;
