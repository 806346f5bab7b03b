//! A world whose clocks, chance and waits are its own, as hooks.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use deadheat_seal::{Asked, Clock, Hooks};
use libc::timespec;

pub(crate) const SEC: Duration = Duration::from_secs(1);
/// What the system's clock shows first: as far from the other as it is in truth.
pub(crate) const DAY: Duration = Duration::from_secs(2_000_000_000);

#[derive(Default)]
pub(crate) struct World {
    pub(crate) now: Cell<Duration>,
    pub(crate) slept: RefCell<Vec<Duration>>,
    pub(crate) waited: RefCell<Vec<Duration>>,
    pub(crate) filled: Cell<usize>,
    pub(crate) asked: RefCell<Vec<Asked>>,
}

impl World {
    pub(crate) fn pass(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }
}

impl Hooks for World {
    fn read(&self, clock: Clock) -> Option<Duration> {
        Some(match clock {
            Clock::System => DAY + self.now.get(),
            _ => self.now.get(),
        })
    }

    fn sleep(&self, time: Duration) -> bool {
        self.slept.borrow_mut().push(time);
        self.pass(time);
        true
    }

    fn wait(&self, time: Duration) -> bool {
        self.waited.borrow_mut().push(time);
        self.pass(time);
        true
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        self.filled.set(self.filled.get() + bytes.len());
        bytes.fill(7);
        true
    }

    fn ask(&self, what: Asked) {
        self.asked.borrow_mut().push(what);
    }
}

pub(crate) fn at(time: Duration) -> timespec {
    timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    }
}

pub(crate) fn error() -> Option<i32> {
    io::Error::last_os_error().raw_os_error()
}
