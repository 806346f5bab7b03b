//! Locks and semaphores of libc that are waited for up to a limit, and signals.
//!
//! What is there at once is taken. Otherwise the time up to the limit passes, if the hooks let it, and the wait ends there.

use std::ffi::c_int;
use std::ptr;

use libc::{clockid_t, pthread_mutex_t, pthread_rwlock_t, sem_t, siginfo_t, sigset_t, timespec};

use super::clocks::{slept, time_of, until};
use super::fail;
use super::waits::waited;
use crate::hooks::is_asked;

pub(super) const LINKED: &[*const ()] = &[
    pthread_mutex_timedlock as *const (),
    pthread_mutex_clocklock as *const (),
    pthread_rwlock_timedrdlock as *const (),
    pthread_rwlock_timedwrlock as *const (),
    sem_timedwait as *const (),
    sem_clockwait as *const (),
    sigtimedwait as *const (),
];

/// How a wait ends that a try has begun, whose results are those of locks; none if it is left to the system.
///
/// # Safety
///
/// `limit` is null or points to a time.
unsafe fn tried(
    by: impl FnOnce() -> c_int,
    clock: clockid_t,
    limit: *const timespec,
) -> Option<c_int> {
    if !is_asked() {
        return None;
    }
    match by() {
        libc::EBUSY => {}
        ended => return Some(ended),
    }
    // SAFETY: that is asked of the caller.
    let limit = unsafe { time_of(limit) }?;
    waited(until(clock, limit)).then_some(libc::ETIMEDOUT)
}

type TimedLock<T> = unsafe extern "C" fn(*mut T, *const timespec) -> c_int;
type ClockLock<T> = unsafe extern "C" fn(*mut T, clockid_t, *const timespec) -> c_int;

#[unsafe(no_mangle)]
extern "C" fn pthread_mutex_timedlock(lock: *mut pthread_mutex_t, limit: *const timespec) -> c_int {
    // SAFETY: libc's callers pass a lock and a time.
    let try_lock = || unsafe { libc::pthread_mutex_trylock(lock) };
    // SAFETY: as above.
    let tried = unsafe { tried(try_lock, libc::CLOCK_REALTIME, limit) };
    tried.unwrap_or_else(|| {
        real!(pthread_mutex_timedlock(lock, limit) as TimedLock<pthread_mutex_t>)
    })
}

#[unsafe(no_mangle)]
extern "C" fn pthread_mutex_clocklock(
    lock: *mut pthread_mutex_t,
    clock: clockid_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a lock and a time.
    let try_lock = || unsafe { libc::pthread_mutex_trylock(lock) };
    // SAFETY: as above.
    let tried = unsafe { tried(try_lock, clock, limit) };
    tried.unwrap_or_else(|| {
        real!(pthread_mutex_clocklock(lock, clock, limit) as ClockLock<pthread_mutex_t>)
    })
}

#[unsafe(no_mangle)]
extern "C" fn pthread_rwlock_timedrdlock(
    lock: *mut pthread_rwlock_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a lock and a time.
    let try_lock = || unsafe { libc::pthread_rwlock_tryrdlock(lock) };
    // SAFETY: as above.
    let tried = unsafe { tried(try_lock, libc::CLOCK_REALTIME, limit) };
    tried.unwrap_or_else(|| {
        real!(pthread_rwlock_timedrdlock(lock, limit) as TimedLock<pthread_rwlock_t>)
    })
}

#[unsafe(no_mangle)]
extern "C" fn pthread_rwlock_timedwrlock(
    lock: *mut pthread_rwlock_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a lock and a time.
    let try_lock = || unsafe { libc::pthread_rwlock_trywrlock(lock) };
    // SAFETY: as above.
    let tried = unsafe { tried(try_lock, libc::CLOCK_REALTIME, limit) };
    tried.unwrap_or_else(|| {
        real!(pthread_rwlock_timedwrlock(lock, limit) as TimedLock<pthread_rwlock_t>)
    })
}

/// A semaphore's results, as those of a lock.
fn try_wait(semaphore: *mut sem_t) -> c_int {
    // SAFETY: libc's callers pass a semaphore, and `errno` is this thread's.
    unsafe {
        match libc::sem_trywait(semaphore) {
            0 => 0,
            _ if *libc::__errno_location() == libc::EAGAIN => libc::EBUSY,
            _ => *libc::__errno_location(),
        }
    }
}

/// And back.
fn of_semaphore(ended: c_int) -> c_int {
    match ended {
        0 => 0,
        error => fail(error),
    }
}

#[unsafe(no_mangle)]
extern "C" fn sem_timedwait(semaphore: *mut sem_t, limit: *const timespec) -> c_int {
    // SAFETY: libc's callers pass a time.
    let tried = unsafe { tried(|| try_wait(semaphore), libc::CLOCK_REALTIME, limit) };
    tried
        .map(of_semaphore)
        .unwrap_or_else(|| real!(sem_timedwait(semaphore, limit) as TimedLock<sem_t>))
}

#[unsafe(no_mangle)]
extern "C" fn sem_clockwait(
    semaphore: *mut sem_t,
    clock: clockid_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a time.
    let tried = unsafe { tried(|| try_wait(semaphore), clock, limit) };
    tried
        .map(of_semaphore)
        .unwrap_or_else(|| real!(sem_clockwait(semaphore, clock, limit) as ClockLock<sem_t>))
}

#[unsafe(no_mangle)]
extern "C" fn sigtimedwait(
    signals: *const sigset_t,
    info: *mut siginfo_t,
    limit: *const timespec,
) -> c_int {
    type Function = unsafe extern "C" fn(*const sigset_t, *mut siginfo_t, *const timespec) -> c_int;
    let wait = |limit| real!(sigtimedwait(signals, info, limit) as Function);
    // SAFETY: libc's callers pass a time or null.
    let Some(time) = (unsafe { time_of(limit) }).filter(|_| is_asked()) else {
        return wait(limit);
    };
    let at_once = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match wait(ptr::from_ref(&at_once)) {
        signal @ 1.. => signal,
        _ if slept(time) => fail(libc::EAGAIN),
        _ => wait(limit),
    }
}
