//! Each function of libc that is overridden, called as code in C calls it.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_long};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::thread;
use std::time::{Duration, Instant};

use deadheat_seal::{Asked, Clock, Hooks, during, lifted, origin_reading};
use libc::timespec;

use crate::world::{DAY, SEC, World, at, error};

/// Calls it in a world whose clock shows 10 s.
fn sealed<R>(f: impl FnOnce(&World) -> R) -> R {
    let world = World::default();
    world.pass(10 * SEC);
    during(&world, || f(&world))
}

fn time_of(time: timespec) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn shown(clock: c_int) -> Duration {
    // SAFETY: there is a place for the result.
    unsafe {
        let mut time = zeroed();
        assert_eq!(libc::clock_gettime(clock, &mut time), 0);
        time_of(time)
    }
}

#[test]
fn clocks_are_one_of_two() {
    let system = [
        libc::CLOCK_REALTIME,
        libc::CLOCK_REALTIME_COARSE,
        libc::CLOCK_TAI,
    ];
    let monotonic = [
        libc::CLOCK_MONOTONIC,
        libc::CLOCK_MONOTONIC_RAW,
        libc::CLOCK_MONOTONIC_COARSE,
        libc::CLOCK_BOOTTIME,
    ];
    sealed(|world| {
        assert_eq!(system.map(shown), [DAY + 10 * SEC; 3]);
        assert_eq!(monotonic.map(shown), [10 * SEC; 4]);
        assert_eq!(*world.asked.borrow(), []);
        // How long the processor has worked is not answered, but told.
        assert!(shown(libc::CLOCK_PROCESS_CPUTIME_ID) < DAY);
        assert!(shown(libc::CLOCK_THREAD_CPUTIME_ID) < DAY);
        assert_eq!(*world.asked.borrow(), [Asked::ProcessorTime; 2]);
    });
}

#[test]
fn the_time_of_day_by_older_names() {
    sealed(|world| {
        world.pass(Duration::from_millis(250));
        // SAFETY: there is a place for each result.
        unsafe {
            let mut day = zeroed();
            assert_eq!(libc::gettimeofday(&mut day, null_mut()), 0);
            assert_eq!((day.tv_sec, day.tv_usec), (2_000_000_010, 250_000));
            let mut secs = 0;
            assert_eq!(libc::time(&mut secs), 2_000_000_010);
            assert_eq!(secs, 2_000_000_010);
            assert_eq!(libc::time(null_mut()), 2_000_000_010);
        }
    });
}

#[test]
fn what_is_asked_of_the_kernel_by_number() {
    sealed(|world| {
        let (mut time, mut bytes) = (at(Duration::ZERO), [0_u8; 5]);
        // SAFETY: there is a place for each result.
        unsafe {
            let clock = libc::CLOCK_MONOTONIC;
            assert_eq!(libc::syscall(libc::SYS_clock_gettime, clock, &mut time), 0);
            let drawn = libc::syscall(libc::SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), 0);
            assert_eq!(drawn, 5);
        }
        assert_eq!((time_of(time), bytes), (10 * SEC, [7; 5]));
        assert_eq!(world.filled.get(), 5);
        // SAFETY: it has no arguments.
        let own = unsafe { libc::syscall(libc::SYS_getpid) };
        assert_eq!(own, c_long::from(std::process::id() as i32));
    });
}

#[test]
fn entropy_is_given_up_to_256_bytes() {
    sealed(|world| {
        let mut bytes = [0_u8; 257];
        let mut draw = |length| {
            // SAFETY: the place is long enough.
            unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), length) }
        };
        assert_eq!(draw(256), 0);
        assert_eq!(draw(257), -1);
        assert_eq!(error(), Some(libc::EIO));
        assert_eq!(world.filled.get(), 256);
        assert_eq!(bytes[..256], [7; 256]);
    });
}

#[test]
fn sleeps_by_each_name() {
    let to = |clock, flags, time| {
        // SAFETY: it is a time.
        unsafe { libc::clock_nanosleep(clock, flags, &at(time), null_mut()) }
    };
    let slept = sealed(|world| {
        // SAFETY: the times are times, and there is no file.
        unsafe {
            assert_eq!(libc::sleep(1), 0);
            assert_eq!(libc::usleep(2), 0);
            assert_eq!(libc::nanosleep(&at(3 * SEC), null_mut()), 0);
            assert_eq!(libc::poll(null_mut(), 0, 4), 0);
            assert_eq!(libc::ppoll(null_mut(), 0, &at(5 * SEC), null()), 0);
            let mut limit = libc::timeval {
                tv_sec: 6,
                tv_usec: 7,
            };
            let none = null_mut();
            assert_eq!(libc::select(0, none, none, none, &mut limit), 0);
            assert_eq!((limit.tv_sec, limit.tv_usec), (0, 0));
            let eight = at(8 * SEC);
            assert_eq!(libc::pselect(0, none, none, none, &eight, null()), 0);
        }
        assert_eq!(to(libc::CLOCK_MONOTONIC, 0, 9 * SEC), 0);
        assert_eq!(*world.asked.borrow(), []);
        world.slept.take()
    });
    let (ms, us) = (Duration::from_millis(1), Duration::from_micros(1));
    let eight = [SEC, 2 * us, 3 * SEC, 4 * ms, 5 * SEC, 6 * SEC + 7 * us];
    assert_eq!(slept[..6], eight);
    assert_eq!(slept[6..], [8 * SEC, 9 * SEC]);
    sealed(|world| {
        let until = libc::TIMER_ABSTIME;
        assert_eq!(to(libc::CLOCK_MONOTONIC, until, 12 * SEC), 0);
        assert_eq!(to(libc::CLOCK_REALTIME, until, DAY + 15 * SEC), 0);
        assert_eq!(to(libc::CLOCK_REALTIME, until, DAY), 0);
        assert_eq!(*world.slept.borrow(), [2 * SEC, 3 * SEC, Duration::ZERO]);
    });
}

