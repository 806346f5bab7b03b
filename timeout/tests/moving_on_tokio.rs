//! Deadlines that move, on tokio's paused clock: when they take effect.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use deadheat_timeout::{Timeout, TokioClock};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Runs a timeout of an hour whose deadline is moved, and tells after how long it elapsed.
async fn elapses(moves: impl Fn(Instant) -> Vec<Duration>) -> Duration {
    let start = Instant::now();
    let timeout = Timeout::at(&TokioClock, start + HOUR);
    let handle = timeout.handle();
    let body = async {
        tokio::time::sleep(SECOND).await;
        for after in moves(start) {
            handle.reschedule_at(start + after).unwrap();
        }
        pending::<()>().await;
    };
    timeout.run(body).await.unwrap_err();
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_moves_earlier_many_times_takes_effect_at_the_last_one() {
    for last in [1, 2, 3, 100, 3000] {
        let moves = |_| (last..3600).rev().map(|after| SECOND * after).collect();
        assert_eq!(elapses(moves).await, SECOND * last);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_moves_to_and_fro_takes_effect_at_the_last_one() {
    for last in [5, 7, 20, 3000, 9000] {
        let moves = |_| {
            [50, 40, 30, 60, 8, last]
                .map(|after| SECOND * after)
                .to_vec()
        };
        assert_eq!(elapses(moves).await, SECOND * last);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_moves_before_now_takes_effect_now() {
    let moves = |_| vec![SECOND * 9, SECOND * 8, Duration::ZERO];
    assert_eq!(elapses(moves).await, SECOND);
}

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicU64);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_not_woken_where_the_timer_only_stands_early() {
    let start = Instant::now();
    let timeout = Timeout::at(&TokioClock, start + HOUR);
    let handle = timeout.handle();
    let mut run = pin!(timeout.run(pending::<()>()));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let poll = run.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    for after in [100, 99, 98] {
        handle.reschedule_at(start + SECOND * after).unwrap();
    }
    tokio::time::sleep(SECOND * 97).await;
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    assert!(!handle.expired());
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(handle.expired());
}
