//! Files in memory: the disk of a host, what may go wrong on it, and how who stands in the place of a runtime's files
//! uses it.

use std::fmt::Display;
use std::io;
use std::panic::Location;
use std::path::Path;
use std::time::Duration;

use deadheat_disk::{Disk, Error, Opened};
use deadheat_net::HostId;
use deadheat_timeout::Place;

use crate::base::bounds::clamp;
use crate::decide::tape::DecisionKind;
use crate::engine::clock::Latency;
use crate::engine::inside::inside;
use crate::net::hands::both;
use crate::net::host::Host;
use crate::net::mishap::last;
use crate::record::asked::{AllAsked, Fault};
use crate::record::events::{Words, hash_bytes};
use crate::state::disks::{HostDisk, Made};
use crate::state::network::Network;
use crate::state::world::World;

impl Host {
    /// From now on the files of this host are in memory: on a disk of its own, which begins with nothing on it and outlives
    /// its crashes. Each method of [`Files`] says one thing of that disk.
    ///
    /// `tokio::fs` of deadheat-tokio works on it. After the host has [lost power](Host::may_crash) what was not synced may
    /// be lost: what was written to a file, until that file is synced, and the name of a file, until its folder is.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net;
    /// use std::time::Duration;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let db = net::host("db");
    ///     db.files_in_memory().latency(Duration::ZERO..=Duration::from_millis(20)).may_fail();
    ///     // The test's own host, too.
    ///     net::Host::here().files_in_memory();
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn files_in_memory(self) -> Files {
        let run = inside("net", |world| world.run);
        let host = self.id();
        let ends = both(run, |_, network| {
            let ends = network.disks.make(host).ends;
            ask_for_loss(network, host, Location::caller());
            ends
        });
        let ends = ends.expect("the run was under way just now");
        Files { run, host, ends }
    }
}

/// The files of a host whose files are in memory, from one of its starts to its next crash.
///
/// # Examples
///
/// A file that nobody has synced:
///
/// ```
/// use deadheat::net::{self, Files, disk::OpenAs};
/// use deadheat::{Config, check};
///
/// let failure = check(&Config::new(), || async {
///     let db = net::host("db");
///     let files = db.files_in_memory();
///     let made = Files::made();
///     let file = files.call(|disk| Ok(disk.open("a", OpenAs::NEW, made)?)).unwrap();
///     files.write(&file, 0, b"text", made).unwrap();
///     files.sync(&file, made).unwrap();
///     db.crash();
///     assert!(files.call(|_| Ok(())).is_err(), "they were open when the host crashed");
///     let found = db.files_in_memory().call(|disk| Ok(disk.look("a")?));
///     assert!(found.is_ok(), "its name is lost");
/// });
/// assert!(failure.unwrap_err().to_string().contains("the name of the new a is lost"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files {
    run: u32,
    host: HostId,
    /// How often the host had gone down.
    ends: u32,
}

enum Write {
    NoRoom,
    Short,
}

impl Write {
    fn fault(&self) -> Fault {
        match self {
            Write::NoRoom => Fault::FileFail,
            Write::Short => Fault::FileShort,
        }
    }
}

const WRITE: [(&str, Write); 2] = [("finds no room", Write::NoRoom), ("is short", Write::Short)];
const SYNC: [(&str, ()); 1] = [("fails", ())];

/// The number of `EIO`, which has no kind in the standard library.
const IO_ERROR: i32 = 5;

impl Files {
    /// How long each operation takes, but for a seek: a range is decided for each.
    ///
    /// # Panics
    ///
    /// If the range is empty.
    #[track_caller]
    pub fn latency(self, latency: impl Into<Latency>) -> Files {
        let (low, high) = latency.into().ends();
        let latency = Some((clamp(low), clamp(high)));
        self.rule(Fault::FileLatency, |disk| disk.rules.latency = latency)
    }

    /// A write may find no room (`ENOSPC`), and a sync may fail (`EIO`), which makes nothing certain.
    #[track_caller]
    pub fn may_fail(self) -> Files {
        self.rule(Fault::FileFail, |_| ())
    }

    /// The system may write less than it was asked for. tokio asks it again for the rest, so that this is seen after a crash
    /// only: of what was written in one call the first half may be there, and the second lost.
    #[track_caller]
    pub fn may_write_less(self) -> Files {
        self.rule(Fault::FileShort, |_| ())
    }

