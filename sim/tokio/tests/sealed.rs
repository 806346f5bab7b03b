//! In a sealed run the clock of the standard library and tokio's agree, and the drop-in takes nothing from outside.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::time::{Duration, Instant};

use deadheat::{Config, check, run};

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
