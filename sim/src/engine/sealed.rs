//! What a run answers to those that ask the system for the time, for a sleep, or for random bytes.
//!
//! 1. **Observing** (always): the system answers, and what was asked for is counted, as a leak.
//! 2. **Sealed** (the feature `sealed`, or [`Config::sealed`](crate::Config::sealed)): the run answers. Its clock shows
//!    the run's time, a sleep lets that pass, and random bytes come from the seed.
//! 3. Who asks may be anywhere, and a panic would end the process. So none leaves here: that of a runtime beside the run is
//!    kept until the turn is over. Where the state of the run is borrowed the system answers.
//! 4. A program that reads a clock until it shows a later time always comes to an end.
//! 5. The runtime beside the run is none of the program: what it asks for is no leak. Sealed, its chance is the run's all
//!    the same, since the thread keeps what is made of it; and tasks of its own see the run's time.

use std::cell::{Cell, RefCell};
use std::panic::catch_unwind;
use std::time::Duration;

use deadheat_seal::{Asked, Clock, Hooks, Waited, during, is_installed, origin, origin_reading};

use crate::base::bounds::clamp;
use crate::base::rng::{Purpose, Stream};
use crate::engine::aside::{self, Rested};
use crate::engine::beside;
use crate::record::leaks::{KINDS, Leak, LeakKind, Places};
use crate::state::world::{self, World};

/// The time of day at the start of each run: the first second of 2026.
const START_OF_DAY: Duration = Duration::from_secs(1_767_225_600);
/// So many times in a row a clock shows the same moment. Whoever reads it once more most likely waits for it to go on: from
/// then on each time it is read some time passes.
const READS_AT_A_MOMENT: u32 = 10_000;
/// How much passes each time: at first 1 µs, so that a million reads cost seconds at most. Who goes on reading waits for
/// long, so it becomes more, a millionth of what has passed so far, but never more than 10 ms, nor does it pass the next
/// timer.
const LEAST_NS: i64 = 1_000;
const PART: i64 = 1_000_000;
const MOST_NS: i64 = 10_000_000;

/// Answers for one run.
pub(crate) struct Answers {
    sealed: bool,
    /// Whether there are counts.
    asked: Cell<bool>,
    drew: Cell<bool>,
    /// How often the system was asked, for each kind.
    counts: RefCell<Option<Box<[u64; KINDS]>>>,
    seed: u64,
    random: RefCell<Option<Stream>>,
    /// How far the clock that is shown is ahead of the run's.
    ahead: Cell<i64>,
    /// The moment at which a clock was last read, how often it was, and for how long that went on.
    read_at: Cell<i64>,
    reads: Cell<u32>,
    waited: Cell<i64>,
}

/// Whether a run can answer in this binary: whether one that is to be sealed is.
#[cold]
fn can_seal() -> bool {
    origin_reading();
    is_installed()
}

/// What a run says for itself where it was to be sealed and is not.
#[cold]
pub(crate) fn not_sealed() -> Option<Leak> {
    (!can_seal()).then_some(Leak {
        kind: LeakKind::NotSealed,
        count: 1,
        place: None,
    })
}

thread_local! {
    /// How many sockets of the system have made room for one of the run.
    static REPLACED: Cell<u64> = const { Cell::new(0) };
}

/// Says that a socket of the system, made during the run, has made room for one of the run and is used no more. So nothing
/// comes by it from outside, and the run does not say that it was made.
///
/// # Examples
///
/// ```
/// use deadheat::net::replaces_socket;
/// use deadheat::{Config, run};
///
/// let run = run(&Config::new(), || async {
///     let real = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
///     // Here one of the run would be made.
///     replaces_socket();
///     drop(real);
/// });
/// assert!(run.unwrap().leaks.is_empty());
/// ```
pub fn replaces_socket() {
    REPLACED.set(REPLACED.get() + 1);
}

impl Answers {
    #[inline]
    pub(crate) fn of(seed: u64, sealed: bool) -> Self {
        Answers {
            sealed: sealed && can_seal(),
            asked: Cell::new(false),
            drew: Cell::new(false),
            counts: RefCell::new(None),
            seed,
            random: RefCell::new(None),
            ahead: Cell::new(0),
            read_at: Cell::new(i64::MIN),
            reads: Cell::new(0),
            waited: Cell::new(0),
        }
    }

