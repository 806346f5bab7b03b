//! The functions of libc, by their names. Each asks the hooks of its thread first.
//!
//! They are found by the linker: a symbol of the program itself comes before that of a shared library. The real ones are
//! then reached as the next by that name.

#![expect(
    unsafe_code,
    reason = "the functions have the signatures of libc, and what they are given are its pointers"
)]

use std::ffi::{CStr, c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::hooks::{Asked, ask};

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

    /// Its address. libc has all of those that are asked for here: a program that is linked to it statically has none of
    /// this.
    fn address(&self) -> *mut c_void {
        let found = self.found.load(Ordering::Relaxed);
        if !found.is_null() {
            return found;
        }
        // SAFETY: the name is a C string, and the handle is one that `dlsym` knows.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
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
        const NAME: &std::ffi::CStr =
            match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("the name of a function has no zero"),
            };
        static REAL: $crate::linux::Real = $crate::linux::Real::named(NAME);
        // SAFETY: the address is that of libc's function, whose signature this is.
        let real = unsafe { std::mem::transmute::<*mut std::ffi::c_void, $type>(REAL.address()) };
        // SAFETY: the arguments are the caller's, passed on as they are.
        unsafe { real($($argument),*) }
    }};
}

pub(crate) mod aside;
mod chance;
mod clocks;
mod locks;
mod started;
mod timers;
mod waits;

/// Functions that are defined here, so that whoever links one links all.
struct Linked(&'static [&'static [*const ()]]);

// SAFETY: these are addresses of functions, through which nobody reads.
unsafe impl Sync for Linked {}

static LINKED: Linked = Linked(&[
    chance::LINKED,
    clocks::LINKED,
    locks::LINKED,
    started::LINKED,
    timers::LINKED,
    waits::LINKED,
]);

/// Refers to all that is defined here.
#[inline]
pub(crate) fn link() {
    std::hint::black_box(LINKED.0);
}

/// Tells the hooks of this thread, and leaves it to the system.
fn told(what: Asked) {
    ask(|hooks| hooks.ask(what));
}

fn fail(error: c_int) -> c_int {
    // SAFETY: the address is that of this thread's `errno`, as long as the thread lives.
    unsafe { *libc::__errno_location() = error };
    -1
}
