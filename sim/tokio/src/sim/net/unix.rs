//! `tokio::net::unix`: listeners, streams, their halves, datagrams, and sockets that are neither yet.
//!
//! # Names and files
//!
//! Inside of a run the path that a socket is bound to is a name of its host, and no file: it is there for this run
//! alone, and in no other one that is made at the same time. As on Linux it stays when its socket is closed, and nobody
//! binds to it again until it is removed. [`fs::remove_file`](crate::fs::remove_file) removes it. Nothing else in `fs`
//! sees it, and `std::fs` does not either: to look whether it exists says no. A path is taken as it is written, its folder need not
//! exist, and what else has that path on the real file system is not looked at. A name that begins with a zero byte is
//! abstract, as on Linux, and goes with its socket.
//!
//! # Timing
//!
//! Nothing lies between two Unix sockets: what is written is there at once, a connect takes no time, and no link of
//! [`deadheat::net::link`] has a part in it. Each call that waits is one turn of its task.
//!
//! # Examples
//!
//! ```
//! use deadheat_tokio as tokio;
//! use tokio::net::UnixListener;
//!
//! let run = deadheat::run(&deadheat::Config::new(), || async {
//!     drop(UnixListener::bind("/run/app.sock").unwrap());
//!     assert!(UnixListener::bind("/run/app.sock").is_err(), "its file is there");
//!     tokio::fs::remove_file("/run/app.sock").await.unwrap();
//!     UnixListener::bind("/run/app.sock").unwrap();
//! });
//! run.unwrap();
//! ```

mod datagram;
mod halves;
mod listener;
mod name;
pub mod pipe;
mod socket;
mod stream;
mod ucred;

pub use datagram::UnixDatagram;
pub use halves::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use listener::UnixListener;
pub use socket::UnixSocket;
pub use stream::UnixStream;
pub use tokio::net::unix::{SocketAddr, gid_t, pid_t, uid_t};
pub use ucred::UCred;

#[cfg(feature = "fs")]
pub(crate) use name::removed;