    /// Answers in the place of the system meanwhile.
    #[inline]
    pub(crate) fn during<R>(&self, run: impl FnOnce() -> R) -> R {
        during(self, run)
    }

    /// Whether the system was asked for something.
    #[inline]
    pub(crate) fn were_asked(&self) -> bool {
        self.asked.get()
    }

    /// Whether random bytes were drawn that were the run's: a thread keeps what it makes of them.
    #[inline]
    pub(crate) fn drew(&self) -> bool {
        self.drew.get()
    }

    /// What the system was asked for.
    #[cold]
    pub(crate) fn leaks(&self) -> Vec<Leak> {
        let mut counts = self.counts.take().unwrap_or_default();
        let sockets = &mut counts[LeakKind::Socket as usize];
        *sockets = sockets.saturating_sub(REPLACED.take());
        let counted = LeakKind::ALL.into_iter().zip(*counts);
        let counted = counted.filter(|(_, count)| *count > 0);
        let leak = |(kind, count)| Leak {
            kind,
            count,
            place: Places::first(kind),
        };
        counted.map(leak).collect()
    }

    #[cold]
    fn leaked(&self, kind: LeakKind) {
        let Ok(mut counts) = self.counts.try_borrow_mut() else {
            return;
        };
        let counts = counts.get_or_insert_default();
        let count = &mut counts[kind as usize];
        *count = count.saturating_add(1);
        if *count > 1 {
            return;
        }
        self.asked.set(true);
        // Now, as the stack shows where.
        let place = Places::first(kind);
        if let Some(pulse) = world::current(|world| world.pulse.clone()).flatten() {
            pulse.take_from_outside(kind.first(place.as_deref()));
        }
    }

    /// Lets time pass without giving way; what is beyond the end of the run passes by the clock that is shown.
    fn pass(&self, by: i64) -> bool {
        let passed = world::current(|world: &mut World| {
            let before = world.now;
            if !world.closing {
                world.busy(by);
            }
            world.now.saturating_sub(before)
        });
        let Some(passed) = passed else {
            return false;
        };
        if passed < by {
            self.ahead.set(self.ahead.get().saturating_add(by - passed));
        }
        // Invariant 3.
        if let Err(payload) = catch_unwind(beside::moved) {
            beside::panicked(payload);
        }
        true
    }

    /// Time passes: beside the other tasks for a function that stands aside, else for all.
    fn rest(&self, by: i64, word: Option<usize>) -> Waited {
        if aside::holds_up() && word.is_some_and(aside::is_parked_at) {
            self.leaked(LeakKind::Parked);
        }
        match aside::rest(by, word) {
            Some(Rested::Woken) => return Waited::Woken,
            Some(Rested::Over(0)) => return Waited::Over,
            Some(Rested::Over(left)) => {
                return match self.pass(left) {
                    true => Waited::Over,
                    false => Waited::Not,
                };
            }
            None if aside::holds_up() => self.leaked(LeakKind::HeldUp),
            None => {}
        }
        match self.pass(by) {
            true => Waited::Over,
            false => Waited::Not,
        }
    }

    /// The run's time, as a clock shows it now.
    fn now(&self) -> Option<i64> {
        let now = world::current(|world| world.now)?;
        Some(now.saturating_add(self.ahead.get()))
    }

    /// The same for a program that looks; it may do so until time has passed.
    fn seen_now(&self) -> Option<i64> {
        let now = self.now()?;
        if self.read_at.replace(now) != now {
            self.reads.set(0);
            self.waited.set(0);
        }
        self.reads.set(self.reads.get().saturating_add(1));
        if self.reads.get() <= READS_AT_A_MOMENT {
            return Some(now);
        }
        self.leaked(LeakKind::Spin);
        let most = match self.ahead.get() {
            0 => world::current(|world| world.next_moment())?.saturating_sub(now),
            _ => 0,
        };
        let by = (self.waited.get() / PART).clamp(LEAST_NS, MOST_NS);
        let by = if most > 0 { by.min(most) } else { by };
        self.pass(by);
        self.waited.set(self.waited.get().saturating_add(by));
        let now = self.now()?;
        self.read_at.set(now);
        Some(now)
    }