    /// The disk has room for so many bytes.
    #[track_caller]
    pub fn room(self, bytes: u64) -> Files {
        self.rule(Fault::FileRoom, |disk| disk.disk.set_room(bytes))
    }

    #[track_caller]
    fn rule(self, fault: Fault, change: impl FnOnce(&mut HostDisk)) -> Files {
        let from = Location::caller();
        both(self.run, |_, network| {
            let call = format!(
                "host({:?}).files_in_memory().{fault}",
                network.kernel.host_name(self.host)
            );
            let index = network.links.asked.ask(fault, call, from);
            // A host that is down has its disk still.
            let disk = network.disks.make(self.host);
            disk.rules.of.add(fault, index);
            change(disk);
        });
        self
    }
}

/// A host that may crash and has its files in memory may lose what was not synced: that is asked for by both, once.
pub(super) fn ask_for_loss(network: &mut Network, host: HostId, from: Place) {
    let may_crash = network.crashes.get(host).is_some_and(|fate| fate.left > 0);
    let Some(disk) = network.disks.get(host).filter(|_| may_crash) else {
        return;
    };
    if !disk.rules.of.asks(Fault::Lost) {
        let name = network.kernel.host_name(host);
        let call = format!("host({name:?}).{}", Fault::Lost);
        let index = network.links.asked.ask(Fault::Lost, call, from);
        disk.rules.of.add(Fault::Lost, index);
    }
}

/// For who stands in the place of a runtime's files.
impl Files {
    /// The files of the host of the task that calls, if they are in memory. None outside of a run.
    pub fn here() -> Option<Files> {
        let run = crate::state::world::run_number();
        both(run, |world, network| {
            let host = network.homes.of(world.current);
            // What a task does that is dropped with its host reaches no file.
            let is_down = network.crashes.dying == Some(host);
            let ends = network.disks.get(host)?.ends;
            let ends = ends.wrapping_sub(u32::from(is_down));
            Some(Files { run, host, ends })
        })
        .flatten()
    }

    /// What says of a change that it is made here: in a report it is the line of the program that leads here.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    #[track_caller]
    pub fn made() -> Made {
        let place = Location::caller();
        inside("net", |world| world.made_at(place))
    }

    /// How long an operation takes.
    pub fn takes(self) -> Option<Latency> {
        let latency = both(self.run, |_, network| {
            let rules = network.disks.get(self.host)?.rules;
            let asked = &mut network.links.asked;
            asked.could(&rules.of, Fault::FileLatency);
            asked.passed(&rules.of, Fault::FileLatency);
            rules.latency
        });
        let (low, high) = latency.flatten()?;
        let nanos = |nanos: i64| Duration::from_nanos(nanos.unsigned_abs());
        Some(Latency::from(nanos(low)..=nanos(high)))
    }

    /// Calls the disk.
    ///
    /// # Errors
    ///
    /// What `f` fails with, and that the host has crashed since, or that the run is over.
    pub fn call<R>(self, f: impl FnOnce(&mut Disk<Made>) -> io::Result<R>) -> io::Result<R> {
        self.within(|_, _, host| f(&mut host.disk))
    }

    /// Tells in the trace of a run, if one is kept, what came of something that a task did to a file: `words` go on after its
    /// name.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net::{self, Files};
    ///
    /// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {
    ///     let files = net::Host::here().files_in_memory();
    ///     files.tell(Files::made(), || "opens a".to_owned(), &Ok(()));
    /// });
    /// assert!(run.unwrap().trace().to_string().contains("file \"opens a\""));
    /// ```
    pub fn tell<R>(self, made: Made, words: impl FnOnce() -> String, result: &io::Result<R>) {
        both(self.run, |world, _| tell(world, made, words, result));
    }

