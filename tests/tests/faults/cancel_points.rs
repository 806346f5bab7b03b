//! At which points a future is cancelled, and that what is cancel safe passes at all of them.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::cancel_safe::{CancelEverywhere, cancel_everywhere};
use deadheat::{assert_cancel_safe, sleep, spawn, yield_now};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn named(name: &str) -> CancelEverywhere {
    CancelEverywhere::new().name(name)
}

// What tokio documents as cancel safe is.

#[test]
fn tokios_channels_and_locks_are_cancel_safe() {
    assert_cancel_safe(
        async || {
            let (tx, rx) = mpsc::channel(1);
            spawn(async move {
                yield_now().await;
                tx.send(1).await.ok();
                tx.send(2).await.ok();
            });
            (rx, Vec::new())
        },
        async |(rx, got): &mut (mpsc::Receiver<u32>, Vec<u32>)| {
            while let Some(value) = rx.recv().await {
                got.push(value);
            }
        },
        async |(mut rx, mut got), _| {
            while let Some(value) = rx.recv().await {
                got.push(value);
            }
            assert_eq!(got, [1, 2]);
        },
    );
    assert_cancel_safe(
        async || {
            let lock = Rc::new(Mutex::new(0));
            let other = lock.clone();
            let holds = spawn(async move {
                let _guard = other.lock().await;
                sleep(ms(1)).await;
            });
            yield_now().await;
            (lock, holds)
        },
        async |(lock, _)| drop(lock.lock().await),
        async |(lock, _), _| drop(lock.lock().await),
    );
    assert_cancel_safe(
        async || {
            let (tx, rx) = oneshot::channel();
            spawn(async move { tx.send(3) });
            (rx,)
        },
        async |(rx,)| rx.await.ok(),
        async |(rx,), got| {
            if got.is_none() {
                assert_eq!(rx.await, Ok(3));
            }
        },
    );
}

// `Notify` passes the notification on, so the other waiter gets it.

#[test]
fn a_notification_is_passed_on() {
    assert_cancel_safe(
        async || {
            let notify = Rc::new(Notify::new());
            let other = notify.clone();
            spawn(async move {
                sleep(ms(1)).await;
                other.notify_one();
            });
            notify
        },
        async |notify| notify.notified().await,
        async |notify, notified| {
            if notified.is_none() {
                notify.notified().await;
            }
        },
    );
}

#[test]
fn a_future_that_never_ends_is_cancelled_up_to_the_limit() {
    let report = cancel_everywhere(
        &named("ticks").waits(5),
        async || (),
        async |()| -> () {
            loop {
                sleep(ms(1)).await;
            }
        },
        async |(), ended| assert!(ended.is_none()),
    )
    .unwrap();
    assert_eq!((report.cancelled, report.complete), (10, false));
    assert!(
        report
            .to_string()
            .ends_with("there are more, beyond the limit")
    );
}

#[test]
fn a_future_that_waits_for_ever_is_cancelled_there_once() {
    let report = cancel_everywhere(
        &named("for ever"),
        async || (),
        async |()| std::future::pending::<()>().await,
        async |(), ended| assert!(ended.is_none()),
    )
    .unwrap();
    assert_eq!(
        (report.waits, report.cancelled, report.complete),
        (1, 1, true)
    );
}

#[test]
fn a_future_that_fails_by_itself_says_that_it_was_not_cancelled() {
    let failure = cancel_everywhere(
        &named("fails"),
        async || (),
        async |()| yield_now().await,
        async |(), ended| assert!(ended.is_none(), "it ended"),
    )
    .unwrap_err();
    assert_eq!(failure.point, None);
    assert!(
        failure.to_string().starts_with("fails without a cancel"),
        "{failure}"
    );
    assert!(
        failure.failure.replay[0].contains("not-cancelled:dh1:"),
        "{failure}"
    );
}

#[test]
fn what_only_another_schedule_shows_is_found_in_one() {
    let late = |schedules| {
        cancel_everywhere(
            &named("order").schedules(schedules),
            async || {
                let seen = Rc::new(Cell::new(false));
                let other = seen.clone();
                spawn(async move {
                    sleep(ms(1)).await;
                    other.set(true);
                });
                yield_now().await;
                seen
            },
            async |_| sleep(ms(1)).await,
            async |seen, ended| assert!(ended.is_none() || seen.get(), "not yet"),
        )
    };
    late(1).expect("FIFO does not show it");
    let failure = late(50).unwrap_err();
    assert!(!failure.failure.run.token.tape.is_empty(), "{failure}");
}