/// Waits for a word that is 5; gives how it ended.
fn futex(operation: c_int, expected: u32, limit: *const timespec) -> (c_long, Option<i32>) {
    let word = 5_u32;
    // SAFETY: the word lives as long as the call, and the limit is null or a time.
    let ended = unsafe {
        let any = libc::FUTEX_BITSET_MATCH_ANY;
        libc::syscall(
            libc::SYS_futex,
            &word,
            operation,
            expected,
            limit,
            null::<u32>(),
            any,
        )
    };
    (ended, error())
}

#[test]
fn a_wait_for_a_word_ends_by_its_own_clock() {
    let over = (-1, Some(libc::ETIMEDOUT));
    let private = libc::FUTEX_PRIVATE_FLAG;
    let (wait, until) = (
        libc::FUTEX_WAIT | private,
        libc::FUTEX_WAIT_BITSET | private,
    );
    sealed(|world| {
        // One says for how long, the other until when.
        assert_eq!(futex(wait, 5, &at(SEC)), over);
        assert_eq!(futex(until, 5, &at(13 * SEC)), over);
        let by_day = until | libc::FUTEX_CLOCK_REALTIME;
        assert_eq!(futex(by_day, 5, &at(DAY + 16 * SEC)), over);
        assert_eq!(futex(wait, 5, &at(Duration::ZERO)), over);
        let waited = [SEC, 2 * SEC, 3 * SEC, Duration::ZERO];
        assert_eq!(*world.waited.borrow(), waited);
    });
}

#[test]
fn a_wait_for_a_word_that_has_changed_does_not_begin() {
    sealed(|world| {
        let ended = futex(libc::FUTEX_WAIT, 4, &at(SEC));
        assert_eq!(ended, (-1, Some(libc::EAGAIN)));
        let no_time = timespec {
            tv_sec: 0,
            tv_nsec: -1,
        };
        let ended = futex(libc::FUTEX_WAIT, 5, &no_time);
        assert_eq!(ended, (-1, Some(libc::EINVAL)));
        assert_eq!(*world.waited.borrow(), []);
        // Without a limit the system waits: here it sees at once that the word has changed.
        assert_eq!(futex(libc::FUTEX_WAIT, 4, null()), (-1, Some(libc::EAGAIN)));
        // Whoever wakes does not wait.
        assert_eq!(futex(libc::FUTEX_WAKE, 1, null()).0, 0);
        assert_eq!(*world.asked.borrow(), []);
    });
}

/// Waits for nobody until this moment; with no clock, by the condition's.
fn timed_wait(until: Duration, clock: Option<c_int>) -> c_int {
    unsafe extern "C" {
        fn pthread_cond_clockwait(
            condition: *mut libc::pthread_cond_t,
            lock: *mut libc::pthread_mutex_t,
            clock: c_int,
            until: *const timespec,
        ) -> c_int;
    }
    let mut lock = libc::PTHREAD_MUTEX_INITIALIZER;
    let mut condition = libc::PTHREAD_COND_INITIALIZER;
    // SAFETY: both live as long as the calls, and are this thread's.
    unsafe {
        libc::pthread_mutex_lock(&mut lock);
        let ended = match clock {
            None => libc::pthread_cond_timedwait(&mut condition, &mut lock, &at(until)),
            Some(clock) => pthread_cond_clockwait(&mut condition, &mut lock, clock, &at(until)),
        };
        libc::pthread_mutex_unlock(&mut lock);
        ended
    }
}

#[test]
fn a_wait_for_a_condition_ends_by_the_clock_that_is_near() {
    sealed(|world| {
        assert_eq!(timed_wait(DAY + 11 * SEC, None), libc::ETIMEDOUT);
        assert_eq!(timed_wait(13 * SEC, None), libc::ETIMEDOUT);
        let monotonic = Some(libc::CLOCK_MONOTONIC);
        assert_eq!(timed_wait(16 * SEC, monotonic), libc::ETIMEDOUT);
        assert_eq!(*world.waited.borrow(), [SEC, 2 * SEC, 3 * SEC]);
    });
    // Without hooks it is the system's, by the names that it has today.
    let begun = Instant::now();
    let soon = shown(libc::CLOCK_REALTIME) + SEC / 100;
    assert_eq!(timed_wait(soon, None), libc::ETIMEDOUT);
    let soon = shown(libc::CLOCK_MONOTONIC) + SEC / 100;
    let monotonic = Some(libc::CLOCK_MONOTONIC);
    assert_eq!(timed_wait(soon, monotonic), libc::ETIMEDOUT);
    assert!(begun.elapsed() >= SEC / 100);
}

