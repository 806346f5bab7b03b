//! Sealed: clocks, sleeps, waits that have an end, and chance are the run's, and a run is the same each time.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
use deadheat::search::Single;
use deadheat::{Config, Limits, Main, Watch, check, explore_future, now, run, sleep, spawn};
use deadheat_timeout::timeout;

use crate::MS;

fn sealed() -> Config {
    Config::new().sealed(true).runs(200)
}

/// As very many programs have it: a wait with a deadline by the clock of the standard library.
async fn wait_until(flag: Arc<Mutex<bool>>, within: Duration) -> bool {
    let begun = Instant::now();
    while !*flag.lock().unwrap() {
        if begun.elapsed() > within {
            return false;
        }
        sleep(10 * MS).await;
    }
    true
}

#[test]
fn a_deadline_by_the_standard_clock_ends_and_takes_no_real_time() {
    let begun = Instant::now();
    let given_up = check(&sealed().runs(5), || async {
        assert!(!wait_until(Arc::default(), Duration::from_secs(3_600)).await);
    });
    given_up.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3_600));
}

#[test]
fn a_deadline_by_the_standard_clock_that_is_too_short_is_found() {
    let failure = check(&sealed(), || async {
        let flag = Arc::<Mutex<bool>>::default();
        let set = Arc::clone(&flag);
        let _setter = spawn(async move {
            sleep(50 * MS..=150 * MS).await;
            *set.lock().unwrap() = true;
        });
        assert!(wait_until(flag, 100 * MS).await, "gave up");
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("gave up"), "{report}");
}

#[test]
fn a_lease_by_the_time_of_day_runs_out_on_the_way() {
    let failure = check(&sealed(), || async {
        let expires = SystemTime::now() + Duration::from_secs(120);
        sleep(Duration::from_secs(60)..=Duration::from_secs(180)).await;
        assert!(SystemTime::now() < expires, "it is over, and was used");
    });
    assert!(failure.unwrap_err().repeats());
}

#[test]
fn a_sleep_of_the_thread_holds_up_the_other_tasks() {
    let failure = check(&sealed(), || async {
        let sleeper = spawn(async { std::thread::sleep(20 * MS) });
        let others = async {
            sleeper.await.unwrap();
            sleep(MS).await;
        };
        let in_time = timeout(&deadheat::clock(), 5 * MS, others).await;
        in_time.expect("in time");
    });
    assert!(failure.is_err());
}

#[test]
fn waits_for_other_threads_end_at_their_deadline() {
    let hour = Duration::from_secs(3_600);
    let run = run(&sealed(), move || async move {
        let (_sender, receiver) = channel::<()>();
        assert_eq!(receiver.recv_timeout(hour), Err(RecvTimeoutError::Timeout));
        let (lock, condition) = (Mutex::new(()), Condvar::new());
        let waited = condition.wait_timeout(lock.lock().unwrap(), hour).unwrap();
        assert!(waited.1.timed_out());
        std::thread::park_timeout(hour);
        assert_eq!(now().as_nanos(), 3 * hour.as_nanos() as i64);
    });
    assert_eq!(run.unwrap().leaks, []);
}

#[test]
fn what_reads_the_clock_until_time_has_passed_ends() {
    let run = run(&sealed(), || async {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            std::hint::spin_loop();
        }
    });
    assert!(run.unwrap().at.as_nanos() >= 5_000_000_000);
}

/// How much time passes while a clock is read so many times in one turn.
fn passed_while_reading(times: u32) -> (Duration, String) {
    let made = run(&sealed(), move || async move {
        for _ in 0..times {
            std::hint::black_box(Instant::now());
        }
    });
    let made = made.unwrap();
    let leaks: Vec<_> = made.leaks.iter().map(ToString::to_string).collect();
    (
        Duration::from_nanos(made.at.as_nanos() as u64),
        leaks.join("\n"),
    )
}

