//! Functions of libc that few programs call: what comes of them is the hooks', or is told.

use std::cell::Cell;
use std::ffi::c_int;
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::time::Duration;

use deadheat_seal::{Asked, Hooks, Waited, during};
use libc::timespec;

use crate::world::{DAY, SEC, World, at, error};

/// What is told of it, and how much time passes by it.
fn sealed(f: impl FnOnce()) -> (Vec<Asked>, Duration) {
    let world = World::default();
    during(&world, f);
    (world.asked.take(), world.now.get())
}

fn told(f: impl FnOnce()) -> Vec<Asked> {
    sealed(f).0
}

#[test]
fn waits_for_files_by_epoll_are_told() {
    // SAFETY: there is a place for one event, and no file.
    unsafe {
        let epoll = libc::epoll_create1(0);
        let mut event: libc::epoll_event = zeroed();
        let wait = || assert_eq!(libc::epoll_wait(epoll, &mut event, 1, 0), 0);
        assert_eq!(told(wait), [Asked::Files]);
        let wait = || assert_eq!(libc::epoll_pwait(epoll, &mut event, 1, 0, null()), 0);
        assert_eq!(told(wait), [Asked::Files]);
        libc::close(epoll);
    }
}

#[test]
fn timers_of_the_system_are_told() {
    // SAFETY: the times are times, and are of the call.
    unsafe {
        let timer = || {
            let file = libc::timerfd_create(libc::CLOCK_MONOTONIC, 0);
            let mut to: libc::itimerspec = zeroed();
            to.it_value = at(SEC);
            assert_eq!(libc::timerfd_settime(file, 0, &to, null_mut()), 0);
            libc::close(file);
        };
        assert_eq!(told(timer), [Asked::Timer; 2]);
        assert_eq!(told(|| assert_eq!(libc::alarm(0), 0)), [Asked::Timer]);
    }
}

#[test]
fn clocks_of_the_processor_are_told() {
    unsafe extern "C" {
        fn clock() -> libc::clock_t;
    }
    // SAFETY: there is a place for each result.
    unsafe {
        let clock = || assert!(clock() >= 0);
        assert_eq!(told(clock), [Asked::ProcessorTime]);
        let mut work = zeroed();
        let times = || assert!(libc::times(&mut work) >= 0);
        assert_eq!(told(times), [Asked::ProcessorTime]);
        let mut usage = zeroed();
        let usage = || assert_eq!(libc::getrusage(libc::RUSAGE_SELF, &mut usage), 0);
        assert_eq!(told(usage), [Asked::ProcessorTime]);
    }
}

#[test]
fn chance_by_other_names_is_the_hooks() {
    unsafe extern "C" {
        fn arc4random() -> u32;
        fn arc4random_buf(bytes: *mut u8, length: usize);
        fn arc4random_uniform(bound: u32) -> u32;
    }
    let draws = || {
        let mut bytes = [0; 5];
        // SAFETY: the place is long enough.
        unsafe {
            assert_eq!(arc4random(), 0x0707_0707);
            arc4random_buf(bytes.as_mut_ptr(), 5);
            assert_eq!(arc4random_uniform(100), 2);
        }
        assert_eq!(bytes, [7; 5]);
    };
    assert_eq!(told(draws), []);
    let opens = || {
        // SAFETY: they are C strings, and the file is closed.
        unsafe {
            let file = libc::fopen(c"/dev/urandom".as_ptr(), c"r".as_ptr());
            assert_eq!(libc::fclose(file), 0);
        }
    };
    assert_eq!(told(opens), [Asked::RandomFile]);
}

#[test]
fn processes_by_other_names_are_told() {
    // SAFETY: they are C strings, and the stream is closed.
    unsafe {
        let shell = || assert_eq!(libc::system(c"true".as_ptr()), 0);
        assert_eq!(told(shell), [Asked::Process]);
        let pipe = || {
            let pipe = libc::popen(c"true".as_ptr(), c"r".as_ptr());
            assert_eq!(libc::pclose(pipe), 0);
        };
        assert_eq!(told(pipe), [Asked::Process]);
    }
}

