//! What std asks of the system is answered by hooks, on their thread and nowhere else.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

use std::cell::{Cell, RefCell};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use deadheat_seal::{Asked, Clock, Hooks, during, is_installed};

const HOUR: Duration = Duration::from_secs(3_600);

/// A world of its own.
#[derive(Default)]
struct World {
    now: Cell<Duration>,
    random: Cell<u8>,
    asked: RefCell<Vec<Asked>>,
}

impl Hooks for World {
    fn read(&self, clock: Clock) -> Option<Duration> {
        Some(match clock {
            Clock::System => HOUR + self.now.get(),
            _ => self.now.get(),
        })
    }

    fn sleep(&self, time: Duration) -> bool {
        self.now.set(self.now.get() + time);
        true
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        self.random.set(self.random.get() + 1);
        bytes.fill(self.random.get());
        true
    }

    fn ask(&self, what: Asked) {
        self.asked.borrow_mut().push(what);
    }
}

/// Calls it on a thread that has asked for nothing yet, in a world; gives the real time that it took as well.
fn sealed<R: Send>(f: impl FnOnce(&World) -> R + Send) -> (R, Duration) {
    let begun = Instant::now();
    let sealed = || {
        let world = World::default();
        during(&world, || f(&world))
    };
    let done = thread::scope(|scope| scope.spawn(sealed).join().expect("no panic"));
    (done, begun.elapsed())
}

#[test]
fn it_is_installed() {
    assert!(is_installed());
}

#[test]
fn clocks_show_what_the_hooks_say() {
    let ((), real) = sealed(|_| {
        let begun = (Instant::now(), SystemTime::now());
        assert_eq!(begun.1, SystemTime::UNIX_EPOCH + HOUR);
        thread::sleep(9 * HOUR);
        assert_eq!(begun.0.elapsed(), 9 * HOUR);
        assert_eq!(begun.1.elapsed().unwrap(), 9 * HOUR);
    });
    assert!(real < HOUR);
}

#[test]
fn waits_with_a_limit_end_at_it() {
    sealed(|world| {
        let (_tell, told) = channel::<()>();
        let begun = Instant::now();
        assert_eq!(told.recv_timeout(HOUR), Err(RecvTimeoutError::Timeout));
        assert_eq!(begun.elapsed(), HOUR);
        thread::park_timeout(2 * HOUR);
        assert_eq!(begun.elapsed(), 3 * HOUR);
        let (lock, waits) = (Mutex::new(()), Condvar::new());
        let (_guard, ended) = waits.wait_timeout(lock.lock().unwrap(), HOUR).unwrap();
        assert!(ended.timed_out());
        assert_eq!(world.now.get(), 4 * HOUR);
    });
}

#[test]
fn a_wait_that_is_over_does_not_wait() {
    sealed(|world| {
        thread::current().unpark();
        thread::park_timeout(HOUR);
        let (tell, told) = channel();
        tell.send(7).unwrap();
        assert_eq!(told.recv_timeout(HOUR), Ok(7));
        assert_eq!(world.now.get(), Duration::ZERO);
    });
}

#[test]
fn hashes_are_the_same_on_each_new_thread() {
    let hash = || sealed(|_| RandomState::new().hash_one(7)).0;
    assert_eq!(hash(), hash());
    let real = || {
        thread::spawn(|| RandomState::new().hash_one(7))
            .join()
            .unwrap()
    };
    assert_ne!(real(), real());
}

#[test]
fn what_is_started_is_told() {
    let (asked, _) = sealed(|world| {
        thread::spawn(|| ()).join().unwrap();
        let _ = std::net::UdpSocket::bind("127.0.0.1:0");
        world.asked.borrow().clone()
    });
    assert_eq!(asked.first(), Some(&Asked::Thread));
    assert_eq!(asked.last(), Some(&Asked::Socket));
}

#[test]
fn other_threads_have_the_system() {
    sealed(|_| {
        let other = thread::spawn(|| (SystemTime::now(), Instant::now()))
            .join()
            .unwrap();
        assert!(other.0 > SystemTime::UNIX_EPOCH + 24 * 365 * 50 * HOUR);
        let begun = thread::spawn(|| {
            let begun = Instant::now();
            thread::sleep(Duration::from_millis(5));
            begun.elapsed()
        });
        assert!(begun.join().unwrap() >= Duration::from_millis(5));
    });
}

#[test]
fn a_hook_that_asks_is_answered_by_the_system() {
    struct Asks(Arc<Mutex<Option<SystemTime>>>);

    impl Hooks for Asks {
        fn read(&self, _: Clock) -> Option<Duration> {
            *self.0.lock().unwrap() = Some(SystemTime::now());
            Some(Duration::ZERO)
        }
    }
    let seen = Arc::new(Mutex::new(None));
    let now = during(&Asks(Arc::clone(&seen)), SystemTime::now);
    assert_eq!(now, SystemTime::UNIX_EPOCH);
    assert!(seen.lock().unwrap().expect("it was asked") > now + HOUR);
}

#[test]
fn a_panic_takes_the_hooks_away() {
    let world = World::default();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        during(&world, || std::panic::resume_unwind(Box::new(())))
    }));
    assert!(caught.is_err());
    assert!(SystemTime::now() > SystemTime::UNIX_EPOCH + 2 * HOUR);
}

#[test]
fn a_wait_is_told_as_one_also_where_the_system_does_it() {
    /// Looks on.
    #[derive(Default)]
    struct Waits(Cell<Duration>);

    impl Hooks for Waits {
        fn sleep(&self, _: Duration) -> bool {
            panic!("it is no sleep")
        }

        fn wait(&self, time: Duration) -> bool {
            self.0.set(time);
            false
        }
    }
    let waits = Waits::default();
    let begun = Instant::now();
    during(&waits, || thread::park_timeout(Duration::from_millis(20)));
    assert!(begun.elapsed() >= Duration::from_millis(20));
    let told = waits.0.get();
    assert!(
        told > Duration::ZERO && told <= Duration::from_millis(20),
        "{told:?}"
    );
}
