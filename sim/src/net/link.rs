//! What lies between two hosts: how long it takes, and what may go wrong.

use std::panic::Location;
use std::time::Duration;

use deadheat_timeout::Place;

use crate::base::bounds::clamp;
use crate::engine::clock::Latency;
use crate::engine::inside::inside;
use crate::net::host::host;
use crate::net::wire::call;
use crate::record::asked::Fault;
use crate::state::links::{Ends, Way};

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
        self.change(Location::caller(), |way| way.latency = latency);
        self.ask(Fault::Latency)
    }

    /// A connect may be refused.
    #[track_caller]
    pub fn may_refuse(self) -> Link {
        self.ask(Fault::Refuse)
    }

    /// A connect may hang: nobody answers, and the system gives it up after 127 s.
    #[track_caller]
    pub fn may_hang(self) -> Link {
        self.ask(Fault::Hang)
    }

    /// A connection may be reset when something is sent on it, which is lost, or only its second half.
    #[track_caller]
    pub fn may_reset(self) -> Link {
        self.ask(Fault::Reset)
    }

    /// It may be cut when something is sent on a connection, before it or halfway through it: from there on nothing comes
    /// through in either direction, until it is [healed](crate::net::heal). See [`cut`](crate::net::cut) for what becomes of
    /// connections.
    #[track_caller]
    pub fn may_cut(self) -> Link {
        self.ask(Fault::Cut)
    }

    /// The same in the direction of what is sent. What is sent the other way comes through.
    #[track_caller]
    pub fn may_cut_one_way(self) -> Link {
        self.ask(Fault::CutOneWay)
    }

    /// It may stall when a connect or something on a connection is sent: nothing arrives in this direction, for up to this
    /// long, and then all that has come.
    #[track_caller]
    pub fn may_stall(self, at_most: Duration) -> Link {
        let at_most = clamp(at_most);
        self.change(Location::caller(), |way| way.stall = at_most);
        self.ask(Fault::Stall)
    }

    /// A read may get a part of what is there, and a write may take a part of what there is room for: one byte, half, or all
    /// but one. A peek is short as a read is. It concerns connections, also those of Unix sockets on a host's link with
    /// itself; a datagram comes whole, but for what does not fit into the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net::{self, Direction, Socket};
    /// use std::future::poll_fn;
    ///
    /// let failure = deadheat::check(&deadheat::Config::new(), || async {
    ///     let any = "127.0.0.1:0".parse().unwrap();
    ///     let listener = Socket::open(|net, host| net.tcp_listen(host, any, 128)).unwrap();
    ///     let address = listener.call(|net, id| net.local_addr(id)).unwrap();
    ///     let client = Socket::open(|net, host| net.tcp_connect(host, address)).unwrap();
    ///     let (server, _) = poll_fn(|cx| listener.poll_accept(cx, |net, id| net.tcp_accept(id))).await.unwrap();
    ///
    ///     client.write(b"hello").unwrap();
    ///     net::link("test", "test").may_be_short();
    ///     let mut buffer = [0; 16];
    ///     assert_eq!(server.read(&mut buffer).unwrap(), 5, "a read is a message");
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("the read gets"));
    /// ```
    #[track_caller]
    pub fn may_be_short(self) -> Link {
        self.ask(Fault::Short)
    }

    /// A datagram may be lost.
    #[track_caller]
    pub fn may_lose(self) -> Link {
        self.ask(Fault::Lose)
    }

    /// A datagram may come twice.
    #[track_caller]
    pub fn may_duplicate(self) -> Link {
        self.ask(Fault::Duplicate)
    }

    /// A datagram may arrive before one that was sent first, where their latencies allow it.
    #[track_caller]
    pub fn may_overtake(self) -> Link {
        self.ask(Fault::Overtake)
    }

    /// What may go wrong from now on, and that it was asked for here.
    #[track_caller]
    fn ask(self, fault: Fault) -> Link {
        let from = Location::caller();
        call(self.run, from, |network| {
            let name = |host| network.kernel.host_name(host);
            let (a, b) = (name(self.ends.0), name(self.ends.1));
            let call = format!("link({a:?}, {b:?}).{fault}");
            let index = network.links.asked.ask(fault, call, from);
            for ends in self.both() {
                network.links.make(ends).of.add(fault, index);
            }
        });
        self
    }

    fn change(self, from: Place, change: impl Fn(&mut Way)) {
        call(self.run, from, |network| {
            for ends in self.both() {
                change(network.links.make(ends));
            }
        });
    }

    pub(super) fn run(self) -> u32 {
        self.run
    }

    pub(super) fn ends(self) -> Ends {
        self.ends
    }

    /// Its directions: one of the link of a host with itself.
    pub(super) fn both(self) -> impl Iterator<Item = Ends> {
        let (a, b) = self.ends;
        let back = (a != b).then_some((b, a));
        std::iter::once((a, b)).chain(back)
    }
}
