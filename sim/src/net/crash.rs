//! How a host goes down, and is started again.
//!
//! 1. First its sockets and open files are gone, then its tasks are dropped where they wait, in the order in which they
//!    were spawned. So what they do as they are dropped reaches nobody.
//! 2. What they spawn meanwhile is on their host, and is dropped with them. What they open is closed at the end.
//! 3. What was not synced is looked at where the power fails: of each change it is decided what becomes of it. Where the
//!    programs are killed the system is still there, and with it all that they have written.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadheat_disk::{Kept, Unsynced, What};
use deadheat_net::{Crash as Sockets, HostId};
use deadheat_timeout::Place;

use crate::decide::tape::DecisionKind;
use crate::engine::block_on::cannot_crash;
use crate::engine::clock::Latency;
use crate::engine::task_end::drop_now;
use crate::net::hands::both;
use crate::net::mishap::last;
use crate::net::wire::call;
use crate::program::wait::sleep_made_at;
use crate::record::asked::{AllAsked, Fault};
use crate::record::events::Raw;
use crate::state::disks::{HostDisk, Made};
use crate::state::network::Network;
use crate::state::stalls::Group;
use crate::state::tasks::BoxFuture;
use crate::state::world::{self, World};

/// What happens to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Its programs are killed.
    Killed,
    /// The power fails.
    Dark,
}

const WAYS: [(&str, How); 2] = [
    ("is killed here", How::Killed),
    ("loses power here", How::Dark),
];

/// A host goes down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crash {
    pub(super) run: u32,
    pub(super) host: HostId,
    pub(super) how: How,
    pub(super) made: Made,
}

/// When it is asked whether a host goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// A task is to take its turn. Nothing has happened on its host since it was asked last, if no time has passed.
    Before,
    /// It has had its turn.
    After,
}

/// Whether the host of the task goes down that has its turn.
pub(super) fn decided(around: Around) -> Option<Crash> {
    let run = world::run_number();
    both(run, |world, network| {
        let task = world.current?;
        let host = network.homes.of(Some(task));
        if network.homes.is_first(host) || network.crashes.dying.is_some() {
            return None;
        }
        let fate = network.crashes.get(host)?;
        if fate.left == 0 || !fate.is_up {
            return None;
        }
        let asked = fate.asked.replace(world.now);
        if around == Around::Before && asked == Some(world.now) {
            return None;
        }
        let (asked, of) = (&mut network.links.asked, fate.of);
        asked.could(&of, Fault::Crash);
        let (how, made) = world.rare_fault(fate.name, &WAYS, |world| cause(world, task))?;
        asked.did(&of, Fault::Crash, last(world, DecisionKind::Fault));
        fate.left -= 1;
        Some(Crash {
            run,
            host,
            how: *how,
            made,
        })
    })?
}

/// What a task did last, where that is known, or where it was spawned. All that was recorded may have to be looked through.
fn cause(world: &World, task: u32) -> Made {
    let events = world.recorder.events.iter().rev();
    let of_task = |raw: &Raw, by: Option<u32>| by == Some(task) || *raw == Raw::Spawn(task);
    let mut caused = events.filter(|event| event.from.is_some());
    match caused.find(|event| of_task(&event.raw, event.task)) {
        Some(event) => Made {
            place: event.from.unwrap_or(spawned_at(world, task)),
            above: event.above,
        },
        None => Made::at(spawned_at(world, task)),
    }
}

fn spawned_at(world: &World, task: u32) -> Place {
    let tasks = &world.tasks;
    tasks.places[tasks.ends[task as usize].spawned_at]
}

/// Why a host cannot go down, if a task of it blocks.
pub(super) fn blocked(world: &World, network: &Network, host: HostId) -> Option<String> {
    let mut blocked = world.blocking.blocked.iter();
    let blocked = blocked.find(|one| network.homes.of(Some(one.task)) == host)?;
    let task = world.task_name(blocked.task);
    Some(cannot_crash(network.kernel.host_name(host), &task))
}

