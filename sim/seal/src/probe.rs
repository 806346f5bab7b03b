//! Whether the functions of this package are those that a process calls.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::hooks::{Clock, Hooks, Waited, during};

/// Notes which of its hooks were asked, and leaves what it is asked to the system.
#[derive(Default)]
struct Probe {
    monotonic: Cell<bool>,
    system: Cell<bool>,
    sleeps: Cell<bool>,
    waits: Cell<bool>,
}

impl Hooks for Probe {
    fn read(&self, clock: Clock) -> Option<Duration> {
        match clock {
            Clock::Monotonic => self.monotonic.set(true),
            Clock::System => self.system.set(true),
        }
        None
    }

    fn sleep(&self, _: Duration) -> bool {
        self.sleeps.set(true);
        true
    }

    fn wait(&self, _: Duration) -> bool {
        self.waits.set(true);
        true
    }
}

/// Notes at which word the thread waits.
#[derive(Default)]
struct Parks(Cell<usize>);

impl Hooks for Parks {
    fn wait_at(&self, word: usize, _: Duration) -> Waited {
        self.0.set(word);
        Waited::Over
    }
}

/// The word at which this thread waits while it is parked (`std::thread::park_timeout`, and what stands on it). None where
/// nothing is overridden, and where somebody has unparked it before.
///
/// # Examples
///
/// ```
/// let word = deadheat_seal::parks_at();
/// assert_eq!(word.is_some(), deadheat_seal::is_installed());
/// ```
pub fn parks_at() -> Option<usize> {
    let parks = Parks::default();
    during(&parks, || thread::park_timeout(Duration::from_nanos(1)));
    let word = parks.0.get();
    if word == 0 {
        // It is not for us.
        thread::current().unpark();
    }
    (word != 0).then_some(word)
}

/// Whether the functions of this package are those that this process calls. That is up to the linker, so it is tried out,
/// once: the standard library is asked for what a program asks of it.
///
/// # Examples
///
/// ```
/// use deadheat_seal::{Clock, Hooks, during, is_installed};
/// use std::time::{Duration, SystemTime};
///
/// struct Still;
///
/// impl Hooks for Still {
///     fn read(&self, _: Clock) -> Option<Duration> {
///         Some(Duration::ZERO)
///     }
/// }
///
/// let stands_still = during(&Still, SystemTime::now) == SystemTime::UNIX_EPOCH;
/// assert_eq!(is_installed(), stands_still);
/// ```
pub fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let probe = Probe::default();
        during(&probe, || {
            std::hint::black_box((Instant::now(), SystemTime::now()));
            thread::sleep(Duration::from_nanos(1));
            // Not `park_timeout`: that takes what somebody has given this thread by `unpark`, and does not wait then.
            let lock = Mutex::new(());
            let locked = lock.lock().unwrap_or_else(PoisonError::into_inner);
            drop(Condvar::new().wait_timeout(locked, Duration::from_nanos(1)));
        });
        let Probe {
            monotonic,
            system,
            sleeps,
            waits,
        } = probe;
        [monotonic, system, sleeps, waits].iter().all(Cell::get)
    })
}
