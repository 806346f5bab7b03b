//! What is recorded of a run: raw events, hashed always, kept only if asked for.
//!
//! 1. The fingerprint is a hash of every event in order. It holds no address, no source position and
//!    nothing of the machine, so it is the same in every process and build profile.
//! 2. Recording allocates only when a trace was asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use deadheat_timeout as lib;
use deadheat_timeout::Place;

use crate::base::rng::mix;
use crate::base::time::Instant;
use crate::invariant::{Event, Happened};
use crate::record::origin::Origins;

/// An event, with numbers for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    Spawn(u32),
    Turn(u32),
    Wake(u32),
    Arm {
        number: u64,
        deadline: i64,
        until: i64,
    },
    Fire(u64),
    Disarm(u64),
    /// A woken task takes its turn only at this moment.
    LateTurn {
        task: u32,
        to: i64,
    },
    /// A due timer fires only at this moment.
    LateFire {
        number: u64,
        to: i64,
    },
    /// The running task let time pass without yielding.
    Busy(i64),
    End(u32, Finish),
    Draw {
        value: u64,
        options: u64,
    },
    /// An event of the program's own: an index into the recorded texts, and a hash.
    Log(u32, u64),
    /// Something went wrong: as for a log.
    Fault(u32, u64),
    Library(lib::Event<Instant>),
    /// What was done at sockets and files, in words: an index into the recorded texts. Of a run whose trace is kept only, so
    /// it is no part of the fingerprint, and nobody is told.
    Told(Words, u32),
}

/// Of what words are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    /// What a task did at a socket.
    Socket,
    /// What became of a packet.
    Packet,
    /// What a task did to a file.
    File,
    /// What a task is for that stands for something on its way: three texts, as [`Errand`](super::trace::EventKind::Errand)
    /// has them.
    Errand,
}

impl Raw {
    /// The event as an invariant is told it. `texts` has those that were recorded.
    pub(crate) fn happened<'a>(&self, texts: &'a [String]) -> Happened<'a> {
        let instant = Instant::from_nanos;
        let text = |index: u32| texts.get(index as usize).map_or("", String::as_str);
        match *self {
            Raw::Spawn(task) => Happened::Spawned(task),
            Raw::Turn(task) => Happened::Turn(task),
            Raw::Wake(task) => Happened::Woken(task),
            Raw::Arm {
                number,
                deadline,
                until,
            } => Happened::Armed {
                timer: number,
                deadline: instant(deadline),
                until: instant(until),
            },
            Raw::Fire(timer) => Happened::Fired(timer),
            Raw::Disarm(timer) => Happened::Disarmed(timer),
            Raw::LateTurn { task, to } => Happened::LateTurn {
                task,
                to: instant(to),
            },
            Raw::LateFire { number, to } => Happened::LateFire {
                timer: number,
                to: instant(to),
            },
            Raw::Busy(nanos) => Happened::Busy(Duration::from_nanos(nanos.unsigned_abs())),
            Raw::End(task, _) => Happened::Ended(task),
            Raw::Draw { value, options } => Happened::Drew { value, options },
            Raw::Log(index, _) => Happened::Logged(text(index)),
            Raw::Fault(index, _) => Happened::Fault(text(index)),
            Raw::Library(event) => Happened::Library(event),
            // Nobody is told: it is here for the sake of the type.
            Raw::Told(_, index) => Happened::Logged(text(index)),
        }
    }
}

/// How a task of the simulator ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Finish {
    Returned,
    Aborted,
    Panicked,
}

