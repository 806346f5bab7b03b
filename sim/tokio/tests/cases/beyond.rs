//! Programs that go beyond their run: tokio's own timers, sockets, files, a static that lives on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat_tokio as tokio;
use tokio::sync::{Semaphore, oneshot};

const MS: Duration = Duration::from_millis(1);

/// A pool that hands a connection over, to somebody whose wait is timed.
async fn handed_over(wait: impl Future<Output = ()> + 'static) {
    let idle: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (sender, receiver) = oneshot::channel();
    let back = Arc::clone(&idle);
    let user = deadheat::spawn(async move {
        tokio::select! {
            connection = receiver => back.lock().unwrap().push(connection.unwrap()),
            () = wait => {}
        }
    });
    deadheat::sleep(60 * MS..=140 * MS).await;
    if let Err(connection) = sender.send(1) {
        idle.lock().unwrap().push(connection);
    }
    user.await.unwrap();
    assert_eq!(idle.lock().unwrap().len(), 1, "idle connections");
}

async fn a_connection_that_is_lost() {
    handed_over(async { tokio::time::sleep(100 * MS).await }).await;
}

async fn a_delay_queue_on_the_real_tokio() {
    handed_over(async {
        let mut queue = tokio_util::time::DelayQueue::new();
        queue.insert((), 100 * MS);
        std::future::poll_fn(|cx| queue.poll_expired(cx)).await;
    })
    .await;
}

async fn a_send_that_times_out() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    sender.send(0).await.unwrap();
    tokio::spawn(async move {
        deadheat::sleep(60 * MS..=140 * MS).await;
        receiver.recv().await;
        std::future::pending::<()>().await;
    });
    let sent = sender.send_timeout(1, 100 * MS).await;
    sent.expect("it is sent in time");
}

/// As in a crate that uses tokio itself.
async fn a_socket() {
    ::tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap();
}

/// As in a crate that uses tokio itself.
async fn a_file() {
    ::tokio::fs::read("/etc/hostname").await.unwrap();
}

static PERMITS: Semaphore = Semaphore::const_new(0);

async fn a_static_that_lives_on() {
    for _ in 0..2 {
        let adds = tokio::spawn(async { PERMITS.add_permits(1) });
        adds.await.unwrap();
    }
    drop(PERMITS.acquire_many(2).await.unwrap());
    assert!(PERMITS.available_permits() < 9, "too many permits");
}

crate::says! {
    a_connection_that_is_lost,
    a_delay_queue_on_the_real_tokio,
    a_send_that_times_out,
    a_socket,
    a_file,
    a_static_that_lives_on,
}
