//! Typical mistakes: waits that nothing ends, and futures that nobody awaits.

use std::sync::Arc;
use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};

const MS: Duration = Duration::from_millis(1);

async fn a_sleep_that_nobody_awaits() {
    drop(deadheat::sleep(5 * MS..=15 * MS));
    drop(tokio::time::sleep(5 * MS));
}

async fn two_locks_in_two_orders() {
    let (one, two) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (of_one, of_two) = (Arc::clone(&one), Arc::clone(&two));
    let other = tokio::spawn(async move {
        let _one = of_one.lock().await;
        deadheat::sleep(MS..=5 * MS).await;
        let _two = of_two.lock().await;
    });
    let held = two.lock().await;
    deadheat::sleep(MS..=5 * MS).await;
    let _one = one.lock().await;
    drop(held);
    other.await.unwrap();
}

async fn a_value_that_is_never_sent() {
    let (sender, receiver) = oneshot::channel::<u32>();
    let waits = tokio::spawn(receiver);
    let _kept = sender;
    waits.await.unwrap().unwrap();
}

async fn a_channel_whose_other_end_sleeps() {
    let (sender, mut receiver) = mpsc::channel::<u32>(1);
    tokio::spawn(async move {
        for value in 1..=3 {
            sender.send(value).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    for _ in 0..4 {
        receiver.recv().await;
    }
}

async fn a_permit_that_one_has_oneself() {
    let permits = Semaphore::new(1);
    let _first = permits.acquire().await.unwrap();
    let _second = permits.acquire().await.unwrap();
}

async fn a_notify_that_came_before() {
    let notify = Arc::new(Notify::new());
    let other = Arc::clone(&notify);
    tokio::spawn(async move { other.notify_waiters() });
    deadheat::sleep(MS).await;
    notify.notified().await;
}

async fn a_loop_that_yields() {
    loop {
        tokio::task::yield_now().await;
    }
}

async fn a_loop_that_polls() {
    let flag = std::cell::Cell::new(false);
    while !flag.get() {
        deadheat::sleep(10 * MS).await;
    }
}

crate::says! {
    a_sleep_that_nobody_awaits,
    two_locks_in_two_orders,
    a_value_that_is_never_sent,
    a_channel_whose_other_end_sleeps,
    a_permit_that_one_has_oneself,
    a_notify_that_came_before,
    a_loop_that_yields(3),
    a_loop_that_polls(3),
}
