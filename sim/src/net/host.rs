//! Hosts: machines of a run, each with a name, addresses and tasks of its own.

use std::future::Future;
use std::net::IpAddr;
use std::panic::Location;
use std::sync::Arc;

use deadheat_net::HostId;

use crate::engine::inside::inside;
use crate::engine::join::JoinHandle;
use crate::net::crash::settle;
use crate::net::hands::both;
use crate::net::name::look_up;
use crate::net::wire::call;
use crate::program::spawn::{spawn, spawn_named};
use crate::state::network::Network;

/// A machine of a run. What is spawned on it belongs to it, and so does what that spawns.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let db = net::host("db");
///     let on = db.spawn(async { net::Host::here().name() }).await.unwrap();
///     assert_eq!((on.as_str(), net::Host::here().name().as_str()), ("db", "test"));
/// });
/// run.unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Host {
    id: HostId,
}

/// The host of a name, which is made where there is none. The first that is made has the address 10.0.0.2, the next
/// 10.0.0.3, and so on: a test begins on the host `test`, which has 10.0.0.1. A host finds itself at 127.0.0.1, too.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`Host`].
#[track_caller]
pub fn host(name: &str) -> Host {
    let id = within(|network| network.kernel.host(name));
    Host { id }
}

/// The addresses of a name as it stands now, without a turn and without anything that goes wrong ([`resolve`](super::resolve)
/// is what a program does): of a host's name, of `localhost`, or of one that [stands for](super::name) a host.
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
///     let db = net::host("db");
///     assert_eq!(net::lookup("db").unwrap()[0], db.address());
///     assert_eq!(net::lookup("nobody"), None);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn lookup(name: &str) -> Option<[IpAddr; 2]> {
    within(|network| look_up(network, name))
}

#[track_caller]
fn within<R>(f: impl FnOnce(&mut Network) -> R) -> R {
    let run = inside("net", |world| world.run);
    let result = call(run, Location::caller(), f);
    result.expect("the run was under way just now")
}

impl Host {
    /// The host of the task that calls.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn here() -> Host {
        let task = inside("net", |world| world.current);
        let id = within(|network| network.homes.of(task));
        Host { id }
    }

    /// What it is called.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn name(&self) -> String {
        within(|network| network.kernel.host_name(self.id).to_owned())
    }

    /// Its address that others find it at.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn address(&self) -> IpAddr {
        within(|network| network.kernel.addresses(self.id)[0])
    }

    /// Spawns a task on it; see [`spawn`](crate::spawn).
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.settled(spawn(future))
    }

    /// The same, with a name.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn spawn_named<F>(&self, name: impl Into<Arc<str>>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.settled(spawn_named(name, future))
    }

    /// The task that was spawned last is on this host.
    #[track_caller]
    fn settled<T>(&self, task: JoinHandle<T>) -> JoinHandle<T> {
        let (run, last) = inside("net", |world| {
            (world.run, world.tasks.slots.len() as u32 - 1)
        });
        both(run, |world, network| settle(world, network, last, self.id));
        task
    }

    pub(super) fn id(self) -> HostId {
        self.id
    }
}