#[test]
fn what_is_not_answered_is_told() {
    let told = |f: &dyn Fn()| {
        sealed(|world| {
            f();
            let mut told = world.asked.take();
            told.retain(|told| *told != Asked::Wait);
            told.dedup();
            told
        })
    };
    let pair = || drop(std::os::unix::net::UnixStream::pair().unwrap());
    assert_eq!(told(&pair), [Asked::Socket]);
    let command = || {
        assert!(
            std::process::Command::new("true")
                .status()
                .unwrap()
                .success()
        )
    };
    assert_eq!(told(&command), [Asked::Process]);
    let file = || drop(std::fs::File::open("/dev/urandom").unwrap());
    assert_eq!(told(&file), [Asked::RandomFile]);
    let other = || drop(std::fs::File::open("/dev/null").unwrap());
    assert_eq!(told(&other), []);
    let opens = |path: &'static CStr| {
        move || {
            // SAFETY: it is a C string, and who is open is closed.
            unsafe {
                let opened = [
                    libc::open(path.as_ptr(), libc::O_RDONLY),
                    libc::openat(libc::AT_FDCWD, path.as_ptr(), libc::O_RDONLY),
                ];
                assert!(opened.iter().all(|file| libc::close(*file) == 0));
            }
        }
    };
    assert_eq!(told(&opens(c"/dev/random")), [Asked::RandomFile]);
    let ready = || {
        let mut file = libc::pollfd {
            fd: 0,
            events: 0,
            revents: 0,
        };
        // SAFETY: there is one file.
        assert!(unsafe { libc::poll(&mut file, 1, 0) } >= 0);
    };
    assert_eq!(told(&ready), [Asked::Files]);
    let forks = || {
        // SAFETY: the other process ends at once.
        unsafe {
            match libc::fork() {
                0 => libc::_exit(0),
                child => assert_eq!(libc::waitpid(child, null_mut(), 0), child),
            }
        }
    };
    assert_eq!(told(&forks), [Asked::Process]);
}

#[test]
fn a_file_is_made_with_its_mode() {
    let path = std::env::temp_dir().join(format!("deadheat-seal-{}", std::process::id()));
    let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: it is a C string.
    unsafe {
        let file = libc::open(name.as_ptr(), libc::O_CREAT | libc::O_WRONLY, 0o400);
        assert_eq!(libc::close(file), 0);
    }
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(mode & 0o777, 0o400);
}

#[test]
fn a_wake_that_came_before_the_first_look_makes_no_difference() {
    // In a process of its own, as it is looked at once.
    const AGAIN: &str = "DEADHEAT_SEAL_UNPARKED";
    if std::env::var_os(AGAIN).is_some() {
        thread::current().unpark();
        assert!(deadheat_seal::is_installed());
        let begun = Instant::now();
        thread::park_timeout(60 * SEC);
        assert!(begun.elapsed() < 30 * SEC, "the wake is still there");
        return;
    }
    let own = "calls::a_wake_that_came_before_the_first_look_makes_no_difference";
    let own_process = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", own])
        .env(AGAIN, "1")
        .output()
        .unwrap();
    assert!(own_process.status.success(), "{own_process:?}");
}

#[test]
fn hooks_that_are_lifted_may_still_answer() {
    #[derive(Default)]
    struct Beneath(Cell<u32>);

    impl Hooks for Beneath {
        fn read(&self, _: Clock) -> Option<Duration> {
            panic!("it is lifted")
        }

        fn read_lifted(&self, clock: Clock) -> Option<Duration> {
            (clock == Clock::Monotonic).then(origin_reading)
        }

        fn fill(&self, _: &mut [u8]) -> bool {
            panic!("it is lifted")
        }

        fn fill_lifted(&self, bytes: &mut [u8]) -> bool {
            self.0.set(self.0.get() + 1);
            bytes.fill(1);
            true
        }

        fn ask(&self, _: Asked) {
            panic!("it is lifted")
        }
    }
    let hooks = Beneath::default();
    let mut bytes = [0_u8; 2];
    let read = during(&hooks, || {
        lifted(|| {
            // SAFETY: there is a place for it.
            unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), 2) };
            drop(std::fs::File::open("/dev/urandom").unwrap());
            (Instant::now(), shown(libc::CLOCK_REALTIME))
        })
    });
    assert_eq!((hooks.0.get(), bytes), (1, [1, 1]));
    assert_eq!(read.0, deadheat_seal::origin());
    assert!(read.1 > Duration::from_secs(1_700_000_000));
}
