//! In a sealed run the clock of the standard library and tokio's agree, and the drop-in takes nothing from outside.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::{Duration, Instant, SystemTime};

use deadheat::{Config, Watch, check, explore_future, run};

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_clock_of_the_drop_in_agrees() {
    let agrees = check(&Config::new().sealed(true).runs(10), || async {
        let of_tokio = deadheat_tokio::time::Instant::now();
        assert_eq!(of_tokio.into_std(), Instant::now());
        deadheat_tokio::time::sleep_until((Instant::now() + 5 * MS).into()).await;
        let real = of_tokio.into_std();
        assert_eq!(of_tokio.elapsed(), real.elapsed());
        assert!(real.elapsed() >= 5 * MS);
    });
    agrees.unwrap();
}

#[test]
fn the_clock_of_the_real_tokio_beside_a_run_agrees_in_each_run() {
    let config = Config::new().sealed(true).runs(10);
    let agrees = check(&config.beside(deadheat_tokio::beside), || async {
        assert_eq!(tokio::time::Instant::now().into_std(), Instant::now());
        tokio::time::sleep(3 * MS).await;
        assert_eq!(tokio::time::Instant::now().into_std(), Instant::now());
    });
    agrees.unwrap();
}

#[test]
fn the_drop_in_takes_nothing_from_outside() {
    // On a thread that has drawn no chance yet.
    let made = || {
        run(&Config::new().sealed(false), || async {
            use deadheat_tokio as tokio;
            let nap = || tokio::time::sleep(2 * MS);
            let late = tokio::time::timeout(MS, nap()).await;
            assert!(late.is_err());
            let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
            let sent = tokio::spawn(async move { sender.send(7).await });
            tokio::select! {
                () = nap() => panic!("the message comes first"),
                message = receiver.recv() => assert_eq!(message, Some(7)),
            }
            sent.await.unwrap().unwrap();
            tokio::task::spawn_blocking(|| 3).await.unwrap();
        })
    };
    let run = std::thread::spawn(made).join().unwrap().unwrap();
    assert_eq!(run.leaks, []);
}

/// What follows from chance alone: the keys of hash maps.
fn chance() -> u64 {
    RandomState::new().hash_one(7) >> 40
}

/// Explores it several times, and holds that each time all runs are the same.
fn is_the_same_each_time<Fut>(config: &Config, body: impl Fn() -> Fut + Sync)
where
    Fut: Future<Output = ()> + 'static,
{
    let explored = |jobs, seed| {
        let config = config.clone().sealed(true).runs(40).jobs(jobs);
        let config = config.check_determinism(true).seed(seed);
        let explored = explore_future(&config, &Watch::default(), &body);
        assert!(explored.failure().is_none(), "{explored:?}");
        assert_eq!(explored.leaks, []);
        explored.fingerprints
    };
    let first = explored(1, 0);
    assert_eq!(first, explored(1, 0));
    assert_eq!(first, explored(2, 0));
    assert_ne!(first, explored(1, 100), "chance is that of the seed");
}

#[test]
fn chance_repeats_beside_each_runtime_and_with_none() {
    let configs = [
        Config::new(),
        Config::new().beside(deadheat_tokio::budget),
        Config::new().beside(deadheat_tokio::beside),
    ];
    for config in configs {
        is_the_same_each_time(&config, || async {
            deadheat::sleep(Duration::from_nanos(chance())).await;
        });
    }
}

#[test]
fn chance_repeats_where_the_drop_in_is_called() {
    is_the_same_each_time(&Config::new(), || async {
        use deadheat_tokio as tokio;
        // What stands beside the run is made here.
        tokio::time::sleep(MS).await;
        let before = chance();
        let task = tokio::spawn(async { chance() });
        tokio::time::sleep(Duration::from_nanos(before)).await;
        let within = tokio::time::timeout(MS, tokio::time::sleep(2 * MS)).await;
        let before = before ^ u64::from(within.is_err());
        let after = task.await.unwrap() ^ chance() ^ before;
        tokio::time::sleep(Duration::from_nanos(after)).await;
    });
}