/// A raw event, where and when it happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recorded {
    pub(crate) at: i64,
    pub(crate) task: Option<u32>,
    pub(crate) raw: Raw,
    /// Where in the sources it was caused, if it was.
    pub(crate) from: Option<Place>,
    /// The line of the program above that, if it was found.
    pub(crate) above: Option<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// Somebody wants the events.
    pub(crate) keeps: bool,
    /// A trace is made of them, so that it is told, too, what was done at sockets and files.
    pub(crate) tells: bool,
    /// So many are kept.
    pub(crate) limit: usize,
    /// Somebody is told of each event, kept or not.
    pub(crate) told: bool,
    pub(crate) events: Vec<Recorded>,
    pub(crate) texts: Vec<String>,
    pub(crate) truncated: bool,
    /// Timers that moved, while events are kept: the number that each has from then on, and the one that it had.
    pub(crate) moved: Vec<(u64, u64)>,
    /// The program looked at the clock.
    pub(crate) looked_at_clock: bool,
    /// Where it did so first, while events are kept and as far as that is known.
    pub(crate) clock_read: Option<Place>,
    pub(crate) origins: Origins,
    /// Where it was asked that a task be aborted, and the line of the program above that, while events are kept.
    pub(crate) aborts: BTreeMap<u32, (Place, Option<u32>)>,
    fingerprint: u64,
}

impl Recorder {
    /// Begins anew: up to `limit` events are kept, and `told` says whether somebody is told of each.
    pub(crate) fn begin(&mut self, limit: usize, told: bool, lines: bool) {
        self.events.clear();
        self.texts.clear();
        self.moved.clear();
        self.aborts.clear();
        (self.looked_at_clock, self.clock_read) = (false, None);
        self.origins.begin(lines);
        (self.keeps, self.limit) = (limit > 0 || told, limit);
        (self.told, self.tells) = (told, false);
        (self.truncated, self.fingerprint) = (false, 0);
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        mix(self.fingerprint)
    }

    /// The program looks at the clock.
    #[inline]
    pub(crate) fn reads_clock(&mut self, at: Place) {
        if self.keeps {
            self.looked_at_clock = true;
            self.clock_read.get_or_insert(at);
        }
    }

