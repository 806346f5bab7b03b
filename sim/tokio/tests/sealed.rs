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
