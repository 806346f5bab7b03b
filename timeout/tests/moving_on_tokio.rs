//! Deadlines that move, on tokio's paused clock: when they take effect, and which moves touch tokio's timer.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use deadheat_timeout::{Clock, Timeout, Timer, TokioClock};
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
    let moves = |_| [9, 8, 7, 6, 0].map(|after| SECOND * after).to_vec();
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
    for after in (98..110).rev() {
        handle.reschedule_at(start + SECOND * after).unwrap();
    }
    tokio::time::sleep(SECOND * 97).await;
    assert_eq!(woken.0.load(Ordering::SeqCst), 0);
    assert!(!handle.expired());
    tokio::time::sleep(SECOND * 2).await;
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert!(handle.expired());
}

fn poll_for(timer: std::pin::Pin<&mut impl Timer<Instant>>, deadline: Instant) -> Poll<()> {
    timer.poll_for(deadline, &mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_was_hastened_leaves_fifteen_moves_as_long_alone() {
    let start = Instant::now();
    let at = |left: u32| start + SECOND * (1000 + left);
    let mut timer = pin!(TokioClock.timer(at(100)));
    assert!(poll_for(timer.as_mut(), at(100)).is_pending());
    assert!(!timer.as_mut().postpone(at(99)));
    timer.as_mut().hasten(at(99));
    for moved in 1..=15 {
        assert!(timer.as_mut().postpone(at(99 - moved)), "{moved}");
    }
    assert!(!timer.as_mut().postpone(at(83)));
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_was_hastened_is_not_set_ahead_of_half_of_the_time_that_is_left() {
    let start = Instant::now();
    let mut timer = pin!(TokioClock.timer(start + HOUR));
    assert!(poll_for(timer.as_mut(), start + HOUR).is_pending());
    timer.as_mut().hasten(start + SECOND * 10);
    assert!(timer.as_mut().postpone(start + SECOND * 5));
    assert!(!timer.as_mut().postpone(start + SECOND * 4));
    assert!(poll_for(timer.as_mut(), start + SECOND * 10).is_pending());
    tokio::time::advance(SECOND * 9).await;
    assert!(poll_for(timer.as_mut(), start + SECOND * 10).is_pending());
    tokio::time::advance(SECOND).await;
    assert!(poll_for(timer.as_mut(), start + SECOND * 10).is_ready());
}
