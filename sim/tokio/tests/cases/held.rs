//! Tasks that wait for what others have: locks, permits, the other end of a channel. The report says who has it.

use std::sync::Arc;
use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock, Semaphore, mpsc, oneshot};

const MS: Duration = Duration::from_millis(1);

async fn for_ever() {
    std::future::pending::<()>().await;
}

async fn a_lock_across_a_wait_that_never_ends() {
    let balance = Arc::new(Mutex::new(0));
    let audited = Arc::clone(&balance);
    deadheat::spawn_named("audit", async move {
        let _seen = audited.lock().await;
        for_ever().await;
    });
    tokio::time::sleep(MS).await;
    *balance.lock().await += 1;
}

async fn several_in_line_for_one_lock() {
    let balance = Arc::new(Mutex::new(0));
    let held = Arc::clone(&balance).lock_owned().await;
    for _ in 0..2 {
        let balance = Arc::clone(&balance);
        tokio::spawn(async move { *balance.lock().await += 1 });
    }
    wait_with(held).await;
}

async fn wait_with(_held: OwnedMutexGuard<i32>) {
    for_ever().await;
}

async fn a_writer_behind_two_readers() {
    let table = Arc::new(RwLock::new(0));
    for _ in 0..2 {
        let table = Arc::clone(&table);
        tokio::spawn(async move {
            let _read = table.read().await;
            for_ever().await;
        });
    }
    tokio::time::sleep(MS).await;
    *table.write().await += 1;
}

async fn permits_that_two_tasks_have() {
    let permits = Arc::new(Semaphore::new(2));
    for _ in 0..2 {
        let permits = Arc::clone(&permits);
        tokio::spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            for_ever().await;
        });
    }
    tokio::time::sleep(MS).await;
    drop(permits.acquire().await.unwrap());
}

async fn a_sender_in_a_value_of_ones_own() {
    struct Worker {
        _answers: mpsc::Sender<u32>,
    }
    let (answers, mut answered) = mpsc::channel(1);
    tokio::spawn(async move {
        let _worker = Worker { _answers: answers };
        for_ever().await;
    });
    answered.recv().await;
}

async fn two_that_wait_for_each_other() {
    let ((ask, asked), (answer, answered)) = (oneshot::channel::<u32>(), oneshot::channel::<u32>());
    tokio::spawn(async move {
        let question = asked.await.unwrap();
        answer.send(question).unwrap();
    });
    let answer = answered.await.unwrap();
    ask.send(answer).unwrap();
}

crate::says! {
    a_lock_across_a_wait_that_never_ends,
    several_in_line_for_one_lock,
    a_writer_behind_two_readers,
    permits_that_two_tasks_have,
    a_sender_in_a_value_of_ones_own,
    two_that_wait_for_each_other,
}
