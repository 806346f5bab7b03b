//! What a run took from outside without a word: real clocks, real chance, threads, processes, sockets.
//!
//! 1. A leak does not fail a run, as it may be of no matter: it is told, how often it was and where first.
//! 2. Where is found out once for each kind and test, since it takes milliseconds.

mod place;

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use place::Place;

/// Something that a run took from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LeakKind {
    /// `std::time::Instant::now`, or what stands on it.
    Instant,
    /// `std::time::SystemTime::now`, or what stands on it.
    SystemTime,
    /// `std::thread::sleep`.
    Sleep,
    /// A wait for another thread that has an end: `recv_timeout`, `wait_timeout`, `park_timeout`.
    Wait,
    /// Random bytes of the system: the keys of hash maps, `rand::random`.
    Random,
    /// A thread was started.
    Thread,
    /// A socket was made.
    Socket,
    /// Another process was started.
    Process,
    /// `/dev/urandom` was opened.
    RandomFile,
    /// The thread waited until files or sockets were ready.
    Files,
    /// A clock was read that shows how long the processor has worked.
    ProcessorTime,
    /// A timer of the system was made or set: `timerfd`, `setitimer`, `alarm`.
    Timer,
    /// A clock of a sealed run was read so often at one moment that time passed for that.
    Spin,
    /// A plain function that others go on beside ([`aside`](crate::program::aside)) let time pass where they could not.
    HeldUp,
    /// Such a function waited for another one in a way by which only another thread can wake it.
    Parked,
    /// Clocks and chance were to be sealed, and could not be.
    NotSealed,
}

/// How many kinds there are.
pub(crate) const KINDS: usize = 16;

impl LeakKind {
    pub(crate) const ALL: [LeakKind; KINDS] = [
        LeakKind::Instant,
        LeakKind::SystemTime,
        LeakKind::Sleep,
        LeakKind::Wait,
        LeakKind::Random,
        LeakKind::Thread,
        LeakKind::Socket,
        LeakKind::Process,
        LeakKind::RandomFile,
        LeakKind::Files,
        LeakKind::ProcessorTime,
        LeakKind::Timer,
        LeakKind::Spin,
        LeakKind::HeldUp,
        LeakKind::Parked,
        LeakKind::NotSealed,
    ];

