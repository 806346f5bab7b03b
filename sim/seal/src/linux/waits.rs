//! Waits: for other threads, for files, and for nothing but time.

use std::ffi::{c_int, c_long, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use libc::{
    clockid_t, epoll_event, fd_set, nfds_t, pollfd, pthread_cond_t, pthread_mutex_t, sigset_t,
    timespec, timeval,
};

use super::chance::filled;
use super::clocks::{clock_gettime_of_kernel, shown_to_wait, slept, time_of, until};
use super::{fail, told};
use crate::hooks::{Asked, Waited, ask};

pub(super) const LINKED: &[*const ()] = &[
    syscall as *const (),
    pthread_cond_timedwait as *const (),
    pthread_cond_clockwait as *const (),
    poll as *const (),
    ppoll as *const (),
    select as *const (),
    pselect as *const (),
    epoll_wait as *const (),
    epoll_pwait as *const (),
    epoll_pwait2 as *const (),
];

/// libc's function takes any number of arguments. Those of a system call are at most six and are in registers, whatever
/// the signature says, on the two architectures that there are here.
#[unsafe(no_mangle)]
extern "C" fn syscall(
    number: c_long,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> c_long {
    let mut woken = 0;
    let answered = match number {
        libc::SYS_futex if is_wake(b as c_int) => {
            woken = ask(|hooks| hooks.wake(a, c as u32)).unwrap_or(0);
            (woken > 0 && woken >= c as u32).then_some(c_long::from(woken))
        }
        libc::SYS_futex => futex(a as *const u32, b as c_int, c as u32, d as *const timespec),
        libc::SYS_getrandom => filled(a as *mut c_void, b).then_some(b as c_long),
        libc::SYS_clock_gettime => {
            let read = clock_gettime_of_kernel(a as clockid_t, b as *mut timespec);
            return c_long::from(read);
        }
        _ => None,
    };
    type Function =
        unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;
    answered.unwrap_or_else(|| {
        real!(syscall(number, a, b, c, d, e, f) as Function) + c_long::from(woken)
    })
}

/// Whether those who wait at a word are to be woken.
fn is_wake(operation: c_int) -> bool {
    let command = operation & libc::FUTEX_CMD_MASK;
    matches!(command, libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET)
}

/// What std's word says of a thread that is parked; of one that is not it says zero.
const PARKED: u32 = u32::MAX;

/// A wait for another thread with a limit: the time up to the limit passes, if the hooks let it, and the wait ends there.
fn futex(
    word: *const u32,
    operation: c_int,
    expected: u32,
    limit: *const timespec,
) -> Option<c_long> {
    let command = operation & libc::FUTEX_CMD_MASK;
    if !matches!(command, libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET) || word.is_null() {
        return None;
    }
    // SAFETY: the kernel is asked to read the same word, and other threads may write it: so it is used as an atomic.
    let atomic = unsafe { &*word.cast::<AtomicU32>() };
    let now = atomic.load(Ordering::SeqCst);
    if limit.is_null() {
        return match now == expected {
            true => waited_at(ask(|hooks| hooks.wait_without_end(word as usize))?),
            false => None,
        };
    }
    if now != expected {
        // What the kernel says. Without hooks it is left to say it itself.
        return ask(|_| c_long::from(fail(libc::EAGAIN)));
    }
    // SAFETY: libc's callers pass a time, since it is not null.
    let Some(limit) = (unsafe { time_of(limit) }) else {
        return ask(|_| c_long::from(fail(libc::EINVAL)));
    };
    // One without a set of bits says how long it waits, the other until when.
    let by = match command {
        libc::FUTEX_WAIT => limit,
        _ => {
            let clock = match operation & libc::FUTEX_CLOCK_REALTIME {
                0 => libc::CLOCK_MONOTONIC,
                _ => libc::CLOCK_REALTIME,
            };
            until(clock, limit)?
        }
    };
    if expected == PARKED && ask(|hooks| hooks.is_shared(word as usize)) == Some(true) {
        // Whoever parks next finds it as this one has, and this one looks only whether somebody has unparked the thread.
        let _ = atomic.compare_exchange(PARKED, 0, Ordering::SeqCst, Ordering::SeqCst);
    }
    waited_at(ask(|hooks| hooks.wait_at(word as usize, by))?)
}

/// What a system call says of a wait at a word.
fn waited_at(waited: Waited) -> Option<c_long> {
    match waited {
        Waited::Over => Some(c_long::from(fail(libc::ETIMEDOUT))),
        Waited::Woken => Some(0),
        Waited::Not => None,
    }
}

/// Whether the hooks have let the time pass until a clock shows this, and nobody has come.
pub(super) fn waited(by: Option<Duration>) -> bool {
    by.and_then(|by| ask(|hooks| hooks.wait(by)))
        .unwrap_or(false)
}

/// How long it is until this moment of a clock that the caller does not name: of the one that is nearer to it. The two
/// are decades apart.
fn until_some_clock(at: Duration) -> Option<Duration> {
    ask(|hooks| {
        let clocks = [libc::CLOCK_REALTIME, libc::CLOCK_MONOTONIC];
        let shown = clocks
            .into_iter()
            .filter_map(|clock| shown_to_wait(hooks, clock));
        let nearest = shown.min_by_key(|shown| shown.abs_diff(at))?;
        Some(at.saturating_sub(nearest))
    })
    .flatten()
}

/// The lock of the caller is not let go meanwhile: the wait takes no real time, in which another thread could come.
#[unsafe(no_mangle)]
extern "C" fn pthread_cond_timedwait(
    condition: *mut pthread_cond_t,
    lock: *mut pthread_mutex_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a time.
    if waited(unsafe { time_of(limit) }.and_then(until_some_clock)) {
        return libc::ETIMEDOUT;
    }
    type Function =
        unsafe extern "C" fn(*mut pthread_cond_t, *mut pthread_mutex_t, *const timespec) -> c_int;
    real!(pthread_cond_timedwait(condition, lock, limit) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn pthread_cond_clockwait(
    condition: *mut pthread_cond_t,
    lock: *mut pthread_mutex_t,
    clock: clockid_t,
    limit: *const timespec,
) -> c_int {
    // SAFETY: libc's callers pass a time.
    if waited(unsafe { time_of(limit) }.and_then(|at| until(clock, at))) {
        return libc::ETIMEDOUT;
    }
    type Function = unsafe extern "C" fn(
        *mut pthread_cond_t,
        *mut pthread_mutex_t,
        clockid_t,
        *const timespec,
    ) -> c_int;
    real!(pthread_cond_clockwait(condition, lock, clock, limit) as Function)
}

/// A wait for this many files with a limit, none if it has none. Whether it is over: one for no file is a sleep.
fn files(count: u64, limit: Option<Duration>) -> bool {
    match (count, limit) {
        (0, Some(limit)) => slept(limit),
        _ => {
            told(Asked::Files);
            false
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn poll(files_: *mut pollfd, count: nfds_t, millis: c_int) -> c_int {
    let limit = u64::try_from(millis).ok().map(Duration::from_millis);
    if files(count, limit) {
        return 0;
    }
    type Function = unsafe extern "C" fn(*mut pollfd, nfds_t, c_int) -> c_int;
    real!(poll(files_, count, millis) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn ppoll(
    files_: *mut pollfd,
    count: nfds_t,
    limit: *const timespec,
    signals: *const sigset_t,
) -> c_int {
    // SAFETY: libc's callers pass a time or null.
    if files(count, unsafe { time_of(limit) }) {
        return 0;
    }
    type Function =
        unsafe extern "C" fn(*mut pollfd, nfds_t, *const timespec, *const sigset_t) -> c_int;
    real!(ppoll(files_, count, limit, signals) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn select(
    count: c_int,
    reads: *mut fd_set,
    writes: *mut fd_set,
    fails: *mut fd_set,
    limit: *mut timeval,
) -> c_int {
    // SAFETY: libc's callers pass a time or null.
    let time = unsafe { limit.as_mut() }.and_then(|limit| {
        let secs = u64::try_from(limit.tv_sec).ok()?;
        let micros = u64::try_from(limit.tv_usec).ok()?;
        Duration::from_secs(secs).checked_add(Duration::from_micros(micros))
    });
    if files(count.unsigned_abs().into(), time) {
        // What is left of the time, as Linux has it.
        let nothing = timeval {
            tv_sec: 0,
            tv_usec: 0,
        };
        // SAFETY: it is not null, since there is a time.
        unsafe { ptr::write(limit, nothing) };
        return 0;
    }
    type Function =
        unsafe extern "C" fn(c_int, *mut fd_set, *mut fd_set, *mut fd_set, *mut timeval) -> c_int;
    real!(select(count, reads, writes, fails, limit) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn pselect(
    count: c_int,
    reads: *mut fd_set,
    writes: *mut fd_set,
    fails: *mut fd_set,
    limit: *const timespec,
    signals: *const sigset_t,
) -> c_int {
    // SAFETY: libc's callers pass a time or null.
    if files(count.unsigned_abs().into(), unsafe { time_of(limit) }) {
        return 0;
    }
    type Function = unsafe extern "C" fn(
        c_int,
        *mut fd_set,
        *mut fd_set,
        *mut fd_set,
        *const timespec,
        *const sigset_t,
    ) -> c_int;
    real!(pselect(count, reads, writes, fails, limit, signals) as Function)
}

/// Which files it waits for is known to the system alone, so there always are some.
#[unsafe(no_mangle)]
extern "C" fn epoll_wait(
    epoll: c_int,
    events: *mut epoll_event,
    most: c_int,
    millis: c_int,
) -> c_int {
    told(Asked::Files);
    type Function = unsafe extern "C" fn(c_int, *mut epoll_event, c_int, c_int) -> c_int;
    real!(epoll_wait(epoll, events, most, millis) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn epoll_pwait(
    epoll: c_int,
    events: *mut epoll_event,
    most: c_int,
    millis: c_int,
    signals: *const sigset_t,
) -> c_int {
    told(Asked::Files);
    type Function =
        unsafe extern "C" fn(c_int, *mut epoll_event, c_int, c_int, *const sigset_t) -> c_int;
    real!(epoll_pwait(epoll, events, most, millis, signals) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn epoll_pwait2(
    epoll: c_int,
    events: *mut epoll_event,
    most: c_int,
    limit: *const timespec,
    signals: *const sigset_t,
) -> c_int {
    told(Asked::Files);
    type Function = unsafe extern "C" fn(
        c_int,
        *mut epoll_event,
        c_int,
        *const timespec,
        *const sigset_t,
    ) -> c_int;
    real!(epoll_pwait2(epoll, events, most, limit, signals) as Function)
}
