//! Whether the functions of this package are those that a process calls.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::hooks::{Clock, Hooks, during};

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
