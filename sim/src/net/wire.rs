//! What becomes of what sockets do: packets go their way, and who waits is woken.
//!
//! 1. Between hosts of whose link nothing was said, what is sent is there at once, in the same turn.
//! 2. Nothing is borrowed while code of others runs: wakers that are no tasks of the run, and tasks that are spawned, come
//!    after.
//! 3. What takes time is a task of the run, which sleeps and delivers. So how long it takes is decided, told and shrunk as
//!    every latency is.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use deadheat_net::{Delivery, Failure, Kind, Packet, SocketId};
use deadheat_timeout::Place;

use crate::engine::clock::Latency;
use crate::engine::join::{JoinHandle, OutputOf};
use crate::engine::waker;
use crate::program::wait::sleep_made_at;
use crate::state::network::{Ends, Network, Rules};
use crate::state::stalls::Group;
use crate::state::world::{self, World};

/// After so long a system asks again that found no room to be accepted, as Linux does.
const ASKS_AGAIN: Duration = Duration::from_secs(1);

/// After so long a system gives a connect up that nobody has answered, as Linux does by default.
const GIVES_UP: Duration = Duration::from_secs(127);

/// Does something in the network of a run, and then what comes of it. None if that run is not under way on this thread.
pub(super) fn call<R>(run: u32, from: Place, f: impl FnOnce(&mut Network) -> R) -> Option<R> {
    let done = world::with_run(run, |world| {
        if world.recorder.keeps {
            world.recorder.origins.stands_in(from);
        }
        let mut network = world
            .network
            .take()
            .unwrap_or_else(|| Box::new(Network::new()));
        let result = f(&mut network);
        let after = match world.closing {
            true => After::default(),
            false => settled(world, &mut network, from),
        };
        world.network = Some(network);
        (result, after)
    });
    let (result, after) = done?;
    after.happen(run, from);
    Some(result)
}

/// What is to be done once nothing is borrowed.
#[derive(Default)]
struct After {
    wakers: Vec<Waker>,
    journeys: Vec<Journey>,
}

/// What takes time, and what it comes to.
struct Journey {
    name: Arc<str>,
    latency: Latency,
    then: Then,
}

enum Then {
    /// A packet arrives over a link, at its place among those that keep their order.
    Arrives(Ends, Option<u64>, Packet),
    /// A packet is there.
    IsThere(Packet),
    /// Nobody has answered this socket.
    GivesUp(SocketId),
}

impl After {
    fn happen(self, run: u32, from: Place) {
        for waker in self.wakers {
            waker.wake();
        }
        for Journey {
            name,
            latency,
            then,
        } in self.journeys
        {
            let travel = async move {
                sleep_made_at(latency, from).await;
                call(run, from, |network| then.happen(network));
            };
            let output = OutputOf::new();
            let future = Box::pin(output.clone().fill(travel));
            let task = world::with_run(run, |world| {
                let task = world.spawn(Some(name), from, Group::default(), future);
                // What is on its way does not go with the host that has sent it.
                if let Some(network) = &mut world.network {
                    network.homes.release(task);
                }
                task
            });
            if let Some(task) = task {
                drop(JoinHandle::new(output, run, task));
            }
        }
    }

    fn later(&mut self, name: String, latency: impl Into<Latency>, then: Then) {
        self.journeys.push(Journey {
            name: name.into(),
            latency: latency.into(),
            then,
        });
    }

    fn gives_up(&mut self, network: &Network, packet: &Packet) {
        if let (Kind::Connect, Some(socket)) = (packet.kind(), packet.sender()) {
            self.later(name_of(network, packet), GIVES_UP, Then::GivesUp(socket));
        }
    }
}

impl Then {
    fn happen(self, network: &mut Network) {
        match self {
            Then::Arrives(ends, place, packet) => arrive(network, ends, place, packet),
            Then::IsThere(packet) => deliver_or_lose(network, packet),
            // It may have been closed meanwhile.
            Then::GivesUp(socket) => drop(network.kernel.fail(socket, Failure::TimedOut)),
        }
    }
}

/// Lets all packets go their way, and wakes who waits.
fn settled(world: &mut World, network: &mut Network, from: Place) -> After {
    let mut after = After::default();
    loop {
        while let Some(packet) = network.kernel.next_packet() {
            go(world, network, packet, from, &mut after);
        }
        let Some(socket) = network.kernel.next_woken() else {
            return after;
        };
        for waker in network.woken(socket) {
            match waker::task_of(&waker, world.run) {
                Some(task) => world.wake(task),
                None => after.wakers.push(waker),
            }
        }
    }
}

