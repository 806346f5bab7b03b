//! Tasks that wait actively, by sleeps that are shorter than tokio's ticks: there each lasts until the next millisecond, so
//! time goes on, and in a run it must go on as well.

use std::future::{Future, pending};
use std::time::Duration;

use deadheat::{Config, check, now, run};
use deadheat_tokio as tokio;
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

/// Lets a task wait actively for a second.
async fn beside<F: Future<Output = ()> + 'static>(waits: fn(Duration) -> F, short: Duration) {
    let task = tokio::task::spawn_local(async move {
        loop {
            waits(short).await;
        }
    });
    sleep(SECOND).await;
    task.abort();
    let _ = task.await;
}

fn ends<F: Future<Output = ()> + 'static>(waits: fn(Duration) -> F) {
    for nanos in [0, 1, 7] {
        let short = Duration::from_nanos(nanos);
        let local = move || async move {
            let set = tokio::task::LocalSet::new();
            set.run_until(beside(waits, short)).await;
        };
        let done = run(&Config::new(), local);
        let done = done.unwrap_or_else(|failure| panic!("{nanos} ns: {failure}"));
        assert_eq!(done.at.as_nanos(), 1_000_000_000, "{nanos} ns");
        check(&Config::new().runs(12).check_determinism(true), local).unwrap();
    }
}

#[test]
fn who_sleeps_again_and_again_lets_time_pass() {
    ends(sleep);
}

#[test]
fn who_gives_up_again_and_again_lets_time_pass() {
    ends(|short| async move {
        timeout(short, pending::<()>()).await.unwrap_err();
    });
}

#[test]
fn who_moves_one_sleep_again_and_again_lets_time_pass() {
    ends(|short| async move {
        let mut one = std::pin::pin!(sleep(short));
        for _ in 0..3 {
            one.as_mut().await;
            one.as_mut().reset(Instant::now() + short);
        }
    });
}

#[test]
fn a_few_short_sleeps_last_as_long_as_they_say() {
    let done = run(&Config::new(), || async {
        for _ in 0..5_000 {
            sleep(Duration::ZERO).await;
            sleep(Duration::from_nanos(3)).await;
        }
        assert_eq!(now().as_nanos(), 15_000);
        // What was due long ago is over, however often.
        sleep(SECOND).await;
        let over = Instant::now() - SECOND / 2;
        for _ in 0..20_000 {
            tokio::time::sleep_until(over).await;
        }
        assert_eq!(now().as_nanos(), 1_000_015_000);
    });
    done.unwrap();
}
