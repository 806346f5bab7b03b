//! T15: the Rust-native form drops the future at the deadline, so every await in it is a cancellation
//! point. At a tie the future is polled before the deadline.

use std::future::{pending, poll_fn};
use std::task::Poll;

use deadheat::{clock, now, sleep, sleep_until, yield_now};
use deadheat_timeout::{Clock, State, Timeout, timeout, timeout_at};
use tokio::sync::{Notify, Semaphore, mpsc};

use super::support::*;

#[test]
fn t15_every_await_is_a_cancellation_point() {
    fifo(|| async {
        for depth in 0..5 {
            let (reached, dropped) = (Flag::default(), Flag::default());
            let (seen, held) = (reached.clone(), dropped.on_drop());
            let body = async move {
                let _held = held;
                for n in 0..5 {
                    if n == depth {
                        seen.raise();
                        pending::<()>().await;
                    }
                    sleep(ms(1)).await;
                }
            };
            let started = now();
            assert!(timeout(&clock(), secs(1), body).await.is_err());
            assert_eq!(now() - started, secs(1));
            assert!(reached.is_raised() && dropped.is_raised());
        }
    });
}

#[test]
fn t15_at_a_tie_the_future_is_polled_first_and_its_value_wins() {
    fifo(|| async {
        // Both are due at the same instant, whichever was armed first.
        assert_eq!(timeout(&clock(), secs(1), sleep(secs(1))).await, Ok(()));
        let moving = Timeout::after(&clock(), secs(1));
        let handle = moving.handle();
        assert_eq!(moving.run(sleep(secs(1))).await, Ok(()));
        assert_eq!((handle.expired(), handle.state()), (true, State::Expired));

        // The deadline was armed an eternity before the value came to be due.
        let (sender, mut receiver) = mpsc::channel(1);
        let due = now() + secs(5);
        deadheat::spawn(async move {
            sleep_until(due).await;
            sender.send(7).await.unwrap();
        });
        let received = timeout_at(
            &clock(),
            due + std::time::Duration::from_nanos(1),
            receiver.recv(),
        );
        assert_eq!(received.await, Ok(Some(7)));
    });
}

#[test]
fn t15_at_a_tie_a_future_that_is_not_ready_in_that_turn_loses() {
    fifo(|| async {
        // The deadline comes first, and the value a turn later in the same instant.
        let notify = std::rc::Rc::new(Notify::new());
        let late = notify.clone();
        let body = async move { notify.notified().await };
        let limited = timeout(&clock(), secs(1), body);
        let other = deadheat::spawn(async move {
            sleep(secs(1)).await;
            yield_now().await;
            late.notify_one();
        });
        assert!(limited.await.is_err());
        assert_eq!(now(), at(1));
        other.await.unwrap();
    });
}

#[test]
fn t15_a_future_is_polled_before_its_deadline_in_each_turn() {
    fifo(|| async {
        let mut polls = 0;
        let stubborn = poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls == 3 {
                Poll::Ready(polls)
            } else {
                deadheat::program::busy(secs(1)); // the deadline passes in its very turn
                Poll::Pending
            }
        });
        // The timer was armed at the end of the first turn and was due at once; it fired before the
        // third turn, in which the future was ready.
        let end = timeout(&clock(), secs(1), stubborn).await;
        assert!(end.is_err() || end == Ok(3));
        let ready = poll_fn(|_| {
            deadheat::program::busy(secs(9));
            Poll::Ready(7)
        });
        assert_eq!(timeout(&clock(), secs(1), ready).await, Ok(7));
    });
}

#[test]
fn t15_both_sides_of_the_tie_are_reached_when_the_order_is_free() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static SIDES: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];
    explored(|| async {
        let end = timeout(&clock(), secs(1), sleep(secs(1))).await;
        SIDES[usize::from(end.is_ok())].store(true, Ordering::Relaxed);
        assert!(now() >= at(1));
    });
    assert!(SIDES.iter().all(|side| side.load(Ordering::Relaxed)));
}

#[test]
fn t15_a_future_that_is_ready_at_once_arms_no_timer() {
    let last = stuck(|| async {
        timeout(&clock(), secs(9), async {}).await.unwrap();
        Timeout::after(&clock(), secs(9))
            .run(async {})
            .await
            .unwrap();
        pending::<()>().await;
    });
    assert_eq!(last, at(0));
}

#[test]
fn t15_dropping_it_drops_the_future_and_disarms() {
    let last = stuck(|| async {
        let dropped = Flag::default();
        for _ in 0..2 {
            let held = dropped.on_drop();
            let inner = timeout(&clock(), secs(9), async move {
                pending::<()>().await;
                drop(held);
            });
            assert!(timeout(&clock(), secs(1), inner).await.is_err());
            assert!(dropped.is_raised());
        }
        let moving = Timeout::after(&clock(), secs(9)).run(pending::<()>());
        assert!(timeout(&clock(), secs(1), moving).await.is_err());
        pending::<()>().await;
    });
    assert_eq!(last, at(3));
}

#[test]
fn t15_what_the_future_was_waiting_for_stays_for_others() {
    fifo(|| async {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.acquire().await.unwrap();
        assert!(
            timeout(&clock(), secs(1), semaphore.acquire())
                .await
                .is_err()
        );
        drop(permit);
        assert!(
            timeout(&clock(), secs(1), semaphore.acquire())
                .await
                .is_ok()
        );

        let (sender, mut receiver) = mpsc::channel(1);
        assert!(timeout(&clock(), secs(1), receiver.recv()).await.is_err());
        sender.try_send(7).unwrap();
        assert_eq!(
            timeout(&clock(), secs(1), receiver.recv()).await,
            Ok(Some(7))
        );
    });
}

#[test]
fn t15_nested_native_timeouts_end_at_the_nearest_deadline() {
    fifo(|| async {
        let nested = timeout(
            &clock(),
            secs(2),
            timeout(&clock(), secs(1), pending::<()>()),
        );
        assert!(matches!(nested.await, Ok(Err(_))));
        assert_eq!(now(), at(1));
        let nested = timeout(
            &clock(),
            secs(1),
            timeout(&clock(), secs(2), pending::<()>()),
        );
        assert!(nested.await.is_err());
        assert_eq!(now(), at(2));
        // At a tie the inner one is looked at first: it is part of the future.
        let nested = timeout(
            &clock(),
            secs(1),
            timeout(&clock(), secs(1), pending::<()>()),
        );
        assert!(matches!(nested.await, Ok(Err(_))));
    });
}

#[test]
fn t15_the_forms_are_send_where_their_parts_are() {
    fn is_send<T: Send>(_: &T) {}
    fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn forms<C: Clock>(clock: &C) {
        is_send(&timeout(clock, ZERO, async {}));
        let scope = Timeout::never(clock);
        is_shared(&scope.handle());
        is_send(&scope.run(async {}));
        let (work, handle) = deadheat_timeout::task(clock, async |cx| {
            cx.timeout(ZERO, async |cx| done(cx.wait(pending::<()>()).await?))
                .await?;
            done(())
        });
        is_send(&work);
        is_shared(&handle);
        is_shared(&handle.canceller());
    }
    fifo(|| async { forms(&clock()) });
    forms(&deadheat_timeout::TokioClock);
}