#[test]
fn a_lock_that_another_has_is_waited_for_by_the_hooks_clock() {
    unsafe extern "C" {
        fn pthread_mutex_clocklock(
            lock: *mut libc::pthread_mutex_t,
            clock: c_int,
            limit: *const timespec,
        ) -> c_int;
        fn pthread_rwlock_timedrdlock(
            lock: *mut libc::pthread_rwlock_t,
            limit: *const timespec,
        ) -> c_int;
        fn pthread_rwlock_timedwrlock(
            lock: *mut libc::pthread_rwlock_t,
            limit: *const timespec,
        ) -> c_int;
    }
    let mut lock = libc::PTHREAD_MUTEX_INITIALIZER;
    let mut both = libc::PTHREAD_RWLOCK_INITIALIZER;
    let over = libc::ETIMEDOUT;
    let (_, passed) = sealed(|| {
        // SAFETY: the locks live as long as the calls, and are this thread's.
        unsafe {
            let limit = at(DAY + 3 * SEC);
            assert_eq!(libc::pthread_mutex_timedlock(&mut lock, &limit), 0);
            assert_eq!(libc::pthread_mutex_timedlock(&mut lock, &limit), over);
            let monotonic = libc::CLOCK_MONOTONIC;
            let limit = at(5 * SEC);
            let waited = pthread_mutex_clocklock(&mut lock, monotonic, &limit);
            assert_eq!(waited, over);
            let limit = at(DAY + 6 * SEC);
            assert_eq!(pthread_rwlock_timedrdlock(&mut both, &limit), 0);
            assert_eq!(pthread_rwlock_timedwrlock(&mut both, &limit), over);
        }
    });
    assert_eq!(passed, 6 * SEC);
}

#[test]
fn a_semaphore_is_waited_for_by_the_hooks_clock() {
    let (_, passed) = sealed(|| {
        // SAFETY: it lives as long as the calls.
        unsafe {
            let mut semaphore = zeroed();
            assert_eq!(libc::sem_init(&mut semaphore, 0, 1), 0);
            let limit = at(DAY + 3 * SEC);
            assert_eq!(libc::sem_timedwait(&mut semaphore, &limit), 0);
            assert_eq!(libc::sem_timedwait(&mut semaphore, &limit), -1);
            assert_eq!(error(), Some(libc::ETIMEDOUT));
        }
    });
    assert_eq!(passed, 3 * SEC);
}

#[test]
fn signals_are_waited_for_by_the_hooks_clock() {
    let (_, passed) = sealed(|| {
        // SAFETY: there is a place for the set, and none for the signal.
        unsafe {
            let mut signals = zeroed();
            libc::sigemptyset(&mut signals);
            assert_eq!(libc::sigtimedwait(&signals, null_mut(), &at(3 * SEC)), -1);
            assert_eq!(error(), Some(libc::EAGAIN));
        }
    });
    assert_eq!(passed, 3 * SEC);
}

/// Knows of one who waits at a word.
#[derive(Default)]
struct Knows(Cell<usize>);

impl Hooks for Knows {
    fn wait_at(&self, word: usize, _: Duration) -> Waited {
        self.0.set(word);
        Waited::Woken
    }

    fn wake(&self, word: usize, _: u32) -> u32 {
        u32::from(self.0.get() == word)
    }
}

#[test]
fn who_waits_at_a_word_is_woken_by_it() {
    let word = 5_u32;
    let call = |operation: c_int, value: u32, limit: *const timespec| {
        // SAFETY: the word lives as long as the call, and the limit is null or a time.
        unsafe { libc::syscall(libc::SYS_futex, &word, operation, value, limit) }
    };
    during(&Knows::default(), || {
        assert_eq!(call(libc::FUTEX_WAKE, 1, null()), 0);
        assert_eq!(call(libc::FUTEX_WAIT, 5, &at(SEC)), 0);
        assert_eq!(call(libc::FUTEX_WAKE, 1, null()), 1);
        assert_eq!(call(libc::FUTEX_WAKE, 5, null()), 1);
    });
}
