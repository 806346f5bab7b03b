//! Clocks, and sleeps.

use std::ffi::{c_int, c_uint, c_void};
use std::time::Duration;

use libc::{clock_t, clockid_t, rusage, time_t, timespec, timeval, tms};

use super::told;
use crate::hooks::{Asked, Clock, Hooks, ask, ask_anyway};

pub(super) const LINKED: &[*const ()] = &[
    clock_gettime as *const (),
    gettimeofday as *const (),
    time as *const (),
    nanosleep as *const (),
    clock_nanosleep as *const (),
    sleep as *const (),
    usleep as *const (),
    clock as *const (),
    times as *const (),
    getrusage as *const (),
];

/// What a clock of the system shows, by its number.
#[derive(Clone, Copy)]
enum Shows {
    Time(Clock),
    /// How long the processor has worked for a process or a thread.
    Work,
    Nothing,
}

fn shows(clock: clockid_t) -> Shows {
    /// That of suspended time, which also wakes the machine.
    const CLOCK_BOOTTIME_ALARM: clockid_t = 9;
    match clock {
        libc::CLOCK_REALTIME
        | libc::CLOCK_REALTIME_COARSE
        | libc::CLOCK_REALTIME_ALARM
        | libc::CLOCK_TAI => Shows::Time(Clock::System),
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_BOOTTIME
        | CLOCK_BOOTTIME_ALARM => Shows::Time(Clock::Monotonic),
        // Those below zero are made for one process or thread.
        libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID | ..0 => Shows::Work,
        _ => Shows::Nothing,
    }
}

fn known(clock: clockid_t) -> Option<Clock> {
    match shows(clock) {
        Shows::Time(clock) => Some(clock),
        Shows::Work | Shows::Nothing => None,
    }
}

fn read(clock: clockid_t) -> Option<Duration> {
    let clock = match shows(clock) {
        Shows::Time(clock) => clock,
        Shows::Work => {
            told(Asked::ProcessorTime);
            return None;
        }
        Shows::Nothing => return None,
    };
    let read = |hooks: &dyn Hooks, lifted| match lifted {
        true => hooks.read_lifted(clock),
        false => hooks.read(clock),
    };
    ask_anyway(read).flatten()
}

/// What a clock shows whom these hooks let wait, by theirs or the real one. Only while the hooks are asked.
pub(super) fn shown_to_wait(hooks: &dyn Hooks, clock: clockid_t) -> Option<Duration> {
    hooks.read_to_wait(known(clock)?).or_else(|| {
        let mut real = timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // Asked from here, there are no hooks.
        clock_gettime(clock, &mut real);
        // SAFETY: it is a place on the stack.
        unsafe { time_of(&real) }
    })
}

/// How long it is until a clock shows this, by the hooks' clock or the real one. None if no hooks are there.
pub(super) fn until(clock: clockid_t, at: Duration) -> Option<Duration> {
    ask(|hooks| Some(at.saturating_sub(shown_to_wait(hooks, clock)?))).flatten()
}

/// The time of a `timespec` that a caller passes; none if there is none, or it is none that libc takes.
///
/// # Safety
///
/// `at` is null or points to a `timespec`.
pub(super) unsafe fn time_of(at: *const timespec) -> Option<Duration> {
    // SAFETY: that is asked of the caller.
    let at = unsafe { at.as_ref() }?;
    let nanos = u32::try_from(at.tv_nsec).ok();
    let nanos = nanos.filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(at.tv_sec).ok()?, nanos))
}

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: clockid_t, at: *mut timespec) -> c_int {
    // SAFETY: libc's callers pass a place for the result, or null.
    match (read(clock), unsafe { at.as_mut() }) {
        (Some(time), Some(at)) => {
            at.tv_sec = time.as_secs() as time_t;
            at.tv_nsec = i64::from(time.subsec_nanos());
            0
        }
        _ => {
            real!(
                clock_gettime(clock, at) as unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int
            )
        }
    }
}

/// By `clock_gettime`, for those who ask the kernel.
pub(super) fn clock_gettime_of_kernel(clock: clockid_t, at: *mut timespec) -> c_int {
    clock_gettime(clock, at)
}

#[unsafe(no_mangle)]
extern "C" fn gettimeofday(at: *mut timeval, zone: *mut c_void) -> c_int {
    // SAFETY: libc's callers pass a place for the result, or null.
    match (read(libc::CLOCK_REALTIME), unsafe { at.as_mut() }) {
        (Some(time), Some(at)) => {
            at.tv_sec = time.as_secs() as time_t;
            at.tv_usec = i64::from(time.subsec_micros());
            0
        }
        _ => {
            real!(gettimeofday(at, zone) as unsafe extern "C" fn(*mut timeval, *mut c_void) -> c_int)
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn time(at: *mut time_t) -> time_t {
    let Some(time) = read(libc::CLOCK_REALTIME) else {
        return real!(time(at) as unsafe extern "C" fn(*mut time_t) -> time_t);
    };
    let secs = time.as_secs() as time_t;
    // SAFETY: libc's callers pass a place for the result, or null.
    if let Some(at) = unsafe { at.as_mut() } {
        *at = secs;
    }
    secs
}

/// Whether the hooks have let so much time pass.
pub(super) fn slept(time: Duration) -> bool {
    ask(|hooks| hooks.sleep(time)).unwrap_or(false)
}

#[unsafe(no_mangle)]
extern "C" fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int {
    // SAFETY: libc's callers pass a time.
    if unsafe { time_of(time) }.is_some_and(slept) {
        return 0;
    }
    type Function = unsafe extern "C" fn(*const timespec, *mut timespec) -> c_int;
    real!(nanosleep(time, left) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn clock_nanosleep(
    clock: clockid_t,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    // SAFETY: libc's callers pass a time.
    let at = unsafe { time_of(time) };
    let by = at.and_then(|at| match flags & libc::TIMER_ABSTIME {
        0 => known(clock).map(|_| at),
        _ => until(clock, at),
    });
    if by.is_some_and(slept) {
        return 0;
    }
    type Function = unsafe extern "C" fn(clockid_t, c_int, *const timespec, *mut timespec) -> c_int;
    real!(clock_nanosleep(clock, flags, time, left) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn sleep(secs: c_uint) -> c_uint {
    match slept(Duration::from_secs(secs.into())) {
        true => 0,
        false => real!(sleep(secs) as unsafe extern "C" fn(c_uint) -> c_uint),
    }
}

#[unsafe(no_mangle)]
extern "C" fn usleep(micros: c_uint) -> c_int {
    match slept(Duration::from_micros(micros.into())) {
        true => 0,
        false => real!(usleep(micros) as unsafe extern "C" fn(c_uint) -> c_int),
    }
}

#[unsafe(no_mangle)]
extern "C" fn clock() -> clock_t {
    told(Asked::ProcessorTime);
    real!(clock() as unsafe extern "C" fn() -> clock_t)
}

#[unsafe(no_mangle)]
extern "C" fn times(at: *mut tms) -> clock_t {
    told(Asked::ProcessorTime);
    real!(times(at) as unsafe extern "C" fn(*mut tms) -> clock_t)
}

#[unsafe(no_mangle)]
extern "C" fn getrusage(whose: c_int, at: *mut rusage) -> c_int {
    told(Asked::ProcessorTime);
    real!(getrusage(whose, at) as unsafe extern "C" fn(c_int, *mut rusage) -> c_int)
}
