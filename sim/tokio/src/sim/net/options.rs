//! What is set on a socket of a run and has no effect there, but for being asked for.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::known::Known;

/// The time to live that Linux gives a packet, and one to many.
const TTL: u32 = 64;
const TTL_OF_MANY: u32 = 1;

/// The sizes of buffers that Linux begins with.
const SEND_BUFFER: u32 = 16 << 10;
const RECEIVE_BUFFER: u32 = 128 << 10;

/// Not to linger.
const NONE: u64 = u64::MAX;

/// The options of a socket of TCP or UDP: none has all of them.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) nodelay: AtomicBool,
    pub(super) keepalive: AtomicBool,
    pub(super) quickack: AtomicBool,
    pub(super) reuseaddr: AtomicBool,
    pub(super) reuseport: AtomicBool,
    pub(super) broadcast: AtomicBool,
    pub(super) multicast_loop_v4: AtomicBool,
    pub(super) multicast_loop_v6: AtomicBool,
    pub(super) multicast_ttl_v4: AtomicU32,
    pub(super) ttl: AtomicU32,
    pub(super) tos_v4: AtomicU32,
    pub(super) tclass_v6: AtomicU32,
    pub(super) send_buffer_size: AtomicU32,
    pub(super) recv_buffer_size: AtomicU32,
    known: Known,
    /// In seconds, as the system takes it.
    linger: AtomicU64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            nodelay: AtomicBool::new(false),
            keepalive: AtomicBool::new(false),
            quickack: AtomicBool::new(true),
            reuseaddr: AtomicBool::new(false),
            reuseport: AtomicBool::new(false),
            broadcast: AtomicBool::new(false),
            multicast_loop_v4: AtomicBool::new(true),
            multicast_loop_v6: AtomicBool::new(true),
            multicast_ttl_v4: AtomicU32::new(TTL_OF_MANY),
            ttl: AtomicU32::new(TTL),
            tos_v4: AtomicU32::new(0),
            tclass_v6: AtomicU32::new(0),
            send_buffer_size: AtomicU32::new(SEND_BUFFER),
            recv_buffer_size: AtomicU32::new(RECEIVE_BUFFER),
            known: Known::default(),
            linger: AtomicU64::new(NONE),
        }
    }
}

impl Options {
    /// Those of a stream that was accepted.
    pub(super) fn of_accepted() -> Options {
        Options {
            known: Known::assumed(),
            ..Options::default()
        }
    }

    /// Whether the socket is taken for readable.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    pub(super) fn linger(&self) -> Option<Duration> {
        match self.linger.load(Relaxed) {
            NONE => None,
            seconds => Some(Duration::from_secs(seconds)),
        }
    }

    pub(super) fn set_linger(&self, linger: Option<Duration>) {
        let seconds = linger.map_or(NONE, |linger| linger.as_secs());
        self.linger.store(seconds, Relaxed);
    }
}

/// What a run does not have.
pub(super) fn not_here<T>(what: &str) -> io::Result<T> {
    Err(io::Error::new(
        ErrorKind::Unsupported,
        format!("a deadheat run has no {what}"),
    ))
}

/// Options that are read and set.
macro_rules! options {
    ($socket:ident; $($(#[$on:meta])* $read:ident, $set:ident, $of:ty, $what:literal;)*) => {
        impl $socket {$(
            #[doc = $what]
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $read(&self) -> std::io::Result<$of> {
                match &self.inner {
                    $crate::sim::net::side::Side::Tokio(socket) => socket.$read(),
                    $crate::sim::net::side::Side::Run(_, options) => {
                        Ok(options.$read.load(std::sync::atomic::Ordering::Relaxed))
                    }
                }
            }

            /// Sets it. Inside of a run it has no effect but for being asked for.
            ///
            /// # Errors
            ///
            /// As the system's.
            $(#[$on])*
            pub fn $set(&self, value: $of) -> std::io::Result<()> {
                match &self.inner {
                    $crate::sim::net::side::Side::Tokio(socket) => socket.$set(value),
                    $crate::sim::net::side::Side::Run(_, options) => {
                        options.$read.store(value, std::sync::atomic::Ordering::Relaxed);
                        Ok(())
                    }
                }
            }
        )*}
    };
}
pub(super) use options;

/// How long the close of a connection waits.
macro_rules! lingers {
    ($socket:ident) => {
        const _: () = {
            use std::io;
            use std::time::Duration;

            use crate::sim::net::side::Side;

            impl $socket {
                /// How long its close waits for what is left to send.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn linger(&self) -> io::Result<Option<Duration>> {
                    match &self.inner {
                        Side::Tokio(socket) => socket.linger(),
                        Side::Run(_, options) => Ok(options.linger()),
                    }
                }

                /// Sets it. Inside of a run only that of zero has an effect: its close resets the connection.
                ///
                /// # Errors
                ///
                /// As the system's.
                #[deprecated = "as tokio's: it blocks the thread that closes it"]
                pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
                    match &self.inner {
                        #[expect(deprecated, reason = "it is the same function")]
                        Side::Tokio(socket) => socket.set_linger(dur),
                        Side::Run(socket, options) => {
                            options.set_linger(dur);
                            let aborts = dur == Some(Duration::ZERO);
                            socket.call(|net, id| net.set_abort_on_close(id, aborts))
                        }
                    }
                }

                /// Its close resets the connection.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn set_zero_linger(&self) -> io::Result<()> {
                    match &self.inner {
                        Side::Tokio(socket) => socket.set_zero_linger(),
                        Side::Run(socket, options) => {
                            options.set_linger(Some(Duration::ZERO));
                            socket.call(|net, id| net.set_abort_on_close(id, true))
                        }
                    }
                }
            }
        };
    };
}
pub(super) use lingers;

/// The type of service by its older names, and the device that a socket is bound to.
macro_rules! routed {
    ($socket:ident) => {
        const _: () = {
            use std::io;

            use crate::sim::net::options::not_here;
            use crate::sim::net::side::Side;

            #[cfg(target_os = "linux")]
            impl $socket {
                /// The type of service of its packets.
                ///
                /// # Errors
                ///
                /// As the system's.
                #[deprecated = "as tokio's: it is `tos_v4` now"]
                pub fn tos(&self) -> io::Result<u32> {
                    self.tos_v4()
                }

                /// Sets it. Inside of a run it has no effect but for being asked for.
                ///
                /// # Errors
                ///
                /// As the system's.
                #[deprecated = "as tokio's: it is `set_tos_v4` now"]
                pub fn set_tos(&self, tos: u32) -> io::Result<()> {
                    self.set_tos_v4(tos)
                }

                /// The device that it is bound to. Inside of a run there is none.
                ///
                /// # Errors
                ///
                /// As the system's.
                pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
                    match &self.inner {
                        Side::Tokio(socket) => socket.device(),
                        Side::Run(..) => Ok(None),
                    }
                }

                /// Binds it to a device, or to none any more. Inside of a run there are none.
                ///
                /// # Errors
                ///
                /// As the system's; inside of a run `Unsupported` for any device.
                pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
                    match (&self.inner, interface) {
                        (Side::Tokio(socket), _) => socket.bind_device(interface),
                        (Side::Run(..), None) => Ok(()),
                        (Side::Run(..), Some(_)) => not_here("devices"),
                    }
                }
            }
        };
    };
}
pub(super) use routed;