    /// Random bytes of the run; false where they are being drawn.
    fn draw(&self, bytes: &mut [u8]) -> bool {
        let Ok(mut random) = self.random.try_borrow_mut() else {
            return false;
        };
        self.drew.set(true);
        let random = random.get_or_insert_with(|| Stream::new(self.seed, Purpose::System));
        for chunk in bytes.chunks_mut(8) {
            let drawn = random.next_u64().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        true
    }

    fn shown(&self, clock: Clock, now: i64) -> Option<Duration> {
        let since = match clock {
            Clock::Monotonic => {
                let beside = beside::clock_at_start().unwrap_or_else(origin);
                let after = beside.saturating_duration_since(origin());
                origin_reading()
                    .saturating_add(after)
                    .saturating_sub(origin().saturating_duration_since(beside))
            }
            Clock::System => START_OF_DAY,
            _ => return None,
        };
        since.checked_add(Duration::from_nanos(u64::try_from(now).ok()?))
    }
}

impl Hooks for Answers {
    fn read(&self, clock: Clock) -> Option<Duration> {
        if self.sealed {
            let now = self.seen_now()?;
            world::current(|world| world.recorder.looked_at_clock = true);
            return self.shown(clock, now);
        }
        self.leaked(match clock {
            Clock::System => LeakKind::SystemTime,
            _ => LeakKind::Instant,
        });
        None
    }

    fn read_to_wait(&self, clock: Clock) -> Option<Duration> {
        let now = self.sealed.then(|| self.now()).flatten()?;
        self.shown(clock, now)
    }

    fn read_lifted(&self, clock: Clock) -> Option<Duration> {
        self.read_to_wait(clock)
    }

    fn fill_lifted(&self, bytes: &mut [u8]) -> bool {
        let drawn = self.sealed && self.draw(bytes);
        if drawn {
            Places::drawn(false);
        }
        drawn
    }

    fn sleep(&self, time: Duration) -> bool {
        if !self.sealed {
            self.leaked(LeakKind::Sleep);
        }
        self.sealed && self.rest(clamp(time), None) == Waited::Over
    }

    /// By a condition of libc's, whose lock is not let go meanwhile: nobody else may go on.
    fn wait(&self, time: Duration) -> bool {
        if !self.sealed {
            self.leaked(LeakKind::Wait);
            return false;
        }
        if aside::holds_up() {
            self.leaked(LeakKind::HeldUp);
        }
        self.pass(clamp(time))
    }

    fn wait_at(&self, word: usize, time: Duration) -> Waited {
        match self.sealed {
            true => self.rest(clamp(time), Some(word)),
            false => {
                self.leaked(LeakKind::Wait);
                Waited::Not
            }
        }
    }

    fn is_shared(&self, word: usize) -> bool {
        self.sealed && aside::holds_up() && aside::is_parked_at(word)
    }

    /// Who has the lock may stand aside, and cannot go on but here. A lock that another thread has for a moment is waited
    /// for as well, so nothing is said.
    fn wait_without_end(&self, _: usize) -> Waited {
        let pass = |by| {
            self.pass(by);
        };
        match self.sealed && aside::next_goes_on(pass) {
            true => Waited::Woken,
            false => Waited::Not,
        }
    }

    fn wake(&self, word: usize, most: u32) -> u32 {
        match self.sealed {
            true => aside::wake(word, most),
            false => 0,
        }
    }

    fn lets_give_way(&self) -> bool {
        self.sealed
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        if !self.sealed {
            self.leaked(LeakKind::Random);
            return false;
        }
        let drawn = self.draw(bytes);
        if drawn {
            Places::drawn(true);
        }
        drawn
    }

    fn ask(&self, what: Asked) {
        match what {
            Asked::Thread => self.leaked(LeakKind::Thread),
            Asked::Socket => self.leaked(LeakKind::Socket),
            Asked::Process => self.leaked(LeakKind::Process),
            Asked::RandomFile => self.leaked(LeakKind::RandomFile),
            Asked::Files => self.leaked(LeakKind::Files),
            Asked::ProcessorTime => self.leaked(LeakKind::ProcessorTime),
            Asked::Timer => self.leaked(LeakKind::Timer),
            // A wait without an end: see `wait_without_end`.
            _ => {}
        }
    }
}
