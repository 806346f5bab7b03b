//! Names of hosts, and what may go wrong as one is looked up.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::panic::Location;
use std::time::Duration;

use deadheat_timeout::Place;

use crate::base::bounds::clamp;
use crate::engine::clock::Latency;
use crate::engine::inside::inside;
use crate::net::journey::between;
use crate::net::mishap::decided;
use crate::net::wire::{act, call};
use crate::program::wait::{sleep_made_at, yield_now};
use crate::record::asked::Fault;
use crate::state::network::Network;
use crate::state::resolver::Entry;

/// So long a resolver waits that nobody answers: twice five seconds, as that of glibc does with one server.
const HANGS: Duration = Duration::from_secs(10);

/// What is said of a name, from now on. The name of a host is found at once, without any of this.
///
/// # Examples
///
/// ```
/// use deadheat::net;
/// use std::time::Duration;
///
/// let failure = deadheat::check(&deadheat::Config::new(), || async {
///     net::host("db-1");
///     net::name("db.internal").stands_for("db-1").latency(Duration::ZERO..=Duration::from_secs(3)).may_fail();
///     let found = net::resolve("db.internal").await.expect("a name is always found");
///     assert_eq!(found[0].to_string(), "10.0.0.2");
/// });
/// assert!(failure.unwrap_err().to_string().contains("the name is not found"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    name: String,
    run: u32,
}

/// A name, of a host or of nothing yet.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`Name`].
#[track_caller]
pub fn name(name: &str) -> Name {
    let run = inside("net", |world| world.run);
    let name = name.to_owned();
    Name { name, run }
}

impl Name {
    /// It stands for the host of this name. Said once more, it stands for another one from then on.
    #[track_caller]
    pub fn stands_for(self, host: &str) -> Name {
        let host = Some(host.to_owned());
        self.change(Location::caller(), |entry| entry.stands_for = host);
        self
    }

    /// How long it takes to look it up: a range is decided each time.
    ///
    /// # Panics
    ///
    /// If the range is empty.
    #[track_caller]
    pub fn latency(self, latency: impl Into<Latency>) -> Name {
        let (low, high) = latency.into().ends();
        let latency = Some((clamp(low), clamp(high)));
        self.change(Location::caller(), |entry| entry.latency = latency);
        self.ask(Fault::NameLatency)
    }

    /// It may not be found.
    #[track_caller]
    pub fn may_fail(self) -> Name {
        self.ask(Fault::NameFail)
    }

    /// Nobody may answer who is asked for it: after ten seconds it is given up.
    #[track_caller]
    pub fn may_hang(self) -> Name {
        self.ask(Fault::NameHang)
    }

    #[track_caller]
    fn ask(self, fault: Fault) -> Name {
        let from = Location::caller();
        call(self.run, from, |network| {
            let call = format!("name({:?}).{fault}", self.name);
            let index = network.links.asked.ask(fault, call, from);
            network.resolver.make(&self.name).of.add(fault, index);
        });
        self
    }

    fn change(&self, from: Place, change: impl FnOnce(&mut Entry)) {
        call(self.run, from, |network| {
            change(network.resolver.make(&self.name));
        });
    }
}

/// What becomes of a lookup.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    Fails,
    Hangs,
}

const BOTH: [(&str, Mishap); 2] = [
    ("is not found", Mishap::Fails),
    ("hangs as it is looked up", Mishap::Hangs),
];

/// Looks up the addresses of a name as a program does: it takes a turn, and what was said of the name ([`name`]) may go
/// wrong.
///
/// # Errors
///
/// If the name is that of no host, or was not found.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// See [`Name`].
#[track_caller]
pub fn resolve(name: &str) -> impl Future<Output = io::Result<[IpAddr; 2]>> + use<> {
    let from = Location::caller();
    let run = inside("net", |world| world.run);
    resolve_from(name.to_owned(), run, from)
}

async fn resolve_from(name: String, run: u32, from: Place) -> io::Result<[IpAddr; 2]> {
    // A runtime asks for it on another thread.
    yield_now().await;
    let begun = act(run, from, |world, network, _| {
        let entry = network.resolver.get(&name);
        let of = entry.of;
        let ways = match (of.asks(Fault::NameFail), of.asks(Fault::NameHang)) {
            (true, true) => &BOTH[..],
            (true, false) => &BOTH[..1],
            (false, true) => &BOTH[1..],
            (false, false) => &[],
        };
        let asked = &mut network.links.asked;
        for fault in [Fault::NameLatency, Fault::NameFail, Fault::NameHang] {
            asked.could(&of, fault);
        }
        let fault = |mishap| match mishap {
            Mishap::Fails => Fault::NameFail,
            Mishap::Hangs => Fault::NameHang,
        };
        let mishap = decided(world, asked, of, ("the name", ways), from, fault);
        asked.passed(&of, Fault::NameLatency);
        (entry, mishap)
    });
    let (entry, mishap) = begun.ok_or_else(elsewhere)?;
    if let Some(Mishap::Hangs) = mishap {
        sleep_made_at(HANGS.into(), from).await;
        return Err(failed("Temporary failure in name resolution"));
    }
    if let Some(latency) = entry.latency {
        sleep_made_at(between(latency), from).await;
    }
    if let Some(Mishap::Fails) = mishap {
        return Err(failed("Name or service not known"));
    }
    let found = call(run, from, |network| look_up(network, &name));
    found.ok_or_else(elsewhere)?.ok_or_else(|| {
        failed(&format!(
            "no host of this run is called {name:?} (deadheat::net::host makes one)"
        ))
    })
}

/// The addresses of a name, as it stands now.
pub(super) fn look_up(network: &Network, name: &str) -> Option<[IpAddr; 2]> {
    let stands_for = network.resolver.get(name).stands_for;
    network.kernel.lookup(stands_for.as_deref().unwrap_or(name))
}

fn failed(why: &str) -> io::Error {
    io::Error::other(format!("failed to lookup address information: {why}"))
}

fn elsewhere() -> io::Error {
    io::Error::other("a name was looked up outside of the deadheat run in which that was begun")
}
