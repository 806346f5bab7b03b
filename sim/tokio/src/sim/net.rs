//! `tokio::net`: inside a run the sockets are the run's ([`deadheat::net`]), outside they are tokio's own.
//!
//! A socket stays what it is: used on the other side it panics, or fails with advice where tokio's function can fail.
//!
//! # Timing
//!
//! What is written is there at once, and no call takes virtual time, unless the link between two hosts says otherwise
//! ([`deadheat::net::link`]). Each call that waits takes from the task's budget, as tokio's does. A socket is taken for
//! ready as tokio takes it: from when it was until a read finds nothing, or a write no room. What has come is known at
//! once, where tokio asks the system for it first.
//!
//! # Errors
//!
//! Those of Linux, by their kinds and numbers. `tests/parity` makes programs on both sides, and holds that.
//!
//! # Cancel safety
//!
//! As tokio's: a call that is dropped has taken nothing of what it waited for. `read_exact`, `write_all` and their kin may
//! have done a part.

mod addr;
mod datagrams;
#[cfg(unix)]
mod descriptor;
mod flow;
#[cfg(unix)]
mod given;
mod halves;
mod known;
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
