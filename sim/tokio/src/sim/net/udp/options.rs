//! What is set on a socket of UDP. In a run it has no effect but for being asked for, and what would need one is an error.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use super::{Inner, UdpSocket};

/// The time to live that Linux gives a packet, and one to many.
const TTL: u32 = 64;
const TTL_OF_MANY: u32 = 1;

#[derive(Debug)]
pub(super) struct Options {
    broadcast: AtomicBool,
    multicast_loop_v4: AtomicBool,
    multicast_loop_v6: AtomicBool,
    multicast_ttl_v4: AtomicU32,
    ttl: AtomicU32,
    tos_v4: AtomicU32,
    tclass_v6: AtomicU32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            broadcast: AtomicBool::new(false),
            multicast_loop_v4: AtomicBool::new(true),
            multicast_loop_v6: AtomicBool::new(true),
            multicast_ttl_v4: AtomicU32::new(TTL_OF_MANY),
            ttl: AtomicU32::new(TTL),
            tos_v4: AtomicU32::new(0),
            tclass_v6: AtomicU32::new(0),
        }
    }
}

/// An option that is read and set.
macro_rules! options {
    ($($(#[$on:meta])* $read:ident, $set:ident, $of:ty, $what:literal;)*) => {
        impl UdpSocket {$(
            #[doc = $what]
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $read(&self) -> io::Result<$of> {
                match &self.inner {
                    Inner::Tokio(socket) => socket.$read(),
                    Inner::Run(_, options) => Ok(options.$read.load(Relaxed)),
                }
            }

            /// Sets it. Inside of a run it has no effect but for being asked for.
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $set(&self, value: $of) -> io::Result<()> {
                match &self.inner {
                    Inner::Tokio(socket) => socket.$set(value),
                    Inner::Run(_, options) => {
                        options.$read.store(value, Relaxed);
                        Ok(())
                    }
                }
            }
        )*}
    };
}

options! {
    broadcast, set_broadcast, bool, "Whether it may send to all (`SO_BROADCAST`).";
    multicast_loop_v4, set_multicast_loop_v4, bool, "Whether what it sends to many comes back.";
    multicast_loop_v6, set_multicast_loop_v6, bool, "Whether what it sends to many comes back.";
    multicast_ttl_v4, set_multicast_ttl_v4, u32, "The time to live of what it sends to many.";
    ttl, set_ttl, u32, "The time to live of its packets.";
    #[cfg(target_os = "linux")] tos_v4, set_tos_v4, u32, "The type of service of its packets.";
    #[cfg(target_os = "linux")] tclass_v6, set_tclass_v6, u32, "The traffic class of its packets.";
}

fn not_here<T>(what: &str) -> io::Result<T> {
    Err(io::Error::new(
        ErrorKind::Unsupported,
        format!("a deadheat run has no {what}"),
    ))
}

impl UdpSocket {
    /// Joins a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn join_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.join_multicast_v4(multiaddr, interface),
            Inner::Run(..) => not_here("multicast"),
        }
    }

    /// Joins a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.join_multicast_v6(multiaddr, interface),
            Inner::Run(..) => not_here("multicast"),
        }
    }

    /// Leaves a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn leave_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.leave_multicast_v4(multiaddr, interface),
            Inner::Run(..) => not_here("multicast"),
        }
    }

    /// Leaves a group. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.leave_multicast_v6(multiaddr, interface),
            Inner::Run(..) => not_here("multicast"),
        }
    }

    /// The device that it is bound to. Inside of a run there is none.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[cfg(target_os = "linux")]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        match &self.inner {
            Inner::Tokio(socket) => socket.device(),
            Inner::Run(..) => Ok(None),
        }
    }

    /// Binds it to a device. Inside of a run there are none.
    ///
    /// # Errors
    ///
    /// As the system's.
    #[cfg(target_os = "linux")]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        match &self.inner {
            Inner::Tokio(socket) => socket.bind_device(interface),
            Inner::Run(..) => not_here("devices"),
        }
    }
}

#[cfg(unix)]
mod descriptor {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    use super::{Inner, UdpSocket};
    use crate::sim::net::flow::NOT_OF_THE_SYSTEM;

    impl AsRawFd for UdpSocket {
        fn as_raw_fd(&self) -> RawFd {
            match &self.inner {
                Inner::Tokio(socket) => socket.as_raw_fd(),
                Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
            }
        }
    }

    impl AsFd for UdpSocket {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match &self.inner {
                Inner::Tokio(socket) => socket.as_fd(),
                Inner::Run(..) => panic!("{NOT_OF_THE_SYSTEM}"),
            }
        }
    }
}
