//! What is set on a socket of a run and has no effect there, but for being asked for.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The time to live that Linux gives a packet.
const TTL: u32 = 64;

/// Not to linger.
const NONE: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Options {
    nodelay: AtomicBool,
    keepalive: AtomicBool,
    quickack: AtomicBool,
    reuseaddr: AtomicBool,
    ttl: AtomicU32,
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
            ttl: AtomicU32::new(TTL),
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

impl Options {
    switches!(
        nodelay,
        set_nodelay,
        keepalive,
        set_keepalive,
        quickack,
        set_quickack,
        reuseaddr,
        set_reuseaddr
    );

    pub(super) fn ttl(&self) -> u32 {
        self.ttl.load(Relaxed)
    }

    pub(super) fn set_ttl(&self, ttl: u32) {
        self.ttl.store(ttl, Relaxed);
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
