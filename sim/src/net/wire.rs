//! What becomes of what sockets do: packets go their way, and who waits is woken.
//!
//! 1. Between hosts of whose link nothing was said, what is sent is there at once, in the same turn.
//! 2. Nothing is borrowed while code of others runs: wakers that are no tasks of the run, and tasks that are spawned, come
//!    after.
//! 3. What takes time is a task of the run, which sleeps and delivers. So how long it takes is decided, told and shrunk as
//!    every latency is.

use std::cell::{Cell, RefCell};
use std::task::Waker;

use deadheat_net::{Did, SocketId};
use deadheat_timeout::Place;

use crate::engine::join::{JoinHandle, OutputOf};
use crate::engine::waker;
use crate::net::hands::{assert_free, in_hands, is_in_hands};
use crate::net::journey::{After, Journey, Then};
use crate::net::passage::{arrive, deliver, go, release};
use crate::net::patience::{give_up, time_out};
use crate::program::wait::sleep_made_at;
use crate::record::events::{Raw, Recorded, Words};
use crate::state::disks::Made;
use crate::state::network::Network;
use crate::state::stalls::Group;
use crate::state::world::{self, World};

thread_local! {
    static LEFT: Cell<bool> = const { Cell::new(false) };
    static TO_CLOSE: RefCell<Vec<(u32, SocketId)>> = const { RefCell::new(Vec::new()) };
}

/// A socket is dropped: it is closed, at once or, in the middle of a call into the run, as that call ends.
pub(super) fn close(run: u32, socket: SocketId, from: Place) {
    if is_in_hands(run) {
        TO_CLOSE.with_borrow_mut(|sockets| sockets.push((run, socket)));
        return LEFT.set(true);
    }
    let forgotten = call(run, from, |network| closed(network, socket));
    drop(forgotten);
}

/// Who waits for it comes with it.
fn closed(network: &mut Network, socket: SocketId) -> Vec<Waker> {
    // It may have gone with its host.
    let _ = network.kernel.close(socket);
    network.waits.forget(socket)
}

#[cold]
fn close_left(run: u32, network: &mut Network, after: &mut After) {
    LEFT.set(false);
    let sockets = TO_CLOSE.with_borrow_mut(std::mem::take);
    // Those of a run that is over went with its network.
    for (_, socket) in sockets.into_iter().filter(|(of, _)| *of == run) {
        after.forgotten.extend(closed(network, socket));
    }
}

/// Does something in the network of a run, and then what comes of it. None if that run is not under way on this thread.
///
/// # Panics
///
/// In the middle of another call into the run.
#[track_caller]
pub(super) fn call<R>(run: u32, from: Place, f: impl FnOnce(&mut Network) -> R) -> Option<R> {
    act(run, from, |_, network, _| f(network))
}

/// The same for what begins a journey, or is decided.
#[track_caller]
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
        in_hands(world, |world, network| {
            if world.recorder.tells {
                network.kernel.keep_did(true);
            }
            let result = f(world, network, &mut after);
            if network.kernel.keeps_did() {
                tell(world, network, from);
            }
            if LEFT.get() {
                close_left(run, network, &mut after);
            }
            if !world.closing {
                settled(world, network, from, &mut after);
            }
            if network.kernel.keeps_did() {
                tell(world, network, from);
            }
            (result, world.closing)
        })
    });
    let Some((result, is_closing)) = done else {
        assert_free(run);
        return None;
    };
    if !is_closing && !after.is_empty() {
        happen(after, run, from);
    }
    Some(result)
}

impl World {
    /// Tells in words what a task did, or what it is for, in a run whose trace is kept.
    #[cold]
    pub(crate) fn put_in_words(
        &mut self,
        of: Words,
        words: &[String],
        task: Option<u32>,
        made: Made,
    ) {
        let event = Recorded {
            at: self.now,
            task,
            raw: Raw::Told(of, 0),
            from: Some(made.place),
            above: made.above,
        };
        self.recorder.keep_words(event, of, words);
    }
}

/// What has happened in the network is told in the trace, with the line of the program.
#[cold]
fn tell(world: &mut World, network: &mut Network, from: Place) {
    let did = network.kernel.take_did();
    if did.is_empty() || world.closing {
        return;
    }
    let (made, task) = (world.made_at(from), world.current);
    for did in did {
        match did {
            Did::Call(words) => world.put_in_words(Words::Socket, &[words], task, made),
            Did::Packet(words) => world.put_in_words(Words::Packet, &[words], task, made),
            _ => {}
        }
    }
}

#[cold]
fn happen(after: After, run: u32, from: Place) {
    drop(after.forgotten);
    for waker in after.wakers {
        waker.wake();
    }
    for Journey {
        name,
        latency,
        then,
        errand,
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
            if let Some(errand) = &errand {
                let made = world.made_at(from);
                world.put_in_words(Words::Errand, errand, Some(task), made);
            }
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
        Then::Released(ends) => release(network, std::iter::once(ends), after),
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