/// A packet sets out.
fn go(world: &mut World, network: &mut Network, packet: Packet, from: Place, after: &mut After) {
    let ends = packet.from_host().zip(packet.to_host());
    let ends = ends.filter(|_| !network.links.is_empty());
    let Some((ends, way)) = ends.and_then(|ends| Some((ends, network.links.get(ends)?))) else {
        return deliver(network, packet, after);
    };
    let rules = way.rules;
    let mishap = match way.is_cut {
        true => Some(&Mishap::Cut),
        false => mishap(world, rules, packet.kind(), from),
    };
    let copies = match mishap {
        None => vec![packet],
        Some(Mishap::Twice) => vec![packet.clone(), packet],
        Some(Mishap::Lost) => return,
        Some(Mishap::Cut) => {
            way.is_cut = true;
            // A datagram is not sent again.
            if packet.kind() != Kind::Datagram {
                way.held.push(packet);
            }
            return;
        }
        Some(Mishap::Refused) => return network.kernel.refuse(packet),
        Some(Mishap::Hangs) => return after.gives_up(network, &packet),
        Some(Mishap::Reset) => {
            if let Some(receiver) = packet.receiver() {
                // It may have been closed meanwhile.
                let _ = network.kernel.fail(receiver, Failure::Reset);
            }
            return network.kernel.refuse(packet);
        }
    };
    for packet in copies {
        set_out(network, ends, packet, after);
    }
}

/// A packet is on its way over a link.
fn set_out(network: &mut Network, ends: Ends, packet: Packet, after: &mut After) {
    let way = network.links.make(ends);
    // The kernel puts the bytes of a stream in order, but not a reset that comes before them.
    let overtakes = way.rules.overtakes && packet.kind() == Kind::Datagram;
    let place = (!overtakes).then(|| way.send());
    match way.rules.latency {
        None => arrive(network, ends, place, packet),
        Some((low, high)) => {
            let name = name_of(network, &packet);
            let nanos = |nanos: i64| Duration::from_nanos(nanos.unsigned_abs());
            let latency = Latency::from(nanos(low)..=nanos(high));
            after.later(name, latency, Then::Arrives(ends, place, packet));
        }
    }
}

/// What was sent before a link was healed sets out now.
pub(super) fn set_out_held(run: u32, from: Place, ends: Ends) {
    let held = call(run, from, |network| {
        let way = network.links.make(ends);
        way.is_cut = false;
        std::mem::take(&mut way.held)
    });
    let done = world::with_run(run, |world| {
        let mut network = world.network.take()?;
        let mut after = After::default();
        for packet in held.into_iter().flatten() {
            set_out(&mut network, ends, packet, &mut after);
        }
        world.network = Some(network);
        Some(after)
    });
    if let Some(after) = done.flatten() {
        after.happen(run, from);
    }
    call(run, from, |_| ());
}

fn arrive(network: &mut Network, ends: Ends, place: Option<u64>, packet: Packet) {
    let Some(place) = place else {
        return deliver_or_lose(network, packet);
    };
    for packet in network.links.make(ends).arrive(place, packet) {
        deliver_or_lose(network, packet);
    }
}

fn deliver(network: &mut Network, packet: Packet, after: &mut After) {
    match network.kernel.deliver(packet) {
        Delivery::Full(packet) => {
            after.later(name_of(network, &packet), ASKS_AGAIN, Then::IsThere(packet));
        }
        Delivery::Nowhere(packet) => after.gives_up(network, &packet),
        _ => {}
    }
}

/// Delivers what has travelled: if nobody is there, it is lost.
fn deliver_or_lose(network: &mut Network, packet: Packet) {
    drop(network.kernel.deliver(packet));
}

fn name_of(network: &Network, packet: &Packet) -> String {
    let name = |host| match host {
        Some(host) => network.kernel.host_name(host),
        None => "nowhere",
    };
    format!("{} to {}", name(packet.from_host()), name(packet.to_host()))
}

/// What may go wrong with a packet.
#[derive(Debug)]
enum Mishap {
    Refused,
    Hangs,
    Reset,
    Cut,
    Lost,
    Twice,
}

type Ways = [(&'static str, Mishap)];

const CONNECT: [(&str, Mishap); 2] = [("is refused", Mishap::Refused), ("hangs", Mishap::Hangs)];
const STREAM: [(&str, Mishap); 2] = [
    ("is reset here", Mishap::Reset),
    ("is cut here", Mishap::Cut),
];
const DATAGRAM: [(&str, Mishap); 2] = [("is lost", Mishap::Lost), ("comes twice", Mishap::Twice)];

/// Those of two ways that are asked for.
fn chosen(ways: &'static [(&'static str, Mishap); 2], first: bool, second: bool) -> &'static Ways {
    match (first, second) {
        (true, true) => ways,
        (true, false) => &ways[..1],
        (false, true) => &ways[1..],
        (false, false) => &[],
    }
}

fn mishap(world: &mut World, rules: Rules, kind: Kind, from: Place) -> Option<&'static Mishap> {
    let (name, ways) = match kind {
        Kind::Connect => ("the connect", chosen(&CONNECT, rules.refuses, rules.hangs)),
        Kind::Data | Kind::End => ("the connection", chosen(&STREAM, rules.resets, rules.cuts)),
        Kind::Datagram => (
            "the datagram",
            chosen(&DATAGRAM, rules.loses, rules.duplicates),
        ),
        _ => return None,
    };
    world.fault(name, ways, from)
}
