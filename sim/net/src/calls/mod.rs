//! What a program asks of its sockets. No call waits: where one would have to, it fails with
//! [`WouldBlock`](std::io::ErrorKind::WouldBlock).

mod addresses;
mod bytes;
mod close;
mod tcp;
mod udp;
mod unix_datagram;
mod unix_fresh;
mod unix_stream;
