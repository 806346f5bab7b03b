//! Timers of the system, which go by real time: they are told, and set.

use std::ffi::{c_int, c_uint, c_void};

use libc::{clockid_t, itimerspec, itimerval};

use super::told;
use crate::hooks::Asked;

pub(super) const LINKED: &[*const ()] = &[
    timerfd_create as *const (),
    timerfd_settime as *const (),
    timer_settime as *const (),
    setitimer as *const (),
    alarm as *const (),
];

#[unsafe(no_mangle)]
extern "C" fn timerfd_create(clock: clockid_t, flags: c_int) -> c_int {
    told(Asked::Timer);
    real!(timerfd_create(clock, flags) as unsafe extern "C" fn(clockid_t, c_int) -> c_int)
}

#[unsafe(no_mangle)]
extern "C" fn timerfd_settime(
    file: c_int,
    flags: c_int,
    to: *const itimerspec,
    was: *mut itimerspec,
) -> c_int {
    told(Asked::Timer);
    type Function = unsafe extern "C" fn(c_int, c_int, *const itimerspec, *mut itimerspec) -> c_int;
    real!(timerfd_settime(file, flags, to, was) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn timer_settime(
    timer: *mut c_void,
    flags: c_int,
    to: *const itimerspec,
    was: *mut itimerspec,
) -> c_int {
    told(Asked::Timer);
    type Function =
        unsafe extern "C" fn(*mut c_void, c_int, *const itimerspec, *mut itimerspec) -> c_int;
    real!(timer_settime(timer, flags, to, was) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn setitimer(which: c_int, to: *const itimerval, was: *mut itimerval) -> c_int {
    told(Asked::Timer);
    type Function = unsafe extern "C" fn(c_int, *const itimerval, *mut itimerval) -> c_int;
    real!(setitimer(which, to, was) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn alarm(secs: c_uint) -> c_uint {
    told(Asked::Timer);
    real!(alarm(secs) as unsafe extern "C" fn(c_uint) -> c_uint)
}
