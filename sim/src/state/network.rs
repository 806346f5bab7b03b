//! The network of a run: its sockets, who waits for them, which tasks are on which host, and what lies between hosts.
//!
//! There is none before a program asks for one.

use std::collections::BTreeMap;
use std::io;
use std::task::Waker;

use deadheat_net::{HostId, Net, SocketId};

use crate::record::asked::Told;
use crate::state::crashes::Crashes;
use crate::state::disks::Disks;
use crate::state::links::Links;
use crate::state::resolver::Resolver;
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
    pub(crate) resolver: Resolver,
}

impl Default for Network {
    fn default() -> Self {
        let mut kernel = Net::new();
        let first = kernel.host(FIRST);
        Network {
            kernel,
            waits: Waits::default(),
            homes: Homes::new(first),
            links: Links::default(),
            crashes: Crashes::default(),
            disks: Disks::default(),
            resolver: Resolver::default(),
        }
    }
}

impl Network {
    /// A task is spawned, on the host of the one that spawns it.
    pub(crate) fn take_in(&mut self, task: u32, by: Option<u32>, future: BoxFuture) -> BoxFuture {
        let host = self.homes.of(by);
        self.homes.settle(task, host);
        match self.crashes.wrap {
            Some(wrap) if !self.homes.is_first(host) => wrap(future),
            _ => future,
        }
    }

    /// What there is to tell of what was asked for, if anything was.
    pub(crate) fn told(&self) -> Option<Box<Told>> {
        let Links {
            asked,
            travelled,
            answers,
            ..
        } = &self.links;
        asked.iter().next()?;
        let name = |host| self.kernel.host_name(host).to_owned();
        let travelled = travelled.iter().map(|(a, b)| (name(*a), name(*b)));
        let others = self.homes.others.iter().map(|(_, host)| *host);
        let inhabited = others.chain([self.homes.first]).map(name);
        Some(Box::new(Told {
            asked: asked.clone(),
            travelled: travelled.collect(),
            inhabited: inhabited.collect(),
            answers: *answers,
        }))
    }

    /// A socket has answered. Where nothing was asked for, nobody wants to know.
    #[inline]
    pub(crate) fn answered<R>(&mut self, answer: &io::Result<R>) {
        if self.links.is_empty() {
            return;
        }
        self.links.answers.add_result(answer);
    }

    /// Gives those whom it wakes that a socket has become ready.
    #[inline]
    pub(crate) fn wake(&mut self, socket: SocketId, wake: impl FnMut(Waker)) {
        let ready = self.kernel.readiness(socket).unwrap_or_default();
        let is_over = ready.hung_up || ready.error;
        let read = ready.readable || ready.read_closed || is_over;
        self.waits
            .take(socket, [read, ready.writable || is_over], wake);
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
pub(crate) struct Waits(BTreeMap<SocketId, [Vec<Waiter>; 2]>);

/// Somebody who waits for a socket.
#[derive(Debug)]
struct Waiter {
    waker: Waker,
    asked: Asked,
}

/// When somebody asked for a socket that was not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// In whose turn.
    pub(crate) by: Option<u32>,
    pub(crate) at: i64,
    /// How many events were recorded before.
    pub(crate) events: usize,
}

impl Waits {
    /// A task waits. It is there once, however often it says so.
    pub(crate) fn add(
        &mut self,
        socket: SocketId,
        direction: Direction,
        waker: &Waker,
        asked: Asked,
    ) {
        let waiters = &mut self.0.entry(socket).or_default()[direction as usize];
        match waiters
            .iter_mut()
            .find(|other| other.waker.will_wake(waker))
        {
            Some(known) => known.asked = asked,
            None => waiters.push(Waiter {
                waker: waker.clone(),
                asked,
            }),
        }
    }

    /// Takes those who wait for a socket in these directions. Their list is kept for the next ones.
    #[inline]
    fn take(&mut self, socket: SocketId, directions: [bool; 2], mut take: impl FnMut(Waker)) {
        let Some(waits) = self.0.get_mut(&socket) else {
            return;
        };
        for (waiters, is_ready) in waits.iter_mut().zip(directions) {
            if is_ready {
                waiters.drain(..).for_each(|waiter| take(waiter.waker));
            }
        }
    }

    /// Nobody waits for a socket any more that is closed.
    pub(crate) fn forget(&mut self, socket: SocketId) -> Vec<Waker> {
        let waiters = self.0.remove(&socket).into_iter().flatten().flatten();
        waiters.map(|waiter| waiter.waker).collect()
    }

    /// All that somebody asked for and has not got: by whom, of which socket, and whether to write. Who has asked in one
    /// turn may have let that be in the next.
    pub(crate) fn asked<'a>(&'a self) -> impl Iterator<Item = (Asked, SocketId, bool, &'a Waker)> {
        let of_socket = |(socket, waits): (&'a SocketId, &'a [Vec<Waiter>; 2])| {
            let socket = *socket;
            let [reads, writes] = waits;
            let reads = reads.iter().map(|waiter| (waiter, false));
            let writes = writes.iter().map(|waiter| (waiter, true));
            let both = reads.chain(writes);
            both.map(move |(waiter, writes)| (waiter.asked, socket, writes, &waiter.waker))
        };
        self.0.iter().flat_map(of_socket)
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
