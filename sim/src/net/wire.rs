//! What becomes of what sockets do: packets go their way, and who waits is woken.
//!
//! 1. Between hosts of whose link nothing was said, what is sent is there at once, in the same turn.
//! 2. Nothing is borrowed while code of others runs: wakers that are no tasks of the run, and tasks that are spawned, come
//!    after.
//! 3. What takes time is a task of the run, which sleeps and delivers. So how long it takes is decided, told and shrunk as
//!    every latency is.

use deadheat_timeout::Place;

use crate::engine::join::{JoinHandle, OutputOf};
use crate::engine::waker;
use crate::net::journey::{After, Journey, Then};
use crate::net::passage::{arrive, deliver, go, release};
use crate::net::patience::{give_up, time_out};
use crate::program::wait::sleep_made_at;
use crate::state::network::Network;
use crate::state::stalls::Group;
use crate::state::world::{self, World};

/// Does something in the network of a run, and then what comes of it. None if that run is not under way on this thread.
pub(super) fn call<R>(run: u32, from: Place, f: impl FnOnce(&mut Network) -> R) -> Option<R> {
    act(run, from, |_, network, _| f(network))
}

/// The same for what begins a journey, or is decided.
pub(super) fn act<R>(
    run: u32,
    from: Place,
    f: impl FnOnce(&mut World, &mut Network, &mut After) -> R,
) -> Option<R> {
    let mut after = After::default();
    let done = world::with_run(run, |world| {
        if world.recorder.keeps {
            world.recorder.origins.stands_in(from);
        }
        let mut network = world
            .network
            .take()
            .unwrap_or_else(|| Box::new(Network::new()));
        let result = f(world, &mut network, &mut after);
        if !world.closing {
            settled(world, &mut network, from, &mut after);
        }
        let is_closing = world.closing;
        world.network = Some(network);
        (result, is_closing)
    });
    let (result, is_closing) = done?;
    if !is_closing && !after.is_empty() {
        happen(after, run, from);
    }
    Some(result)
}

#[cold]
fn happen(after: After, run: u32, from: Place) {
    for waker in after.wakers {
        waker.wake();
    }
    for Journey {
        name,
        latency,
        then,
    } in after.journeys
    {
        let travel = async move {
            sleep_made_at(latency, from).await;
            act(run, from, |_, network, after| come_to(then, network, after));
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

fn come_to(then: Then, network: &mut Network, after: &mut After) {
    match then {
        Then::Arrives(ends, place, packet) => arrive(network, ends, place, packet, after),
        Then::IsThere(packet, tries) => deliver(network, packet, tries, after),
        Then::GivesUp(client) => give_up(network, client),
        Then::TimesOut(ends, sender, time) => time_out(network, ends, sender, time),
        Then::Released(ends) => release(network, ends, after),
    }
}

/// Lets all packets go their way, and wakes who waits.
fn settled(world: &mut World, network: &mut Network, from: Place, after: &mut After) {
    loop {
        while let Some(packet) = network.kernel.next_packet() {
            go(world, network, packet, from, after);
        }
        let Some(socket) = network.kernel.next_woken() else {
            return;
        };
        network.wake(socket, |waker| match waker::task_of(&waker, world.run) {
            Some(task) => world.wake(task),
            None => after.wakers.push(waker),
        });
    }
}