#[test]
fn a_clock_that_is_read_often_goes_on_by_little_and_it_is_said() {
    assert_eq!(
        passed_while_reading(10_000),
        (Duration::ZERO, String::new())
    );
    let (passed, said) = passed_while_reading(10_001);
    assert_eq!(passed, Duration::from_micros(1));
    let so = "time was let pass for a clock that was read more than 10,000 times at one moment, once at ";
    assert!(said.starts_with(so), "{said}");
    assert!(said.contains("outside/sealed.rs:"), "{said}");
    let (passed, said) = passed_while_reading(1_000_000);
    assert!(passed < Duration::from_secs(2), "{passed:?}");
    assert!(said.contains(" 990000 times, first at "), "{said}");
    // However long it goes on, it is 10 ms each time.
    let (passed, _) = passed_while_reading(11_000_000);
    let most = Duration::from_millis(10) * 1_000_000 + Duration::from_secs(10_000);
    assert!(passed > Duration::from_secs(1_000), "{passed:?}");
    assert!(passed < most, "{passed:?}");
}

#[test]
fn a_clock_that_is_read_often_does_not_pass_a_timer() {
    let deadline = Duration::from_nanos(20_000_123_456);
    let made = run(&sealed(), move || async move {
        let fired = spawn(sleep(deadline));
        sleep(Duration::ZERO).await;
        let begun = Instant::now();
        let mut passed = std::iter::repeat_with(|| begun.elapsed());
        assert_eq!(passed.find(|passed| *passed >= deadline), Some(deadline));
        fired.await.unwrap();
    });
    made.unwrap();
}

#[test]
fn a_run_on_a_thread_of_its_own_has_the_stack_of_the_caller() {
    fn deep(left: u32) -> u64 {
        let page = std::hint::black_box([u64::from(left); 512]);
        match left {
            0 => page[0],
            _ => deep(left - 1) + page[511],
        }
    }
    let explored = || {
        check(&sealed().runs(3), || async {
            chance();
            // 16 MiB.
            std::hint::black_box(deep(4 << 10));
        })
        .unwrap();
        run(&sealed(), || async {
            chance();
            std::hint::black_box(deep(4 << 10));
        })
        .unwrap();
    };
    let large = std::thread::Builder::new().stack_size(64 << 20);
    large.spawn(explored).unwrap().join().unwrap();
}

#[test]
fn beyond_the_end_of_a_run_the_clock_goes_on() {
    let limits = Limits {
        virtual_time: Duration::from_secs(3_600),
        ..Limits::default()
    };
    let failure = run(&sealed().limits(limits), || async {
        let (begun, day) = (Instant::now(), Duration::from_secs(86_400));
        std::thread::sleep(day);
        assert!(begun.elapsed() >= day);
        while begun.elapsed() < day + Duration::from_secs(600) {}
        sleep(MS).await;
    });
    assert!(failure.unwrap_err().to_string().contains("limit: "));
}

/// The order of a map, and a number: both follow from chance alone.
fn chance() -> (Vec<u8>, u64) {
    let map: HashMap<u8, u8> = (0..20).map(|n| (n, n)).collect();
    (map.into_keys().collect(), rand::random())
}

#[test]
fn chance_follows_from_the_seed_in_each_run_on_any_number_of_threads() {
    let explored = |jobs| {
        let config = sealed().runs(60).jobs(jobs).check_determinism(true);
        explore_future(&config, &Watch::default(), || async {
            let (order, number) = chance();
            for step in order {
                sleep(MS * u32::from(step)).await;
            }
            sleep(Duration::from_nanos(number % 1_000_000)).await;
        })
    };
    let (one, two) = (explored(1), explored(2));
    assert!(one.failure().is_none() && one.leaks.is_empty(), "{one:?}");
    assert_eq!(one.fingerprints, two.fingerprints);
    assert_eq!(one.fingerprints, explored(1).fingerprints);
}

#[test]
fn each_seed_has_a_chance_of_its_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&seen);
    check(&sealed().runs(10), move || {
        let all = Arc::clone(&all);
        async move { all.lock().unwrap().push(chance()) }
    })
    .unwrap();
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10);
}

