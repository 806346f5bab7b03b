//! The functions of libc, by their names. Each asks the hooks of its thread first.
//!
//! They are found by the linker: a symbol of the program itself comes before that of a shared library. The real ones are
//! then reached as the next by that name.

#![expect(
    unsafe_code,
    reason = "the functions have the signatures of libc, and what they are given are its pointers"
)]

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use crate::hooks::{Asked, Clock, ask};

#[repr(C)]
pub(crate) struct Timespec {
    secs: i64,
    nanos: i64,
}

#[repr(C)]
pub(crate) struct Timeval {
    secs: i64,
    micros: i64,
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
}

/// The object after the one that asks, in the order in which symbols are looked for.
const NEXT: *mut c_void = -1_isize as *mut c_void;
const REALTIME: [c_int; 2] = [0, 5];
const MONOTONIC: [c_int; 4] = [1, 4, 6, 7];
const ABSOLUTE: c_int = 1;
const EINVAL: c_int = 22;
const EAGAIN: c_int = 11;
const ETIMEDOUT: c_int = 110;

/// A function of libc that is looked for once.
struct Real {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

impl Real {
    const fn named(name: &'static CStr) -> Self {
        Real {
            name,
            found: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// Its address. libc has all of those that are asked for here.
    fn address(&self) -> *mut c_void {
        let found = self.found.load(Ordering::Relaxed);
        if !found.is_null() {
            return found;
        }
        // SAFETY: the name is a C string, and the handle is one that `dlsym` knows.
        let found = unsafe { dlsym(NEXT, self.name.as_ptr()) };
        if found.is_null() {
            // Nothing can be told from here: whoever calls may be anywhere.
            std::process::abort();
        }
        self.found.store(found, Ordering::Relaxed);
        found
    }
}

/// Calls the function of libc by this name.
macro_rules! real {
    ($name:ident($($argument:expr),*) as $type:ty) => {{
        const NAME: &CStr = match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("the name of a function has no zero"),
        };
        static REAL: Real = Real::named(NAME);
        // SAFETY: the address is that of libc's function, whose signature this is.
        let real = unsafe { std::mem::transmute::<*mut c_void, $type>(REAL.address()) };
        // SAFETY: the arguments are the caller's, passed on as they are.
        unsafe { real($($argument),*) }
    }};
}

/// Each function that is defined here, so that whoever links one links all.
struct Linked([*const (); 10]);

// SAFETY: these are addresses of functions, through which nobody reads.
unsafe impl Sync for Linked {}

static LINKED: Linked = Linked([
    clock_gettime as *const (),
    gettimeofday as *const (),
    time as *const (),
    nanosleep as *const (),
    clock_nanosleep as *const (),
    getrandom as *const (),
    getentropy as *const (),
    pthread_create as *const (),
    socket as *const (),
    syscall as *const (),
]);

/// Refers to all that is defined here.
#[inline]
pub(crate) fn link() {
    std::hint::black_box(&LINKED.0);
}

fn known(clock: c_int) -> Option<Clock> {
    if MONOTONIC.contains(&clock) {
        return Some(Clock::Monotonic);
    }
    REALTIME.contains(&clock).then_some(Clock::System)
}

fn read(clock: c_int) -> Option<Duration> {
    let clock = known(clock)?;
    ask(|hooks| hooks.read(clock)).flatten()
}

/// How long it is until a clock shows this, by the hooks' clock or the real one. None if no hooks are there.
fn until(clock: c_int, at: Duration) -> Option<Duration> {
    let known = known(clock)?;
    ask(|hooks| {
        let mut real = Timespec { secs: 0, nanos: 0 };
        let now = hooks.read_to_wait(known).or_else(|| {
            // Asked from here, there are no hooks.
            clock_gettime(clock, &mut real);
            // SAFETY: it is a place on the stack.
            unsafe { time_of(&real) }
        });
        at.saturating_sub(now.unwrap_or(at))
    })
}

fn fail(error: c_int) -> c_int {
    // SAFETY: the address is that of this thread's `errno`, as long as the thread lives.
    unsafe { *__errno_location() = error };
    -1
}

/// The time of a `timespec` that a caller passes; none if there is none, or it is none that libc takes.
///
/// # Safety
///
/// `at` is null or points to a `timespec`.
unsafe fn time_of(at: *const Timespec) -> Option<Duration> {
    // SAFETY: that is asked of the caller.
    let at = unsafe { at.as_ref() }?;
    let nanos = u32::try_from(at.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(at.secs).ok()?, nanos))
}

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: c_int, at: *mut Timespec) -> c_int {
    // SAFETY: libc's callers pass a place for the result, or null.
    match (read(clock), unsafe { at.as_mut() }) {
        (Some(time), Some(at)) => {
            at.secs = time.as_secs() as i64;
            at.nanos = i64::from(time.subsec_nanos());
            0
        }
        _ => real!(clock_gettime(clock, at) as unsafe extern "C" fn(c_int, *mut Timespec) -> c_int),
    }
}