impl Crash {
    /// The host goes down. `own` is what is left of the task that has its turn.
    pub(super) fn happen(self, own: Option<BoxFuture>) {
        let blocked = both(self.run, |world, network| {
            blocked(world, network, self.host)
        });
        if let Some(advice) = blocked.flatten() {
            panic!("{advice}");
        }
        let is_own = own.is_some();
        both(self.run, |world, network| self.begin(world, network));
        self.close_sockets();
        let mut panicked = panic::catch_unwind(AssertUnwindSafe(|| drop(own)));
        let mut next = 0;
        while let Some(task) = self.next_task(next) {
            next = task + 1;
            let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop_now(task)));
            panicked = panicked.and(dropped);
        }
        self.close_sockets();
        both(self.run, |world, network| {
            network.crashes.dying = None;
            if let (Some(task), true) = (world.current, is_own) {
                world.abort(task);
            }
        });
        if let Err(payload) = panicked {
            panic::resume_unwind(payload);
        }
    }

    fn begin(self, world: &mut World, network: &mut Network) {
        network.crashes.dying = Some(self.host);
        if let Some(fate) = network.crashes.get(self.host) {
            fate.is_up = false;
            fate.changes += 1;
        }
        if let Some(disk) = network.disks.get(self.host) {
            disk.ends += 1;
            match self.how {
                How::Killed => disk.disk.close_all(),
                How::Dark => forget(world, &mut network.links.asked, disk),
            }
        }
    }

    fn close_sockets(self) {
        let how = match self.how {
            How::Killed => Sockets::Closed,
            How::Dark => Sockets::Silent,
        };
        call(self.run, self.made.place, |network| {
            network.kernel.crash(self.host, how);
        });
    }

    /// The next task of the host, from one on, that has not ended and has not its turn. None, too, once a limit is reached:
    /// tasks that spawn others as they are dropped may do so without end.
    fn next_task(self, from: u32) -> Option<u32> {
        both(self.run, |world, network| {
            if world.ending.over().is_some() {
                return None;
            }
            let mut task = network.homes.next_on(self.host, from)?;
            while world.tasks.slots[task as usize].ended || world.current == Some(task) {
                task = network.homes.next_on(self.host, task + 1)?;
            }
            Some(task)
        })?
    }

    /// The host is started again after a while, unless somebody else does it.
    pub(super) fn start_later(self) {
        let Crash {
            run, host, made, ..
        } = self;
        both(run, |world, network| {
            let fate = network.crashes.get(host)?;
            let (_, from) = fate.main.as_ref()?;
            let from = *from;
            let (changes, of) = (fate.changes, fate.of);
            network.links.asked.could(&of, Fault::Restart);
            let name = format!("restart of {}", network.kernel.host_name(host));
            let nanos = |nanos: i64| Duration::from_nanos(nanos.unsigned_abs());
            let after = Latency::from(nanos(fate.back.0)..=nanos(fate.back.1));
            let starter = async move {
                sleep_made_at(after, made.place).await;
                let is_down =
                    both(run, |_, network| Some(network.crashes.get(host)?.changes)).flatten();
                if is_down == Some(changes) {
                    both(run, |_, network| {
                        network.links.asked.passed(&of, Fault::Restart);
                    });
                    start(run, host, true, from);
                }
            };
            // It goes with no host: while the network is in our hands a task is put on none but the first.
            let group = Group::default();
            world.spawn(Some(name.into()), made.place, group, Box::pin(starter));
            Some(())
        });
    }
}

/// Starts a host, for the first time or again: it is up, its clock begins anew, and so does its `main`.
pub(super) fn start(run: u32, host: HostId, is_again: bool, from: Place) {
    call(run, from, |network| network.kernel.start(host));
    both(run, |world, network| {
        let fate = network.crashes.get(host)?;
        fate.is_up = true;
        fate.changes += 1;
        fate.since = world.now;
        let main = fate.main.clone();
        if is_again {
            let raw = world
                .recorder
                .text(&format!("{} is started again", fate.name));
            world.record_from(raw, &from);
        }
        let (main, place) = main?;
        let name: Arc<str> = network.kernel.host_name(host).into();
        let program = Box::pin(async move { main().await });
        let task = world.spawn(Some(name), place, Group::default(), program);
        settle(world, network, task, host);
        Some(())
    });
}

/// The task that was spawned last is on this host.
pub(super) fn settle(world: &mut World, network: &mut Network, task: u32, host: HostId) {
    let is_wrapped = !network.homes.is_first(network.homes.of(Some(task)));
    network.homes.settle(task, host);
    if let Some(wrap) = network.crashes.wrap
        && !is_wrapped
        && !network.homes.is_first(host)
    {
        let future = &mut world.tasks.slots[task as usize].future;
        *future = future.take().map(wrap);
    }
}

/// What was not synced may be lost, each change by a decision.
fn forget(world: &mut World, asked: &mut AllAsked, disk: &mut HostDisk) {
    const NAME: [(&str, Kept); 1] = [("is lost", Kept::Nothing)];
    const BYTES: [(&str, Kept); 2] = [
        ("is lost", Kept::Nothing),
        // How many, depends on how many there are.
        ("is there in part", Kept::First(0)),
    ];
    let of = disk.rules.of;
    let lost = disk.disk.crash(|change| {
        asked.could(&of, Fault::Lost);
        let (ways, half): (&'static [_], _) = match change.what {
            What::Written { length, .. } if length > 1 => (&BYTES, length / 2),
            _ => (&NAME, 0),
        };
        let Some(kept) = world.aftermath(&told(change), ways, change.place) else {
            return Kept::Whole;
        };
        asked.did(&of, Fault::Lost, last(world, DecisionKind::Pick));
        match kept {
            Kept::First(_) => Kept::First(half),
            kept => *kept,
        }
    });
    let of_names = |what: &What| !matches!(what, What::Written { .. } | What::Resized { .. });
    // The first of them was decided, and told.
    let with_it = lost.iter().filter(|lost| of_names(&lost.what)).skip(1);
    for lost in with_it {
        let name = told_of(&lost.what, &lost.path);
        let raw = world.recorder.fault(&name, "is lost with it");
        world.record_made(raw, lost.place);
    }
}

fn told(change: &Unsynced<Made>) -> String {
    told_of(&change.what, &change.path)
}

/// What was not synced, as a report says it.
fn told_of(what: &What, path: &Path) -> String {
    let path = path.display();
    match what {
        What::Written { at, length: 1 } => format!("the write of 1 byte to {path} at {at}"),
        What::Written { at, length } => format!("the write of {length} bytes to {path} at {at}"),
        What::Resized { length } => format!("the resize of {path} to {length} bytes"),
        What::Made => format!("the name of the new {path}"),
        What::Removed => format!("the removal of {path}"),
        What::Renamed { to } => format!("the rename of {path} to {}", to.display()),
        What::Linked { to } => format!("the link of {path} to {}", to.display()),
        _ => format!("a change of {path}"),
    }
}
