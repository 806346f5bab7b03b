//! Random bytes.

use std::ffi::{CStr, c_char, c_int, c_void};

use libc::{FILE, mode_t};

use super::told;
use crate::hooks::{Asked, Hooks, ask_anyway};

pub(super) const LINKED: &[*const ()] = &[
    getrandom as *const (),
    getentropy as *const (),
    arc4random as *const (),
    arc4random_buf as *const (),
    arc4random_uniform as *const (),
    fopen as *const (),
    fopen64 as *const (),
    open as *const (),
    open64 as *const (),
    openat as *const (),
    openat64 as *const (),
];

/// More than this `getentropy` does not give.
const ENTROPY_MAX: usize = 256;

/// Fills what a caller wants to have filled; false if the hooks of this thread do not.
pub(super) fn filled(bytes: *mut c_void, length: usize) -> bool {
    if bytes.is_null() || length > isize::MAX as usize {
        return false;
    }
    let fill = |hooks: &dyn Hooks, lifted| {
        // SAFETY: the caller passes a place of this length for random bytes, and nobody else looks at it meanwhile. It
        // is written before it is read: what it holds until then may be anything.
        let bytes = unsafe {
            std::ptr::write_bytes(bytes.cast::<u8>(), 0, length);
            std::slice::from_raw_parts_mut(bytes.cast::<u8>(), length)
        };
        match lifted {
            true => hooks.fill_lifted(bytes),
            false => hooks.fill(bytes),
        }
    };
    ask_anyway(fill).unwrap_or(false)
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
    if length <= ENTROPY_MAX && filled(bytes, length) {
        return 0;
    }
    real!(getentropy(bytes, length) as unsafe extern "C" fn(*mut c_void, usize) -> c_int)
}

/// Four bytes that the hooks of this thread fill.
fn drawn() -> Option<u32> {
    let mut bytes = [0_u8; 4];
    filled(bytes.as_mut_ptr().cast(), bytes.len()).then(|| u32::from_ne_bytes(bytes))
}

#[unsafe(no_mangle)]
extern "C" fn arc4random() -> u32 {
    drawn().unwrap_or_else(|| real!(arc4random() as unsafe extern "C" fn() -> u32))
}

#[unsafe(no_mangle)]
extern "C" fn arc4random_buf(bytes: *mut c_void, length: usize) {
    if !filled(bytes, length) {
        real!(arc4random_buf(bytes, length) as unsafe extern "C" fn(*mut c_void, usize));
    }
}

#[unsafe(no_mangle)]
extern "C" fn arc4random_uniform(bound: u32) -> u32 {
    // Even but for one in four billion, which is enough for a run.
    let below = |drawn| ((u64::from(drawn) * u64::from(bound)) >> 32) as u32;
    let real = || real!(arc4random_uniform(bound) as unsafe extern "C" fn(u32) -> u32);
    drawn().map(below).unwrap_or_else(real)
}

/// Tells of the files that are the system's randomness.
fn opened(path: *const c_char) {
    if path.is_null() {
        return;
    }
    // SAFETY: libc's callers pass a C string.
    let path = unsafe { CStr::from_ptr(path) };
    if path == c"/dev/urandom" || path == c"/dev/random" {
        told(Asked::RandomFile);
    }
}

/// libc's functions take any number of arguments, of which one is looked at after these. On the two architectures that
/// there are here it is in the same register, whatever the signature says. Where it is left out, nobody looks at it.
type Open = unsafe extern "C" fn(*const c_char, c_int, ...) -> c_int;
type OpenAt = unsafe extern "C" fn(c_int, *const c_char, c_int, ...) -> c_int;

#[unsafe(no_mangle)]
extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    opened(path);
    real!(open(path, flags, mode) as Open)
}

#[unsafe(no_mangle)]
extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    opened(path);
    real!(open64(path, flags, mode) as Open)
}

#[unsafe(no_mangle)]
extern "C" fn openat(at: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    opened(path);
    real!(openat(at, path, flags, mode) as OpenAt)
}

#[unsafe(no_mangle)]
extern "C" fn openat64(at: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    opened(path);
    real!(openat64(at, path, flags, mode) as OpenAt)
}

type OpenStream = unsafe extern "C" fn(*const c_char, *const c_char) -> *mut FILE;

#[unsafe(no_mangle)]
extern "C" fn fopen(path: *const c_char, mode: *const c_char) -> *mut FILE {
    opened(path);
    real!(fopen(path, mode) as OpenStream)
}

#[unsafe(no_mangle)]
extern "C" fn fopen64(path: *const c_char, mode: *const c_char) -> *mut FILE {
    opened(path);
    real!(fopen64(path, mode) as OpenStream)
}
