//! What lies between two hosts: how long it takes, and what may go wrong.

use std::panic::Location;

use deadheat_timeout::Place;

use crate::base::bounds::clamp;
use crate::engine::clock::Latency;
use crate::engine::inside::inside;
use crate::net::host::host;
use crate::net::wire::{call, set_out_held};
use crate::state::network::{Ends, Rules};

/// What lies between two hosts, in both directions. Each method says one thing of it, from now on.
///
/// # Examples
///
/// A connect may hang, which is found:
///
/// ```
/// use deadheat::net::{self, Direction, Socket};
/// use std::future::poll_fn;
///
/// let failure = deadheat::check(&deadheat::Config::new(), || async {
///     let any = "127.0.0.1:0".parse().unwrap();
///     let listener = Socket::open(|net, host| net.tcp_listen(host, any, 128)).unwrap();
///     let address = listener.call(|net, id| net.local_addr(id)).unwrap();
///     net::link("test", "test").may_hang();
///     let client = Socket::open(|net, host| net.tcp_connect(host, address)).unwrap();
///     let connected = poll_fn(|cx| client.poll_ready(Direction::Write, cx)).await;
///     assert!(!connected.unwrap().error, "nobody thought of that");
/// });
/// assert!(failure.unwrap_err().to_string().contains("the connect hangs"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    ends: Ends,
    run: u32,
}

/// What lies between two hosts, by their names: what is sent from one to the other, and back. The link of a host with
/// itself is its loopback.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`Link`].
#[track_caller]
pub fn link(a: &str, b: &str) -> Link {
    let run = inside("net", |world| world.run);
    let ends = (host(a).id(), host(b).id());
    Link { ends, run }
}

/// Lets nothing through between two hosts any more. What is sent on a connection waits until the link is healed; a datagram
/// is lost.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     net::host("db");
///     net::cut("test", "db");
///     net::heal("test", "db");
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn cut(a: &str, b: &str) {
    let link = link(a, b);
    call(link.run, Location::caller(), |network| {
        for ends in link.both() {
            network.links.make(ends).is_cut = true;
        }
    });
}

/// Lets through what is sent between two hosts, and what has waited for that.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`cut`].
#[track_caller]
pub fn heal(a: &str, b: &str) {
    let link = link(a, b);
    for ends in link.both() {
        set_out_held(link.run, Location::caller(), ends);
    }
}

impl Link {
    /// How long each packet takes: a range is decided for each. What was sent first arrives first, unless
    /// [`may_overtake`](Link::may_overtake) says otherwise.
    ///
    /// # Panics
    ///
    /// If the range is empty, or outside of the run.
    #[track_caller]
    pub fn latency(self, latency: impl Into<Latency>) -> Link {
        let (low, high) = latency.into().ends();
        let latency = Some((clamp(low), clamp(high)));
        self.with(|rules| rules.latency = latency)
    }

    /// A connect may be refused.
    #[track_caller]
    pub fn may_refuse(self) -> Link {
        self.with(|rules| rules.refuses = true)
    }

    /// A connect may hang: nobody answers, and the system gives it up after 127 s.
    #[track_caller]
    pub fn may_hang(self) -> Link {
        self.with(|rules| rules.hangs = true)
    }

    /// A connection may be reset when something is sent on it, which is lost.
    #[track_caller]
    pub fn may_reset(self) -> Link {
        self.with(|rules| rules.resets = true)
    }

    /// It may be cut when something is sent on a connection: from there on nothing comes through in this direction, until
    /// it is [healed](heal).
    #[track_caller]
    pub fn may_cut(self) -> Link {
        self.with(|rules| rules.cuts = true)
    }

    /// A datagram may be lost.
    #[track_caller]
    pub fn may_lose(self) -> Link {
        self.with(|rules| rules.loses = true)
    }

    /// A datagram may come twice.
    #[track_caller]
    pub fn may_duplicate(self) -> Link {
        self.with(|rules| rules.duplicates = true)
    }

    /// A datagram may arrive before one that was sent first, where their latencies allow it.
    #[track_caller]
    pub fn may_overtake(self) -> Link {
        self.with(|rules| rules.overtakes = true)
    }

    #[track_caller]
    fn with(self, change: impl Fn(&mut Rules)) -> Link {
        self.at(Location::caller(), change)
    }

    fn at(self, from: Place, change: impl Fn(&mut Rules)) -> Link {
        call(self.run, from, |network| {
            for ends in self.both() {
                change(&mut network.links.make(ends).rules);
            }
        });
        self
    }

    fn both(self) -> impl Iterator<Item = Ends> {
        let (a, b) = self.ends;
        let back = (a != b).then_some((b, a));
        std::iter::once((a, b)).chain(back)
    }
}
