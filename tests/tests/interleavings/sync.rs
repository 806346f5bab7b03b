//! loom's lock and flag in the place of `timeout/core/src/sync.rs`.
//!
//! 1. loom has no switch of threads between taking a lock and letting it go, so that a `try_lock`
//!    would never find a short section taken. A counter makes letting go a step of its own.
//! 2. loom takes a `SeqCst` access for less than it is: it knows no one order of them all. Here each
//!    is a read-modify-write, and of those it knows it.

use std::ops::{Deref, DerefMut};

use loom::sync::atomic::AtomicUsize;
pub(crate) use loom::sync::atomic::Ordering;

#[derive(Debug)]
pub(crate) struct AtomicBool(loom::sync::atomic::AtomicBool);

impl AtomicBool {
    pub(crate) fn new(value: bool) -> Self {
        AtomicBool(loom::sync::atomic::AtomicBool::new(value))
    }

    pub(crate) fn load(&self, order: Ordering) -> bool {
        match order {
            Ordering::SeqCst => self.0.fetch_or(false, order),
            weaker => self.0.load(weaker),
        }
    }

    pub(crate) fn store(&self, value: bool, order: Ordering) {
        match order {
            Ordering::SeqCst => drop(self.0.swap(value, order)),
            weaker => self.0.store(value, weaker),
        }
    }

    pub(crate) fn swap(&self, value: bool, order: Ordering) -> bool {
        self.0.swap(value, order)
    }
}

#[derive(Debug)]
pub(crate) struct Mutex<T> {
    releases: AtomicUsize,
    data: loom::sync::Mutex<T>,
}

#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    releases: &'a AtomicUsize,
    data: loom::sync::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex {
            releases: AtomicUsize::new(0),
            data: loom::sync::Mutex::new(value),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        let data = self.data.lock().unwrap();
        MutexGuard {
            releases: &self.releases,
            data,
        }
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.releases.load(Ordering::SeqCst);
        let data = self.data.try_lock().ok()?;
        Some(MutexGuard {
            releases: &self.releases,
            data,
        })
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.releases.fetch_add(1, Ordering::SeqCst);
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.data
    }
}