#[test]
fn what_runs_beside_a_run_has_its_clock_and_its_chance() {
    let config = Config::new().beside(deadheat_tokio::beside);
    is_the_same_each_time(&config, || async {
        let begun = (Instant::now(), SystemTime::now());
        let beside = tokio::spawn(async move {
            assert_eq!((Instant::now(), SystemTime::now()), begun);
            tokio::time::sleep(3 * MS).await;
            assert_eq!(begun.0.elapsed(), 3 * MS);
            assert_eq!(begun.1.elapsed().unwrap(), 3 * MS);
            chance()
        });
        let drawn = beside.await.unwrap();
        deadheat::sleep(Duration::from_nanos(drawn)).await;
    });
}

/// Closures for `spawn_blocking` that let time pass.
mod aside {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::sync::{Arc, Condvar, Mutex};
    use std::thread::{park_timeout, sleep};

    use deadheat::record::LeakKind;
    use deadheat::{Bounds, Mix, now, run};
    use deadheat_tokio as tokio;
    use tokio::task::spawn_blocking;
    use tokio::time::timeout;

    use super::*;

    /// Ways to wait, and whether it takes another thread to wake who waits so.
    const WAITS: [(fn(Duration), bool); 4] = [
        (sleep, false),
        (
            |time| {
                let (_sender, receiver) = channel::<()>();
                assert_eq!(receiver.recv_timeout(time), Err(RecvTimeoutError::Timeout));
            },
            true,
        ),
        (
            |time| {
                let (lock, condition) = (Mutex::new(()), Condvar::new());
                let waited = condition.wait_timeout(lock.lock().unwrap(), time);
                assert!(waited.unwrap().1.timed_out());
            },
            false,
        ),
        (park_timeout, true),
    ];

    fn at() -> i64 {
        now().as_nanos() / 1_000_000
    }