#[unsafe(no_mangle)]
extern "C" fn gettimeofday(at: *mut Timeval, zone: *mut c_void) -> c_int {
    // SAFETY: libc's callers pass a place for the result, or null.
    match (read(REALTIME[0]), unsafe { at.as_mut() }) {
        (Some(time), Some(at)) => {
            at.secs = time.as_secs() as i64;
            at.micros = i64::from(time.subsec_micros());
            0
        }
        _ => {
            real!(gettimeofday(at, zone) as unsafe extern "C" fn(*mut Timeval, *mut c_void) -> c_int)
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn time(at: *mut i64) -> i64 {
    let Some(time) = read(REALTIME[0]) else {
        return real!(time(at) as unsafe extern "C" fn(*mut i64) -> i64);
    };
    let secs = time.as_secs() as i64;
    // SAFETY: libc's callers pass a place for the result, or null.
    if let Some(at) = unsafe { at.as_mut() } {
        *at = secs;
    }
    secs
}

#[unsafe(no_mangle)]
extern "C" fn nanosleep(time: *const Timespec, left: *mut Timespec) -> c_int {
    // SAFETY: libc's callers pass a time.
    let slept = unsafe { time_of(time) }.and_then(|time| ask(|hooks| hooks.sleep(time)));
    match slept {
        Some(true) => 0,
        _ => {
            real!(nanosleep(time, left)
                as unsafe extern "C" fn(
                    *const Timespec,
                    *mut Timespec,
                ) -> c_int)
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn clock_nanosleep(
    clock: c_int,
    flags: c_int,
    time: *const Timespec,
    left: *mut Timespec,
) -> c_int {
    // SAFETY: libc's callers pass a time.
    let at = unsafe { time_of(time) };
    let slept = at.and_then(|at| {
        let by = match flags & ABSOLUTE {
            0 => known(clock).map(|_| at)?,
            _ => until(clock, at)?,
        };
        ask(|hooks| hooks.sleep(by))
    });
    type Function = unsafe extern "C" fn(c_int, c_int, *const Timespec, *mut Timespec) -> c_int;
    match slept {
        Some(true) => 0,
        _ => real!(clock_nanosleep(clock, flags, time, left) as Function),
    }
}

/// Fills what a caller wants to have filled; false if the hooks of this thread do not.
fn filled(bytes: *mut c_void, length: usize) -> bool {
    if bytes.is_null() || length > isize::MAX as usize {
        return false;
    }
    ask(|hooks| {
        // SAFETY: the caller passes a place of this length for random bytes, and nobody else looks at it meanwhile. It
        // is written before it is read: what it holds until then may be anything.
        let bytes = unsafe {
            std::ptr::write_bytes(bytes.cast::<u8>(), 0, length);
            std::slice::from_raw_parts_mut(bytes.cast::<u8>(), length)
        };
        hooks.fill(bytes)
    })
    .unwrap_or(false)
}

#[unsafe(no_mangle)]
extern "C" fn getrandom(bytes: *mut c_void, length: usize, flags: u32) -> isize {
    if filled(bytes, length) {
        return length as isize;
    }
    real!(getrandom(bytes, length, flags) as unsafe extern "C" fn(*mut c_void, usize, u32) -> isize)
}

#[unsafe(no_mangle)]
extern "C" fn getentropy(bytes: *mut c_void, length: usize) -> c_int {
    if length <= 256 && filled(bytes, length) {
        return 0;
    }
    real!(getentropy(bytes, length) as unsafe extern "C" fn(*mut c_void, usize) -> c_int)
}

#[unsafe(no_mangle)]
extern "C" fn pthread_create(
    thread: *mut c_void,
    attributes: *const c_void,
    main: *mut c_void,
    argument: *mut c_void,
) -> c_int {
    ask(|hooks| hooks.ask(Asked::Thread));
    type Function =
        unsafe extern "C" fn(*mut c_void, *const c_void, *mut c_void, *mut c_void) -> c_int;
    real!(pthread_create(thread, attributes, main, argument) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    ask(|hooks| hooks.ask(Asked::Socket));
    real!(socket(domain, kind, protocol) as unsafe extern "C" fn(c_int, c_int, c_int) -> c_int)
}

#[cfg(target_arch = "x86_64")]
mod number {
    use std::ffi::c_long;

    pub(super) const FUTEX: c_long = 202;
    pub(super) const CLOCK_GETTIME: c_long = 228;
    pub(super) const GETRANDOM: c_long = 318;
}

#[cfg(target_arch = "aarch64")]
mod number {
    use std::ffi::c_long;

    pub(super) const FUTEX: c_long = 98;
    pub(super) const CLOCK_GETTIME: c_long = 113;
    pub(super) const GETRANDOM: c_long = 278;
}

/// How a futex waits.
const WAIT: usize = 0;
const WAIT_BITSET: usize = 9;
const ON_REALTIME: usize = 256;
/// Which of the bits are the operation.
const OPERATION: usize = 127;

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
    let answered = match number {
        number::FUTEX => futex(a as *const u32, b, c as u32, d as *const Timespec),
        number::GETRANDOM => filled(a as *mut c_void, b).then_some(b as c_long),
        number::CLOCK_GETTIME => {
            return c_long::from(clock_gettime(a as c_int, b as *mut Timespec));
        }
        _ => None,
    };
    type Function =
        unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;
    answered.unwrap_or_else(|| real!(syscall(number, a, b, c, d, e, f) as Function))
}

/// A wait for another thread with a limit: the time up to the limit passes, if the hooks let it, and the wait ends there.
fn futex(
    word: *const u32,
    operation: usize,
    expected: u32,
    limit: *const Timespec,
) -> Option<c_long> {
    if !matches!(operation & OPERATION, WAIT | WAIT_BITSET) || word.is_null() {
        return None;
    }
    if limit.is_null() {
        ask(|hooks| hooks.ask(Asked::Wait));
        return None;
    }
    // SAFETY: the kernel is asked to read the same word, and other threads may write it: so it is read as an atomic.
    let now = unsafe { &*word.cast::<std::sync::atomic::AtomicU32>() }.load(Ordering::SeqCst);
    if now != expected {
        // What the kernel says. Without hooks it is left to say it itself.
        return ask(|_| c_long::from(fail(EAGAIN)));
    }
    // SAFETY: libc's callers pass a time, since it is not null.
    let Some(limit) = (unsafe { time_of(limit) }) else {
        return ask(|_| c_long::from(fail(EINVAL)));
    };
    let by = match operation & OPERATION {
        WAIT => limit,
        _ => {
            let clock = if operation & ON_REALTIME == 0 {
                MONOTONIC[0]
            } else {
                REALTIME[0]
            };
            until(clock, limit)?
        }
    };
    ask(|hooks| hooks.wait(by))?.then(|| c_long::from(fail(ETIMEDOUT)))
}