    /// What happened, and what comes of it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            LeakKind::Instant => ("std::time::Instant::now was read", "it shows real time"),
            LeakKind::SystemTime => (
                concat!("std::time::SystemTime", "::now was read"),
                "it shows real time",
            ),
            LeakKind::Sleep => (
                "the thread slept (std::thread::sleep)",
                "no time of the run passes, and no other task goes on meanwhile",
            ),
            LeakKind::Wait => (
                "the thread waited for another one, for a time (recv_timeout, wait_timeout, park_timeout)",
                "no time of the run passes, and no other task goes on meanwhile",
            ),
            LeakKind::Random => (
                "random bytes of the system were drawn (the keys of a hash map, rand)",
                "a run cannot repeat them",
            ),
            LeakKind::Thread => (
                "a thread was started (std::thread::spawn)",
                "what it does is outside of the run",
            ),
            LeakKind::Socket => (
                "a socket was made",
                "what comes by it is outside of the run",
            ),
            LeakKind::Process => (
                "a process was started (std::process::Command, fork)",
                "what it does is outside of the run",
            ),
            LeakKind::RandomFile => (
                "the system's randomness was opened as a file (/dev/urandom)",
                "a run cannot repeat what is read from it",
            ),
            LeakKind::Files => (
                "the thread waited for files or sockets (poll, select, epoll)",
                "no time of the run passes, and what comes by them is outside of the run",
            ),
            LeakKind::ProcessorTime => (
                "a clock was read that shows how long the processor has worked",
                "a run cannot repeat it",
            ),
            LeakKind::NotSealed => (
                "clocks and chance were to be the run's (sealed), but this binary calls those of the system",
                "they are real",
            ),
            LeakKind::Timer | LeakKind::Spin | LeakKind::HeldUp | LeakKind::Parked => {
                self.words_of_time()
            }
        }
    }

    /// The same of what is about how time passes.
    fn words_of_time(self) -> (&'static str, &'static str) {
        match self {
            LeakKind::Timer => (
                "a timer of the system was made or set (timerfd, setitimer, alarm)",
                "it goes by real time",
            ),
            LeakKind::Spin => (
                "time was let pass for a clock that was read more than 10,000 times at one moment,",
                "whoever reads it so often waits for it to go on, so it does, by 10 ms at most each time",
            ),
            LeakKind::HeldUp => (
                "a closure of spawn_blocking slept or waited where the run cannot go on beside it (in what it blocks on, in \
                 a destructor as it unwinds, or at a condition of libc's)",
                "no other task goes on meanwhile, and no timeout fires",
            ),
            LeakKind::Parked => (
                "a closure of spawn_blocking waited by its thread (recv_timeout, park_timeout)",
                "in a run there is one thread, so no task wakes it, and it goes on when its time is over",
            ),
            _ => (
                "the system was asked for something",
                "it is outside of the run",
            ),
        }
    }

    /// What happened, and where first.
    pub(crate) fn first(self, place: Option<&Place>) -> String {
        let what = self.words().0.trim_end_matches(',');
        match place {
            Some(place) => format!("{what}, first {place}"),
            None => what.to_owned(),
        }
    }

    fn advice(self) -> &'static str {
        match self {
            LeakKind::Instant | LeakKind::SystemTime => {
                "take the time from the run (deadheat::now), or let the clock show it: feature `sealed` of deadheat"
            }
            LeakKind::Sleep | LeakKind::Wait => {
                "wait by deadheat::sleep, or let the run's time pass there: feature `sealed` of deadheat"
            }
            LeakKind::Random => {
                "draw by deadheat::random, give maps a fixed hasher, or let them follow from the seed: feature `sealed` of \
                 deadheat"
            }
            LeakKind::Thread => "do the work in a task of the run (deadheat::spawn)",
            LeakKind::Socket => {
                "use tokio::io::duplex or deadheat::fault::Link in place of a connection"
            }
            LeakKind::Process => "give the code under test a trait to be replaced",
            LeakKind::RandomFile => "draw by deadheat::random, or by the crate getrandom",
            LeakKind::Files => "use tokio::io::duplex or deadheat::fault::Link in their place",
            LeakKind::ProcessorTime => "take the time from the run: deadheat::now",
            LeakKind::Timer => "wait by deadheat::sleep",
            LeakKind::Spin => "wait by deadheat::sleep, or read it once where no time is to pass",
            LeakKind::Parked => {
                "wait by Condvar::wait_timeout, or by Handle::block_on for a channel of tokio's"
            }
            LeakKind::HeldUp => "sleep outside of what it blocks on, or by .await within",
            LeakKind::NotSealed => {
                "it works on Linux with glibc, in a binary that is linked to it dynamically"
            }
        }
    }
}

/// Something that a run took from outside, and where first.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run};
/// use deadheat::record::LeakKind;
///
/// let run = run(&Config::new(), || async { drop(std::thread::spawn(|| ())) }).unwrap();
/// // On Linux with glibc.
/// for leak in &run.leaks {
///     assert_eq!(leak.kind, LeakKind::Thread);
///     assert!(leak.to_string().starts_with("a thread was started"));
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// What it is.
    pub kind: LeakKind,
    /// How often.
    pub count: u64,
    /// Where it was first in this test, if that is known.
    pub place: Option<Arc<Place>>,
}

impl Leak {
    /// What happened, and where first.
    pub(crate) fn first(&self) -> String {
        self.kind.first(self.place.as_deref())
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, so) = self.kind.words();
        f.write_str(what)?;
        match self.count {
            _ if self.kind == LeakKind::NotSealed => {}
            1 => f.write_str(" once")?,
            count => write!(f, " {count} times")?,
        }
        if let Some(place) = &self.place {
            let first = if self.count > 1 { ", first" } else { "" };
            write!(f, "{first} {place}")?;
        }
        write!(f, ": {so}; {}", self.kind.advice())
    }
}

