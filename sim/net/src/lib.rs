//! The sockets of a simulated network: TCP, UDP and Unix sockets as Linux has them, on as many hosts as one likes, without
//! a clock, without chance and without input or output.
//!
//! Somebody else drives it. A call on a socket changes what is there, and what it sends becomes a [`Packet`] in an outbox.
//! The driver takes it out ([`Net::next_packet`]) and decides: [`Net::deliver`] it at once or later, twice, before another
//! one, in two parts ([`Packet::split_off`]), or not at all. Packets of loopback go the same way as all others. Whoever may
//! find more than before is among the woken ([`Net::next_woken`]). No call waits: it fails with `WouldBlock`.
//!
//! | what is to happen | what the driver does |
//! |---|---|
//! | a link takes time | delivers its packets later |
//! | a link is cut, in both directions or in one | keeps its packets until it is healed, or drops them if it never is |
//! | a connect hangs | drops what asks for it ([`Kind::Connect`]) |
//! | a connect is refused, a stream is reset | [`Net::refuse`] |
//! | a connect or a stream times out | [`Net::fail`] |
//! | a message is cut or reset in its middle, a read is short | [`Packet::split_off`] |
//! | a datagram is lost, comes twice or too early | drops it, delivers a clone, delivers it first |
//! | as many wait to be accepted as may | delivers it again later, as systems do ([`Delivery::Full`]) |
//! | a host crashes | [`Net::crash`], and [`Net::start`] |
//!
//! # Invariants
//!
//! 1. What a network does depends on the calls and on their order, and on nothing else.
//! 2. The id of a socket is never given again. So a packet of an old connection never meets a new one.
//! 3. Bytes of TCP are read in the order in which they were written, each once, however packets come. What was lost is a
//!    gap: nothing behind it is read.
//! 4. Nobody is sent more than there is room for, and a writer without room is held back. A queue is as long as its
//!    socket lets it be.
//! 5. A reader that has read everything has told its writer of at least half of its room.
//! 6. Nothing lies between two Unix sockets: what is written is there. They send no packets.
//! 7. What was closed is gone from every table, as soon as nothing of it is left to send.
//! 8. An error is told once, after what had come before it.
//!
//! # What is not here, on purpose
//!
//! - Retransmission, and acknowledgements. A packet of TCP that is dropped is lost for good: who cuts a link for a while
//!   keeps its packets. A connect is repeated by delivering its packet again.
//! - Windows and congestion beyond the size of buffers, and buffers that grow. A segment is as long as its write.
//! - Waiting after a close (`TIME_WAIT`), so a port is free at once. Keep-alives and time to linger: they need a clock.
//! - The reset that a lost end of a connection would meet: a stream that was closed in order is forgotten by who closed it.
//! - A reset that comes before bytes which were sent first goes before them.
//! - A socket whose connect failed connects no second time. Two that connect to each other at once do not meet.
//! - Broadcast and multicast, urgent data, `SO_REUSEPORT`, `SO_REUSEADDR` and `IPV6_V6ONLY` for UDP, descriptors and credentials over Unix
//!   sockets. Folders: every name of a Unix socket can be had.
//!
//! That it is as Linux has it is tested by programs that run on the loopback of a machine and on the kernel
//! (`sim/net/tests/parity/main.rs`). Sources: RFC 9293 for what is sent, and the answers of Linux 6 for what a call says.
//!
//! # Examples
//!
//! A driver of its own clock, on which each packet takes five milliseconds:
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use deadheat_net::{Kind, Net};
//!
//! let mut net = Net::new();
//! let (web, db) = (net.host("web"), net.host("db"));
//! let listener = net.tcp_listen(db, "0.0.0.0:5432".parse()?, 128)?;
//! let [address, _] = net.lookup("db").expect("a host");
//! let client = net.tcp_connect(web, (address, 5432).into())?;
//!
//! let (mut now, mut on_its_way) = (0, VecDeque::new());
//! loop {
//!     while let Some(packet) = net.next_packet() {
//!         on_its_way.push_back((now + 5, packet));
//!     }
//!     let Some((at, packet)) = on_its_way.pop_front() else { break };
//!     now = at;
//!     net.deliver(packet);
//!     while let Some(socket) = net.next_woken() {
//!         // Here the driver would wake the task that waits for the socket.
//!         assert!(net.readiness(socket)?.readable || socket == client);
//!     }
//! }
//! assert_eq!(now, 15);
//! net.connected(client)?;
//! assert_eq!(net.tcp_accept(listener)?.1.ip().to_string(), "10.0.0.1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod calls;
mod did;
mod drive;
mod error;
mod id;
mod net;
mod packet;
mod readiness;
mod sizes;
mod socket;
mod state;
mod tcp;

pub use did::Did;
pub use drive::{Crash, Delivery, Failure};
pub use id::{HostId, SocketId};
pub use net::{Counts, Net};
pub use packet::{Kind, Packet};
pub use readiness::Readiness;
pub use sizes::Sizes;
pub use socket::Family;
pub use state::unix::UnixName;