    /// Puts an event into the fingerprint.
    #[inline(always)]
    pub(crate) fn record(&mut self, at: i64, raw: &Raw) {
        let (code, value) = digest(raw);
        // Order matters: each step multiplies by an odd constant, so events do not commute.
        let event = value ^ (at as u64).rotate_left(20) ^ (code << 56);
        self.fingerprint =
            (self.fingerprint.rotate_left(5) ^ event).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    /// Keeps an event, unless there are as many as are to be kept, and tells of it who wants to be told.
    #[cold]
    pub(crate) fn keep(&mut self, mut event: Recorded, tell: impl FnOnce(&Event<'_>)) {
        if let Raw::End(task, Finish::Aborted) = event.raw
            && let Some((from, above)) = self.aborts.remove(&task)
        {
            (event.from, event.above) = (Some(from), above);
        } else if let (Some(from), true) = (event.from, self.events.len() < self.limit) {
            event.above = match scope_of(&event.raw).filter(|_| self.origins.interprets()) {
                Some(scope) => self.entered(scope),
                None => self.origins.look(from, event.task),
            };
        }
        self.keep_as_it_is(event, tell);
    }

    /// What was found for the place where a scope was entered.
    fn entered(&self, of: u64) -> Option<u32> {
        let enters = |event: &&Recorded| match event.raw {
            Raw::Library(lib::Event::ScopeEntered { scope, .. }) => scope == of,
            _ => false,
        };
        self.events.iter().rfind(enters)?.above
    }

    /// The same for an event of which it is known already what line of the program is above its place.
    #[cold]
    pub(crate) fn keep_as_it_is(&mut self, event: Recorded, tell: impl FnOnce(&Event<'_>)) {
        let fits = self.events.len() < self.limit;
        match fits {
            true => self.events.push(event),
            false => self.truncated = true,
        }
        if self.told {
            let at = Instant::from_nanos(event.at);
            tell(&Event::new(at, event.task, event.raw.happened(&self.texts)));
            // Its text was kept for this only.
            if let (Raw::Log(..) | Raw::Fault(..), false) = (event.raw, fits) {
                self.texts.pop();
            }
        }
    }

    /// Keeps a text if a trace is wanted, and gives its event.
    pub(crate) fn text(&mut self, text: &str) -> Raw {
        let index = self.keep_text(|| text.to_owned());
        Raw::Log(index, hash_text(text))
    }

    /// The event of a fault.
    pub(crate) fn fault(&mut self, name: &str, way: &str) -> Raw {
        let index = self.keep_text(|| format!("{name} {way}"));
        Raw::Fault(index, hash_text(name) ^ mix(hash_text(way)))
    }

    /// Keeps what was done in words, and tells nobody of it.
    pub(crate) fn keep_words(&mut self, mut event: Recorded, of: Words, words: &[String]) {
        if self.tells && self.events.len() < self.limit {
            event.raw = Raw::Told(of, self.texts.len() as u32);
            self.texts.extend_from_slice(words);
            self.events.push(event);
        }
    }

    fn keep_text(&mut self, text: impl FnOnce() -> String) -> u32 {
        let index = self.texts.len() as u32;
        if self.keeps && (self.told || self.events.len() < self.limit) {
            self.texts.push(text());
        }
        index
    }
}

/// The scope whose deadline has caused this.
fn scope_of(raw: &Raw) -> Option<u64> {
    match *raw {
        Raw::Library(lib::Event::ScopeExpiring { scope }) => Some(scope),
        Raw::Library(lib::Event::CancelRequested {
            by: lib::Requester::Scope(scope),
            ..
        }) => Some(scope),
        _ => None,
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
pub(crate) fn hash_text(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A number for the kind of event, and one for its content.
#[inline(always)]
fn digest(raw: &Raw) -> (u64, u64) {
    match *raw {
        Raw::Spawn(task) => (1, u64::from(task)),
        Raw::Turn(task) => (2, u64::from(task)),
        Raw::Wake(task) => (3, u64::from(task)),
        Raw::Arm {
            number,
            deadline,
            until,
        } => (
            4,
            number ^ (deadline as u64).rotate_left(24) ^ (until as u64).rotate_left(40),
        ),
        Raw::Fire(number) => (5, number),
        Raw::Disarm(number) => (6, number),
        Raw::LateTurn { task, to } => (7, u64::from(task) ^ (to as u64).rotate_left(24)),
        Raw::LateFire { number, to } => (14, number ^ (to as u64).rotate_left(24)),
        Raw::Busy(by) => (8, by as u64),
        Raw::End(task, finish) => (9, u64::from(task) ^ ((finish as u64) << 40)),
        Raw::Draw { value, options } => (10, value ^ options.rotate_left(32)),
        Raw::Log(_, hash) => (11, hash),
        Raw::Fault(_, hash) => (13, hash),
        Raw::Library(event) => (12, digest_library(&event)),
        // It is never put into a fingerprint.
        Raw::Told(..) => (0, 0),
    }
}

#[inline(never)]
fn digest_library(event: &lib::Event<Instant>) -> u64 {
    let instant = |at: Option<Instant>| at.map_or(u64::MAX, |at| at.as_nanos() as u64);
    let requester = |by: lib::Requester| match by {
        lib::Requester::Scope(scope) => mix(scope ^ (1 << 40)),
        lib::Requester::Waiter(task) => mix(task ^ (2 << 40)),
        lib::Requester::Outside => 3,
    };
    let fold = |parts: &[u64]| {
        parts
            .iter()
            .fold(0, |hash, part| mix(hash ^ *part).wrapping_add(1))
    };
    match *event {
        lib::Event::ScopeEntered {
            scope,
            owner,
            deadline,
        } => fold(&[1, scope, owner.unwrap_or(u64::MAX), instant(deadline)]),
        lib::Event::ScopeRescheduled { scope, deadline } => fold(&[2, scope, instant(deadline)]),
        lib::Event::ScopeExpiring { scope } => fold(&[3, scope]),
        lib::Event::ScopeExited { scope, state, end } => {
            fold(&[4, scope, state as u64, end as u64])
        }
        lib::Event::CancelRequested { task, by } => fold(&[5, task, requester(by)]),
        lib::Event::CancelDelivered { task } => fold(&[6, task]),
        lib::Event::Joining { task, on } => fold(&[7, task, on]),
        lib::Event::Uncancelled { task, remaining } => fold(&[8, task, u64::from(remaining)]),
        lib::Event::TaskEnded { task, end } => fold(&[9, task, end as u64]),
        // A newer library may tell more; until it is named here it counts by its kind alone.
        _ => fold(&[10]),
    }
}