    /// Holds in many runs without a leak, where timers are on time.
    fn holds<Fut: Future<Output = ()> + 'static>(body: impl Fn() -> Fut + Sync) {
        holds_with(&[], body);
    }

    fn holds_with<Fut>(leaks: &[LeakKind], body: impl Fn() -> Fut + Sync)
    where
        Fut: Future<Output = ()> + 'static,
    {
        let config = Config::new().sealed(true).runs(200);
        let config = config.mix(Mix::portfolio(&[Bounds::EXACT]));
        let explored = explore_future(&config, &Watch::default(), &body);
        assert!(explored.failure().is_none(), "{:?}", explored.failure());
        let told: Vec<_> = explored.leaks.iter().map(|leak| leak.kind).collect();
        assert_eq!(told, leaks);
    }

    /// Holds for each way to wait.
    fn holds_for_each<Fut>(body: impl Fn(fn(Duration)) -> Fut + Sync)
    where
        Fut: Future<Output = ()> + 'static,
    {
        for (wait, by_thread) in WAITS {
            let leaks: &[_] = if by_thread { &[LeakKind::Parked] } else { &[] };
            holds_with(leaks, || body(wait));
        }
    }

    #[test]
    fn a_timeout_that_is_shorter_elapses() {
        holds_for_each(|wait| async move {
            let late = timeout(5 * MS, spawn_blocking(move || wait(6 * MS))).await;
            late.unwrap_err();
            assert_eq!(at(), 5);
        });
    }

    #[test]
    fn a_timeout_that_is_longer_does_not() {
        holds_for_each(|wait| async move {
            let in_time = timeout(5 * MS, spawn_blocking(move || wait(4 * MS))).await;
            in_time.unwrap().unwrap();
            assert_eq!(at(), 4);
        });
    }

    #[test]
    fn two_wait_side_by_side_whichever_is_the_longer() {
        for (first, second) in [(6, 10), (10, 6), (6, 6)] {
            holds_for_each(|wait| async move {
                let waits = |ms| {
                    let ended = spawn_blocking(move || {
                        wait(ms * MS);
                        at()
                    });
                    async move { assert_eq!(ended.await.unwrap(), i64::from(ms)) }
                };
                tokio::join!(waits(first), waits(second));
                assert_eq!(at(), i64::from(first.max(second)));
            });
        }
    }

    #[test]
    fn what_is_woken_goes_on_at_that_moment() {
        holds(|| async {
            let pair = Arc::new((Mutex::new(false), Condvar::new()));
            let other = Arc::clone(&pair);
            let waits = spawn_blocking(move || {
                let (flag, condition) = &*other;
                let flag = flag.lock().unwrap();
                let (flag, _) = condition
                    .wait_timeout_while(flag, 10 * MS, |flag| !*flag)
                    .unwrap();
                (*flag, at())
            });
            let sets = spawn_blocking(move || {
                sleep(3 * MS);
                *pair.0.lock().unwrap() = true;
                pair.1.notify_all();
            });
            sets.await.unwrap();
            assert_eq!(waits.await.unwrap(), (true, 3));
        });
    }

    #[test]
    fn what_only_another_thread_could_wake_is_told() {
        holds_with(&[LeakKind::Parked], || async {
            let (sender, receiver) = channel();
            let received = spawn_blocking(move || (receiver.recv_timeout(10 * MS), at()));
            tokio::time::sleep(2 * MS).await;
            sender.send(7).unwrap();
            assert_eq!(received.await.unwrap(), (Ok(7), 10));
        });
    }

    #[test]
    fn one_that_polls_a_flag_sees_it() {
        holds(|| async {
            let flag = Arc::new(AtomicBool::new(false));
            let other = Arc::clone(&flag);
            let polls = spawn_blocking(move || {
                while !other.load(Ordering::Relaxed) {
                    sleep(2 * MS);
                }
                at()
            });
            tokio::time::sleep(5 * MS).await;
            flag.store(true, Ordering::Relaxed);
            assert_eq!(polls.await.unwrap(), 6);
        });
    }

    #[test]
    fn nothing_aborts_one_that_has_begun() {
        holds(|| async {
            let closure = spawn_blocking(|| {
                sleep(4 * MS);
                7
            });
            tokio::time::sleep(MS).await;
            closure.abort();
            assert_eq!(closure.await.unwrap(), 7);
            assert_eq!(at(), 4);
        });
    }

    #[test]
    fn a_panic_after_a_sleep_is_that_of_the_closure() {
        holds(|| async {
            let closure = spawn_blocking(|| {
                sleep(4 * MS);
                panic!("after that");
            });
            let panic = closure.await.unwrap_err().into_panic();
            assert_eq!(panic.downcast_ref::<&str>(), Some(&"after that"));
        });
    }

    #[test]
    fn a_lock_that_is_held_in_a_sleep_is_waited_for() {
        holds(|| async {
            let lock = Arc::new(Mutex::new(0));
            let (one, two) = (Arc::clone(&lock), Arc::clone(&lock));
            let held = spawn_blocking(move || {
                let mut held = one.lock().unwrap();
                sleep(3 * MS);
                *held += 1;
                sleep(3 * MS);
                *held += 1;
            });
            let waits = spawn_blocking(move || {
                sleep(MS);
                *two.lock().unwrap()
            });
            tokio::time::sleep(2 * MS).await;
            assert_eq!(*lock.lock().unwrap(), 2);
            assert_eq!(waits.await.unwrap(), 2);
            held.await.unwrap();
            assert_eq!(at(), 6);
        });
    }

    #[test]
    fn one_that_is_left_goes_on_to_its_end() {
        let ended = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&ended);
        let made = run(&Config::new().sealed(true), move || {
            let ends = Arc::clone(&ends);
            async move {
                let _detached = spawn_blocking(move || {
                    sleep(60 * MS);
                    ends.store(true, Ordering::Relaxed);
                });
                let forever = || loop {
                    sleep(MS);
                };
                let _another = spawn_blocking(forever);
                tokio::time::sleep(2 * MS).await;
            }
        });
        assert_eq!(made.unwrap().at.as_nanos(), 2_000_000);
        assert!(ended.load(Ordering::Relaxed));
    }

    #[test]
    fn a_sleep_that_cannot_give_way_is_told() {
        let made = run(&Config::new().sealed(true), || async {
            let closure = spawn_blocking(|| {
                let handle = tokio::runtime::Handle::current();
                handle.block_on(async { sleep(6 * MS) });
                // Beneath, the others go on, and what they sleep is theirs.
                let other = tokio::spawn(async { sleep(MS) });
                handle.block_on(other).unwrap();
            });
            let _ = timeout(5 * MS, closure).await;
        });
        let leaks = made.unwrap().leaks;
        assert_eq!(leaks.len(), 1, "{leaks:?}");
        assert_eq!((leaks[0].kind, leaks[0].count), (LeakKind::HeldUp, 1));
    }
}