/// Adds what other runs took from outside.
pub(crate) fn merge(into: &mut Vec<Leak>, other: Vec<Leak>) {
    for leak in other {
        match into.iter_mut().find(|known| known.kind == leak.kind) {
            Some(known) => {
                known.count = known.count.saturating_add(leak.count);
                known.place = known.place.take().or(leak.place);
            }
            None => into.push(leak),
        }
    }
    into.sort_by_key(|leak| leak.kind);
}

/// Where each kind was first in the test under way.
#[derive(Debug, Default)]
pub(crate) struct Places {
    kinds: Mutex<[Option<Arc<Place>>; KINDS]>,
    /// Where chance was drawn first that is the run's own, which is no leak. It is looked for only where a report asks.
    drawn: Mutex<Drawn>,
}

#[derive(Debug, Default)]
enum Drawn {
    #[default]
    Unasked,
    Asked,
    At(Option<Place>),
}

thread_local! {
    static PLACES: RefCell<Arc<Places>> = RefCell::default();
}

impl Places {
    /// Those of this thread, for the threads that it starts.
    pub(crate) fn here() -> Arc<Places> {
        PLACES.with_borrow(Arc::clone)
    }

    /// This thread's are these from now on.
    pub(crate) fn are(self: Arc<Self>) {
        PLACES.set(self);
    }

    /// A test begins on this thread, and knows of none.
    pub(crate) fn begin() {
        PLACES.set(Arc::default());
    }

    /// Chance is drawn that is the run's own: by the program, or by the runtime beside the run, whose thread the program has.
    #[cold]
    pub(crate) fn drawn(by_program: bool) {
        let _ = PLACES.try_with(|places| {
            let Ok(places) = places.try_borrow() else {
                return;
            };
            let mut drawn = places.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            match (&*drawn, by_program) {
                (Drawn::Asked | Drawn::At(None), true) => *drawn = Drawn::At(Place::of_caller()),
                (Drawn::Asked, false) => *drawn = Drawn::At(None),
                _ => {}
            }
        });
    }

    /// Whether chance is drawn while `f` makes a run, and where first, if that is known.
    pub(crate) fn drawn_in(f: impl FnOnce()) -> Option<Option<Place>> {
        let here = Places::here();
        let set = |to| {
            let mut drawn = here.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *drawn, to)
        };
        set(Drawn::Asked);
        f();
        match set(Drawn::Unasked) {
            Drawn::At(place) => Some(place),
            Drawn::Unasked | Drawn::Asked => None,
        }
    }

    /// Where this kind was first; looked for on the stack if it is this time.
    pub(crate) fn first(kind: LeakKind) -> Option<Arc<Place>> {
        let places = PLACES.try_with(|places| Some(places.try_borrow().ok()?.clone()));
        let places = places.ok().flatten()?;
        let mut places = places.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.get_mut(kind as usize)?;
        if place.is_none() {
            *place = Place::of_caller().map(Arc::new);
        }
        place.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leak(kind: LeakKind, count: u64) -> Leak {
        Leak {
            kind,
            count,
            place: None,
        }
    }

    #[test]
    fn the_kinds_are_numbered_as_they_are_listed() {
        let numbers = LeakKind::ALL.map(|kind| kind as usize);
        assert_eq!(numbers, std::array::from_fn(|number| number));
    }

    #[test]
    fn where_nothing_could_be_sealed_it_is_said_without_a_count() {
        let said = leak(LeakKind::NotSealed, 3).to_string();
        assert!(
            said.starts_with("clocks and chance were to be the run's (sealed), but"),
            "{said}"
        );
        assert!(!said.contains("times"), "{said}");
    }

    #[test]
    fn of_a_kind_there_is_one_in_the_order_of_kinds() {
        let mut leaks = vec![leak(LeakKind::Thread, 2)];
        merge(
            &mut leaks,
            vec![leak(LeakKind::Thread, 3), leak(LeakKind::Instant, 1)],
        );
        assert_eq!(
            leaks,
            [leak(LeakKind::Instant, 1), leak(LeakKind::Thread, 5)]
        );
    }
}
