//! Hosts that go down, and what they run when they are started.

use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use deadheat_timeout::Place;

use crate::base::bounds::clamp;
use crate::base::interned::interned;
use crate::base::time::Instant;
use crate::engine::clock::Latency;
use crate::engine::inside::inside;
use crate::net::crash::{Crash, How, blocked, start};
use crate::net::files::ask_for_loss;
use crate::net::hands::both;
use crate::net::host::Host;
use crate::net::mortal::mortal;
use crate::record::asked::Fault;
use crate::state::crashes::Fate;
use crate::state::disks::Made;
use crate::state::world;

/// Whether the task that calls is just dropped with its host: what is done then is to reach nobody.
///
/// # Examples
///
/// ```
/// use deadheat::net;
///
/// struct SeesIt;
///
/// impl Drop for SeesIt {
///     fn drop(&mut self) {
///         assert!(net::is_going_down());
///     }
/// }
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let db = net::host("db").runs(|| async {
///         let _held = SeesIt;
///         std::future::pending().await
///     });
///     deadheat::yield_now().await;
///     db.crash();
///     assert!(!net::is_going_down());
/// });
/// run.unwrap();
/// ```
pub fn is_going_down() -> bool {
    let dying = world::current(|world| {
        let network = world.network.as_ref()?;
        let dying = network.crashes.dying?;
        (network.homes.of(world.current) == dying).then_some(())
    });
    dying.flatten().is_some()
}

/// Hosts that crash.
///
/// At a crash all tasks of the host are dropped where they wait, and what they do as they are dropped reaches nobody: its
/// sockets and open files are gone before. A host goes down in one of two ways:
///
/// - **Its programs are killed.** Its system is there: whoever connects is refused, connections end as Linux ends them
///   for a program that is killed, and all that was written to files is there.
/// - **It loses power.** Nobody answers. What is sent to it is lost, and once it is up again it resets the connections that
///   it does not know. What was not synced may be lost, each change by a decision, on a host whose [files are in
///   memory](Host::files_in_memory).
impl Host {
    /// What runs on the host, from now on and again each time it is started.
    ///
    /// # Panics
    ///
    /// Outside of a run, on the host on which a test begins, and if something runs there by this method.
    ///
    /// # Examples
    ///
    /// See [`may_crash`](Host::may_crash).
    #[track_caller]
    pub fn runs<F>(self, main: impl Fn() -> F + 'static) -> Host
    where
        F: Future<Output = ()> + 'static,
    {
        let place = Location::caller();
        self.assert_goes_down("runs");
        let had = self.with(|fate| {
            let main = Rc::new(move || Box::pin(main()) as _);
            fate.main.replace((main, place)).is_some()
        });
        assert!(
            !had,
            "host {} runs one program (Host::runs): let that spawn the others",
            self.name()
        );
        start(inside("net", |world| world.run), self.id(), false, place);
        self
    }

    /// It may crash, once in a run: after any turn of one of its tasks, so at any `.await` that waits, and as soon as something
    /// reaches it after a while. It is started again after 1 ms to 1 s, if it [runs](Host::runs) something.
    ///
    /// # Determinism
    ///
    /// Whether it crashes is one decision at each of these places, and so is when it is started again. In a sampled run
    /// it is drawn once how readily, from never to as often as not, so that a crash comes early in one run and late in
    /// another.
    ///
    /// # Panics
    ///
    /// Outside of a run, and on the host on which a test begins. Where one of its tasks blocks in a plain function
    /// (`block_on`, or a `main` with `#[tokio::main]`), also later: that cannot be dropped where it waits. Such a
    /// `main` is for [`runs_main`](Host::runs_main).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check, net, sleep};
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let done = Rc::new(Cell::new(0));
    ///     let counts = Rc::clone(&done);
    ///     let worker = move || {
    ///         let done = Rc::clone(&counts);
    ///         async move {
    ///             for _ in 0..3 {
    ///                 sleep(Duration::from_secs(1)).await;
    ///                 done.set(done.get() + 1);
    ///             }
    ///         }
    ///     };
    ///     net::host("worker").may_crash().runs(worker);
    ///     sleep(Duration::from_secs(60)).await;
    ///     assert_eq!(done.get(), 3, "a step was done again after the crash");
    /// });
    /// let report = failure.unwrap_err().to_string();
    /// assert!(report.contains("host worker is killed here"), "{report}");
    /// assert!(report.contains("started again"));
    /// ```
    #[track_caller]
    pub fn may_crash(self) -> Host {
        self.crashes_at_most(1)
    }

    /// It may crash up to so many times in a run, as [`may_crash`](Host::may_crash) says.
    ///
    /// # Panics
    ///
    /// As that does.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check, net, sleep};
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// use std::time::Duration;
    ///
    /// let failure = check(&Config::new(), || async {
    ///     let starts = Rc::new(Cell::new(0));
    ///     let counted = Rc::clone(&starts);
    ///     net::host("worker").crashes_at_most(2).runs(move || {
    ///         counted.set(counted.get() + 1);
    ///         sleep(Duration::from_secs(1))
    ///     });
    ///     sleep(Duration::from_secs(60)).await;
    ///     assert!(starts.get() < 3, "started three times");
    /// });
    /// assert!(failure.unwrap_err().to_string().contains("started three times"));
    /// ```
    #[track_caller]
    pub fn crashes_at_most(self, times: u32) -> Host {
        self.assert_goes_down("may_crash");
        self.with(|fate| fate.left = times);
        self.ask(Fault::Crash, Location::caller());
        let run = inside("net", |world| world.run);
        let blocked = both(run, |world, network| blocked(world, network, self.id()));
        if let Some(advice) = blocked.flatten() {
            panic!("{advice}");
        }
        both(run, |world, network| {
            ask_for_loss(network, self.id(), Location::caller());
            if network.crashes.wrap.replace(mortal).is_some() {
                return;
            }
            // Those that are there already.
            for task in network.homes.others() {
                let future = &mut world.tasks.slots[task as usize].future;
                *future = future.take().map(mortal);
            }
        });
        self
    }

    /// How long after a crash it is started again: a range is decided for each.
    ///
    /// # Panics
    ///
    /// Outside of a run, on the host on which a test begins, and if the range is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net;
    /// use std::time::Duration;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let restart = Duration::from_secs(1)..=Duration::from_secs(60);
    ///     net::host("db").may_crash().starts_again_after(restart).runs(|| async {});
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn starts_again_after(self, after: impl Into<Latency>) -> Host {
        let (low, high) = after.into().ends();
        self.assert_goes_down("starts_again_after");
        self.with(|fate| fate.back = (clamp(low), clamp(high)));
        self.ask(Fault::Restart, Location::caller());
        self
    }

    /// A fault is asked for, by a call there.
    fn ask(self, fault: Fault, from: Place) {
        both(inside("net", |world| world.run), |_, network| {
            let call = format!("host({:?}).{fault}", network.kernel.host_name(self.id()));
            let index = network.links.asked.ask(fault, call, from);
            if let Some(fate) = network.crashes.get(self.id()) {
                fate.of.add(fault, index);
            }
        });
    }

    /// It loses power now. It stays down until it is [started](Host::restart).
    ///
    /// A task of the host that calls it goes on until it waits.
    ///
    /// # Panics
    ///
    /// As [`may_crash`](Host::may_crash).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let db = net::host("db");
    ///     let work = db.spawn(std::future::pending::<()>());
    ///     db.crash();
    ///     assert!(work.await.is_err());
    ///     assert!(!db.is_up());
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn crash(self) {
        self.goes_down(How::Dark, "loses power", Location::caller());
    }

    /// Its programs are killed now, and its system stays. It runs nothing until it is [started](Host::restart).
    ///
    /// # Panics
    ///
    /// As [`may_crash`](Host::may_crash).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let db = net::host("db");
    ///     let work = db.spawn(std::future::pending::<()>());
    ///     db.kill();
    ///     assert!(work.await.is_err());
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn kill(self) {
        self.goes_down(How::Killed, "is killed", Location::caller());
    }

    /// Starts it: what it [runs](Host::runs) begins anew. If it is up, its programs are killed before.
    ///
    /// # Panics
    ///
    /// As [`may_crash`](Host::may_crash).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::net;
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let starts = Rc::new(Cell::new(0));
    ///     let counted = Rc::clone(&starts);
    ///     let db = net::host("db").runs(move || {
    ///         counted.set(counted.get() + 1);
    ///         std::future::pending()
    ///     });
    ///     deadheat::yield_now().await;
    ///     db.restart();
    ///     deadheat::yield_now().await;
    ///     assert_eq!(starts.get(), 2);
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn restart(self) {
        if self.is_up() {
            self.kill();
        }
        self.with(|_| ());
        start(
            inside("net", |world| world.run),
            self.id(),
            true,
            Location::caller(),
        );
    }

    /// Whether it is up. One that was never started is.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// See [`crash`](Host::crash).
    #[track_caller]
    pub fn is_up(self) -> bool {
        self.with(|fate| fate.is_up)
    }

    /// Since when it is up: its own clock begins there. None while it is down.
    ///
    /// # Panics
    ///
    /// Outside of a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Instant, net, sleep};
    /// use std::time::Duration;
    ///
    /// let run = deadheat::run(&deadheat::Config::new(), || async {
    ///     let db = net::host("db");
    ///     assert_eq!(db.up_since(), Some(Instant::START));
    ///     sleep(Duration::from_secs(1)).await;
    ///     db.restart();
    ///     assert_eq!(db.up_since(), Some(deadheat::now()));
    ///     db.crash();
    ///     assert_eq!(db.up_since(), None);
    /// });
    /// run.unwrap();
    /// ```
    #[track_caller]
    pub fn up_since(self) -> Option<Instant> {
        self.with(|fate| fate.is_up.then(|| Instant::from_nanos(fate.since)))
    }

    #[track_caller]
    fn goes_down(self, how: How, words: &str, place: Place) {
        self.assert_goes_down("crash");
        let run = inside("net", |world| world.run);
        let name = self.with(|fate| fate.name);
        both(run, |world, _| {
            let raw = world.recorder.fault(name, words);
            world.record_from(raw, &place);
        });
        let crash = Crash {
            run,
            host: self.id(),
            how,
            made: Made::at(place),
        };
        crash.happen(None);
        both(run, |world, network| {
            if let Some(task) = world.current
                && network.homes.of(Some(task)) == self.id()
            {
                world.abort(task);
            }
        });
    }

    /// Looks at what is known of the host.
    #[track_caller]
    fn with<R>(self, f: impl FnOnce(&mut Fate) -> R) -> R {
        let id = self.id();
        let run = inside("net", |world| world.run);
        let done = both(run, |_, network| {
            let name = || interned(&format!("host {}", network.kernel.host_name(id)));
            f(network.crashes.make(id, name))
        });
        done.expect("the run was under way just now")
    }

    #[track_caller]
    fn assert_goes_down(self, what: &str) {
        let run = inside("net", |world| world.run);
        let is_first = both(run, |_, network| network.homes.is_first(self.id()));
        assert!(
            is_first != Some(true),
            "Host::{what} is for other hosts than {:?}, on which the test itself runs: make one by deadheat::net::host(\"name\")",
            self.name()
        );
    }
}