    /// Writes to a file, of which something may go wrong.
    ///
    /// # Errors
    ///
    /// As [`call`](Files::call), and as was decided.
    pub fn write(self, file: &Opened, at: u64, bytes: &[u8], made: Made) -> io::Result<usize> {
        self.within(|world, asked, host| {
            let of = host.rules.of;
            let is_short = of.asks(Fault::FileShort) && bytes.len() > 1;
            let ways = match (of.asks(Fault::FileFail), is_short) {
                (true, true) => &WRITE[..],
                (true, false) => &WRITE[..1],
                (false, true) => &WRITE[1..],
                (false, false) => &[],
            };
            for (_, way) in ways {
                asked.could(&of, way.fault());
            }
            asked.could(&of, Fault::FileRoom);
            let decided = world.fault_made("a write", ways, made);
            if let Some(way) = decided {
                asked.did(&of, way.fault(), last(world, DecisionKind::Fault));
            }
            let bytes = match decided {
                Some(Write::NoRoom) => return Err(Error::StorageFull.into()),
                Some(Write::Short) => &bytes[..bytes.len() / 2],
                None => bytes,
            };
            let written = host.disk.write(file, at, bytes, made);
            if written == Err(Error::StorageFull) {
                asked.passed(&of, Fault::FileRoom);
            }
            let words = || {
                format!(
                    "writes {} bytes to {}, at {at}",
                    bytes.len(),
                    file.path().display()
                )
            };
            tell(world, made, words, &written);
            Ok(written?)
        })
    }

    /// Reads what is in a file from a place on, and says how much.
    ///
    /// # Errors
    ///
    /// As [`call`](Files::call).
    pub fn read(self, file: &Opened, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let count = self.within(|_, _, host| Ok(host.disk.read(file, at, into)))?;
        self.answers(&into[..count]);
        Ok(count)
    }

    /// Reads all that is in the file of a path.
    ///
    /// # Errors
    ///
    /// As [`call`](Files::call).
    pub fn read_all(self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = self.call(|disk| Ok(disk.read_all(path)?.to_owned()))?;
        self.answers(&bytes);
        Ok(bytes)
    }

    /// A program has read this.
    fn answers(self, bytes: &[u8]) {
        both(self.run, |_, network| {
            network.links.answers.add(hash_bytes(bytes));
        });
    }

    /// Makes certain what is in a file, of which something may go wrong.
    ///
    /// # Errors
    ///
    /// As [`write`](Files::write).
    pub fn sync(self, file: &Opened, made: Made) -> io::Result<()> {
        self.synced(file.path(), made, |disk| Ok(disk.sync(file)?))
    }

    /// Makes certain the names in a folder, of which something may go wrong.
    ///
    /// # Errors
    ///
    /// As [`write`](Files::write).
    pub fn sync_folder(self, path: &Path, made: Made) -> io::Result<()> {
        self.synced(path, made, |disk| Ok(disk.sync_folder(path)?))
    }

    fn synced(
        self,
        path: &Path,
        made: Made,
        sync: impl FnOnce(&mut Disk<Made>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.within(|world, asked, host| {
            let of = host.rules.of;
            let ways = match of.asks(Fault::FileFail) {
                true => &SYNC[..],
                false => &[],
            };
            asked.could(&of, Fault::FileFail);
            let synced = match world.fault_made("a sync", ways, made) {
                Some(()) => {
                    asked.did(&of, Fault::FileFail, last(world, DecisionKind::Fault));
                    Err(io::Error::from_raw_os_error(IO_ERROR))
                }
                None => sync(&mut host.disk),
            };
            let words = || format!("syncs {}", path.display());
            tell(world, made, words, &synced);
            synced
        })
    }

    fn within<R>(
        self,
        f: impl FnOnce(&mut World, &mut AllAsked, &mut HostDisk) -> io::Result<R>,
    ) -> io::Result<R> {
        let done = both(self.run, |world, network| {
            let host = network.disks.get(self.host)?;
            let links = &mut network.links;
            let result = match host.ends == self.ends {
                true => f(world, &mut links.asked, host),
                false => Err(gone()),
            };
            links.answers.add_result(&result);
            Some(result)
        });
        done.flatten().unwrap_or_else(|| Err(gone()))
    }
}

/// What was done to a file is told in the trace, with the error that came of it.
fn tell<R, E: Display>(
    world: &mut World,
    made: Made,
    words: impl FnOnce() -> String,
    result: &Result<R, E>,
) {
    if !world.recorder.tells || world.closing {
        return;
    }
    let told = match result {
        Ok(_) => words(),
        Err(error) => format!("{}: {error}", words()),
    };
    world.put_in_words(Words::File, &[told], world.current, made);
}

fn gone() -> io::Error {
    io::Error::other("the host of this file has crashed since it was opened, or its run is over")
}
