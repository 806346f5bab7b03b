//! The museum's futurelock, written for tokio (Oxide RFD 609, omicron #9259).
//!
//! `select!` has a reference to a future that waits for a mutex. The timer wins, and its handler waits for the same
//! mutex, which is handed to the future that lost and that nobody polls any more.

use std::sync::Arc;
use std::time::Duration;

use deadheat::{Config, Verdict, check};
use deadheat_tokio as tokio;
use tokio::sync::Mutex;
use tokio::time::sleep;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

async fn use_resource(lock: Arc<Mutex<()>>) {
    let _guard = lock.lock().await;
}

/// Somebody holds the lock for a while.
async fn held() -> Arc<Mutex<()>> {
    let lock = Arc::new(Mutex::new(()));
    let held = Arc::clone(&lock);
    tokio::spawn(async move {
        let _guard = held.lock().await;
        deadheat::sleep(ms(23)..=ms(310)).await;
    });
    deadheat::sleep(ms(7)..=ms(20)).await;
    lock
}

#[test]
fn a_mutex_handed_to_a_future_that_lost_is_found() {
    let failure = check(&Config::new(), || async {
        let lock = held().await;
        let mut first_try = Box::pin(use_resource(Arc::clone(&lock)));
        tokio::select! {
            () = &mut first_try => {}
            () = sleep(ms(100)) => use_resource(lock).await,
        }
    })
    .unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck, "{failure}");
}

#[test]
fn a_future_that_is_given_away_is_dropped_as_it_loses() {
    check(&Config::new(), || async {
        let lock = held().await;
        tokio::select! {
            () = use_resource(Arc::clone(&lock)) => {}
            () = sleep(ms(100)) => use_resource(lock).await,
        }
    })
    .unwrap();
}
