//! `tokio::net::tcp`: listeners, streams, their halves, and sockets that are neither yet.

#[cfg(unix)]
mod descriptor;
#[cfg(unix)]
mod given;
mod halves;
mod listener;
mod options;
mod owned;
mod shared;
mod socket;
mod stream;

pub use halves::{ReadHalf, WriteHalf};
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};

pub use listener::TcpListener;
pub use socket::TcpSocket;
pub use stream::TcpStream;