#[test]
fn a_failure_by_the_order_of_a_map_repeats() {
    let failure = check(&sealed(), || async {
        let map: HashMap<u32, u32> = (0..5).map(|n| (n, n)).collect();
        let first = *map.keys().next().unwrap();
        sleep(5 * MS..=15 * MS).await;
        assert!(first != 3, "the first was 3");
    });
    let failure = failure.unwrap_err();
    assert!(failure.repeats(), "{failure}");
}

thread_local! {
    static RUNS: Cell<u64> = const { Cell::new(0) };
}

#[test]
fn only_runs_that_draw_chance_use_a_thread_up() {
    let most = |draws: bool| {
        let most = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&most);
        check(&sealed().runs(20), move || {
            let seen = Arc::clone(&seen);
            async move {
                RUNS.set(RUNS.get() + 1);
                seen.fetch_max(RUNS.get(), Ordering::Relaxed);
                if draws {
                    chance();
                }
            }
        })
        .unwrap();
        most.load(Ordering::Relaxed)
    };
    assert_eq!((most(false), most(true)), (20, 1));
}

#[test]
fn draws_of_the_program_are_what_they_are_without_sealing() {
    let explored = |sealed| {
        let config = Config::new().runs(50).sealed(sealed);
        explore_future(&config, &Watch::default(), || async {
            sleep(MS * deadheat::random(9) as u32).await;
        })
    };
    assert_eq!(explored(false).fingerprints, explored(true).fingerprints);
}

static MADE: AtomicU64 = AtomicU64::new(0);

#[test]
fn what_lives_on_in_a_static_is_suspected() {
    let failure = check(&sealed().check_determinism(true), || async {
        sleep(MS * (MADE.fetch_add(1, Ordering::Relaxed) % 7) as u32).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(report.contains("is most likely a static"), "{report}");
}

/// The order of a map decides how often the body waits, so whether there is something to cancel at its fourth wait.
#[test]
fn what_is_cancelled_at_each_point_repeats_too() {
    for seed in 0..8 {
        let how = CancelEverywhere::new().config(sealed().seed(seed));
        let failure = cancel_everywhere(
            &how,
            async || (),
            async |()| {
                let map: HashMap<u32, u32> = (0..8).map(|key| (key, key)).collect();
                for key in map.into_keys() {
                    sleep(MS * (key + 1)).await;
                    if key == 3 {
                        return;
                    }
                }
            },
            async |(), ended| assert!(ended.is_some() || now() < deadheat::Instant::START + 9 * MS),
        );
        if let Err(failure) = failure {
            assert!(failure.failure.repeats(), "seed {seed}: {failure}");
        }
    }
}

#[test]
fn a_run_made_by_hand_begins_on_a_thread_that_has_drawn_nothing() {
    let key = || RandomState::new().hash_one(7);
    // This thread has keys of its own.
    std::hint::black_box(key());
    let (program, config) = (Main::new(move || async move { key() }), sealed());
    let single = Single::of(&program, &config);
    let (run, first) = single.fifo();
    assert_eq!(single.replay(&run.token).1, first);
    let elsewhere = || Single::of(&program, &config).replay(&run.token).1;
    let elsewhere = std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
    assert_eq!(elsewhere, first);
}

#[test]
fn where_runs_part_hash_order_is_named_with_its_place() {
    static OUTLIVES: AtomicU64 = AtomicU64::new(1);
    let line = line!() + 2;
    let failure = check(&sealed().check_determinism(true), || async {
        let key = RandomState::new().hash_one(7) >> 50;
        let more = OUTLIVES.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_nanos(key + more)).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(
        report.contains("lives on from one run to the next"),
        "{report}"
    );
    let drew = format!("outside/sealed.rs:{line}, as a hash map does for its keys");
    assert!(report.contains("it drew chance, first at "), "{report}");
    assert!(report.contains(&drew), "{report}");
    let failure = check(&sealed().check_determinism(true), || async {
        let more = OUTLIVES.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_nanos(more)).await;
    });
    let report = failure.unwrap_err().to_string();
    assert!(!report.contains("it drew chance"), "{report}");
}
