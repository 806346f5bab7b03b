//! `tokio::net`: inside a run the sockets are the run's ([`deadheat::net`]), outside they are tokio's own.
//!
//! A socket stays what it is: used on the other side it panics, or fails with advice where tokio's function can fail.

mod addr;
mod datagrams;
#[cfg(unix)]
mod descriptor;
mod flow;
#[cfg(unix)]
mod given;
mod halves;
mod lookup;
mod options;
mod side;
mod streams;
pub mod tcp;
mod udp;
#[cfg(unix)]
pub mod unix;
mod waits;

pub use addr::ToSocketAddrs;
pub use lookup::lookup_host;
pub use tcp::{TcpListener, TcpSocket, TcpStream};
pub use udp::UdpSocket;
#[cfg(unix)]
pub use unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
