//! The network of a run: its sockets, who waits for them, which tasks are on which host, and what lies between hosts.
//!
//! There is none before a program asks for one.

use std::collections::BTreeMap;
use std::task::Waker;

use deadheat_net::{HostId, Net, Packet, SocketId};

use crate::state::crashes::Crashes;
use crate::state::disks::Disks;
use crate::state::tasks::BoxFuture;

/// What the host is called on which a test begins.
pub(crate) const FIRST: &str = "test";

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) kernel: Net,
    pub(crate) waits: Waits,
    pub(crate) homes: Homes,
    pub(crate) links: Links,
    pub(crate) crashes: Crashes,
    pub(crate) disks: Disks,
}

impl Network {
    pub(crate) fn new() -> Self {
        let mut kernel = Net::new();
        let first = kernel.host(FIRST);
        Network {
            kernel,
            waits: Waits::default(),
            homes: Homes::new(first),
            links: Links::default(),
            crashes: Crashes::default(),
            disks: Disks::default(),
        }
    }

    /// A task is spawned, on the host of the one that spawns it.
    pub(crate) fn take_in(&mut self, task: u32, by: Option<u32>, future: BoxFuture) -> BoxFuture {
        let host = self.homes.of(by);
        self.homes.settle(task, host);
        match self.crashes.wrap {
            Some(wrap) if !self.homes.is_first(host) => wrap(future),
            _ => future,
        }
    }

    /// Whom it wakes that a socket has become ready.
    pub(crate) fn woken(&mut self, socket: SocketId) -> Vec<Waker> {
        let ready = self.kernel.readiness(socket).unwrap_or_default();
        let is_over = ready.hung_up || ready.error;
        let read = ready.readable || ready.read_closed || is_over;
        self.waits.take(socket, read, ready.writable || is_over)
    }
}

/// For what a task waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To read, or to accept.
    Read,
    /// To write, or to be connected.
    Write,
}

/// Who waits for which socket.
#[derive(Debug, Default)]
pub(crate) struct Waits(BTreeMap<SocketId, [Vec<Waker>; 2]>);

impl Waits {
    /// A task waits. It is there once, however often it says so.
    pub(crate) fn add(&mut self, socket: SocketId, direction: Direction, waker: &Waker) {
        let wakers = &mut self.0.entry(socket).or_default()[direction as usize];
        if !wakers.iter().any(|other| other.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    fn take(&mut self, socket: SocketId, read: bool, write: bool) -> Vec<Waker> {
        let Some([readers, writers]) = self.0.get_mut(&socket) else {
            return Vec::new();
        };
        let mut woken = Vec::new();
        if read {
            woken.append(readers);
        }
        if write {
            woken.append(writers);
        }
        woken
    }

    /// Nobody waits for a socket any more that is closed.
    pub(crate) fn forget(&mut self, socket: SocketId) -> Vec<Waker> {
        let wakers = self.0.remove(&socket);
        wakers.into_iter().flatten().flatten().collect()
    }
}

/// Which tasks are on which host. A task is on the host of the one that spawned it.
#[derive(Debug)]
pub(crate) struct Homes {
    first: HostId,
    /// The tasks that are not on the first host, in order.
    others: Vec<(u32, HostId)>,
}

impl Homes {
    fn new(first: HostId) -> Self {
        Homes {
            first,
            others: Vec::new(),
        }
    }

    pub(crate) fn of(&self, task: Option<u32>) -> HostId {
        let found = task.and_then(|task| {
            let index = self.others.binary_search_by_key(&task, |(of, _)| *of);
            index.ok().map(|index| self.others[index].1)
        });
        found.unwrap_or(self.first)
    }

    /// Whether a task is on the host on which a test begins.
    pub(crate) fn is_first(&self, host: HostId) -> bool {
        host == self.first
    }

    /// The task that was spawned last is on the first host, whoever has spawned it.
    pub(crate) fn release(&mut self, task: u32) {
        self.others.pop_if(|(last, _)| *last == task);
    }

    /// The tasks that are not on the first host.
    pub(crate) fn others(&self) -> impl Iterator<Item = u32> {
        self.others.iter().map(|(task, _)| *task)
    }

    /// The first task that was spawned on a host, from one on.
    pub(crate) fn next_on(&self, host: HostId, from: u32) -> Option<u32> {
        let begin = self.others.partition_point(|(task, _)| *task < from);
        let on = self.others[begin..].iter().find(|(_, on)| *on == host);
        on.map(|(task, _)| *task)
    }

    /// A task was spawned on this host. Tasks come in order.
    pub(crate) fn settle(&mut self, task: u32, host: HostId) {
        match self.others.last_mut() {
            Some((last, on)) if *last == task => *on = host,
            _ if host != self.first => self.others.push((task, host)),
            _ => {}
        }
    }
}

/// What may go wrong on a link, and how long it takes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// The least and the most, in nanoseconds.
    pub(crate) latency: Option<(i64, i64)>,
    pub(crate) refuses: bool,
    pub(crate) hangs: bool,
    pub(crate) resets: bool,
    pub(crate) cuts: bool,
    pub(crate) loses: bool,
    pub(crate) duplicates: bool,
    pub(crate) overtakes: bool,
}

/// Two hosts, in the direction of what is sent.
pub(crate) type Ends = (HostId, HostId);

/// What lies between hosts. Where nothing was said of two of them, what is sent is there.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<Ends, Way>);

/// One direction of a link.
#[derive(Debug, Default)]
pub(crate) struct Way {
    pub(crate) rules: Rules,
    /// Nothing comes through at present.
    pub(crate) is_cut: bool,
    /// What was sent while it was cut.
    pub(crate) held: Vec<Packet>,
    sent: u64,
    arrived: u64,
    early: BTreeMap<u64, Packet>,
}

impl Links {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&mut self, ends: Ends) -> Option<&mut Way> {
        self.0.get_mut(&ends)
    }

    pub(crate) fn make(&mut self, ends: Ends) -> &mut Way {
        self.0.entry(ends).or_default()
    }
}

impl Way {
    /// The place of what is sent now, among all that is.
    pub(crate) fn send(&mut self) -> u64 {
        self.sent += 1;
        self.sent - 1
    }

    /// What arrives with the packet of this place: it, and those behind it that came early.
    pub(crate) fn arrive(&mut self, place: u64, packet: Packet) -> Vec<Packet> {
        self.early.insert(place, packet);
        let mut arrived = Vec::new();
        while let Some(next) = self.early.remove(&self.arrived) {
            self.arrived += 1;
            arrived.push(next);
        }
        arrived
    }
}
