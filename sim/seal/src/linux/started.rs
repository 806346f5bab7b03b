//! What is started or made and lives outside of the thread: it is told, and done.

use std::ffi::{c_char, c_int, c_void};

use libc::{FILE, pid_t};

use super::told;
use crate::hooks::Asked;

pub(super) const LINKED: &[*const ()] = &[
    pthread_create as *const (),
    socket as *const (),
    socketpair as *const (),
    fork as *const (),
    system as *const (),
    popen as *const (),
    posix_spawn as *const (),
    posix_spawnp as *const (),
];

#[unsafe(no_mangle)]
extern "C" fn pthread_create(
    thread: *mut c_void,
    attributes: *const c_void,
    main: *mut c_void,
    argument: *mut c_void,
) -> c_int {
    told(Asked::Thread);
    type Function =
        unsafe extern "C" fn(*mut c_void, *const c_void, *mut c_void, *mut c_void) -> c_int;
    real!(pthread_create(thread, attributes, main, argument) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    told(Asked::Socket);
    real!(socket(domain, kind, protocol) as unsafe extern "C" fn(c_int, c_int, c_int) -> c_int)
}

#[unsafe(no_mangle)]
extern "C" fn socketpair(domain: c_int, kind: c_int, protocol: c_int, pair: *mut c_int) -> c_int {
    told(Asked::Socket);
    type Function = unsafe extern "C" fn(c_int, c_int, c_int, *mut c_int) -> c_int;
    real!(socketpair(domain, kind, protocol, pair) as Function)
}

#[unsafe(no_mangle)]
extern "C" fn fork() -> pid_t {
    told(Asked::Process);
    real!(fork() as unsafe extern "C" fn() -> pid_t)
}

#[unsafe(no_mangle)]
extern "C" fn system(command: *const c_char) -> c_int {
    told(Asked::Process);
    real!(system(command) as unsafe extern "C" fn(*const c_char) -> c_int)
}

#[unsafe(no_mangle)]
extern "C" fn popen(command: *const c_char, mode: *const c_char) -> *mut FILE {
    told(Asked::Process);
    real!(popen(command, mode)
        as unsafe extern "C" fn(
            *const c_char,
            *const c_char,
        ) -> *mut FILE)
}

/// Both have this signature: where the number of the process goes to, the program, what is to be done before it, its
/// attributes, its arguments and its environment.
type Spawn = unsafe extern "C" fn(
    *mut pid_t,
    *const c_char,
    *const c_void,
    *const c_void,
    *const *mut c_char,
    *const *mut c_char,
) -> c_int;

macro_rules! spawns {
    ($($name:ident),*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(
            process: *mut pid_t,
            program: *const c_char,
            actions: *const c_void,
            attributes: *const c_void,
            arguments: *const *mut c_char,
            environment: *const *mut c_char,
        ) -> c_int {
            told(Asked::Process);
            real!($name(
                process,
                program,
                actions,
                attributes,
                arguments,
                environment
            ) as Spawn)
        }
    )*};
}

spawns!(posix_spawn, posix_spawnp);
