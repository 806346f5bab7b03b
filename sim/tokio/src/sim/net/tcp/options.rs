//! What is set on a socket of a run and has no effect there, but for being asked for.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The time to live that Linux gives a packet.
const TTL: u32 = 64;

/// The sizes of buffers that Linux begins with.
const SEND_BUFFER: u32 = 16 << 10;
const RECEIVE_BUFFER: u32 = 128 << 10;

/// Not to linger.
const NONE: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Options {
    nodelay: AtomicBool,
    keepalive: AtomicBool,
    quickack: AtomicBool,
    reuseaddr: AtomicBool,
    reuseport: AtomicBool,
    ttl: AtomicU32,
    tos_v4: AtomicU32,
    tclass_v6: AtomicU32,
    send_buffer_size: AtomicU32,
    recv_buffer_size: AtomicU32,
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
            ttl: AtomicU32::new(TTL),
            tos_v4: AtomicU32::new(0),
            tclass_v6: AtomicU32::new(0),
            send_buffer_size: AtomicU32::new(SEND_BUFFER),
            recv_buffer_size: AtomicU32::new(RECEIVE_BUFFER),
            linger: AtomicU64::new(NONE),
        }
    }
}

/// A switch that is read and set.
macro_rules! switches {
    ($($read:ident, $set:ident),*) => {$(
        pub(super) fn $read(&self) -> bool {
            self.$read.load(Relaxed)
        }

        pub(super) fn $set(&self, on: bool) {
            self.$read.store(on, Relaxed);
        }
    )*};
}

/// A number that is read and set.
macro_rules! numbers {
    ($($read:ident, $set:ident),*) => {$(
        pub(super) fn $read(&self) -> u32 {
            self.$read.load(Relaxed)
        }

        pub(super) fn $set(&self, number: u32) {
            self.$read.store(number, Relaxed);
        }
    )*};
}

impl Options {
    switches!(
        nodelay,
        set_nodelay,
        keepalive,
        set_keepalive,
        quickack,
        set_quickack,
        reuseaddr,
        set_reuseaddr,
        reuseport,
        set_reuseport
    );

    numbers!(
        ttl,
        set_ttl,
        tos_v4,
        set_tos_v4,
        tclass_v6,
        set_tclass_v6,
        send_buffer_size,
        set_send_buffer_size,
        recv_buffer_size,
        set_recv_buffer_size
    );

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
