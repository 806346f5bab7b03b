//! tokio-graceful: a shutdown waits for the tasks it guards, up to a limit, and tells them of it.

mod show;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use show::{Promises, latency, ms};
use tokio::time::{Instant, sleep};
use tokio_graceful::Shutdown;

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds("a shutdown without a limit waits for all", waits_for_all);
    promises.holds("with a limit it ends by the limit", by_the_limit);
    promises.holds("every guard hears of it", everyone_hears);
    promises.end()
}

async fn waits_for_all() {
    let shutdown = Shutdown::new(latency(ms(1)..=ms(10)));
    let done = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let done = done.clone();
        drop(shutdown.spawn_task(async move {
            latency(ms(0)..=ms(20)).await;
            done.fetch_add(1, Relaxed);
        }));
    }
    shutdown.shutdown().await;
    assert_eq!(done.load(Relaxed), 3, "a task was left behind");
}

async fn by_the_limit() {
    let shutdown = Shutdown::new(async { sleep(ms(5)).await });
    let work = shutdown.spawn_task(async {
        latency(ms(10)..=ms(20)).await;
        Instant::now()
    });
    let start = Instant::now();
    let ended = shutdown.shutdown_with_limit(ms(10)).await;
    let took = start.elapsed();
    assert!(took <= ms(17), "it took {took:?}");
    match ended {
        Ok(_) => assert!(work.is_finished(), "it did not wait"),
        Err(_) => assert!(took >= ms(15), "it gave up after {took:?}"),
    }
}

async fn everyone_hears() {
    let shutdown = Shutdown::new(latency(ms(1)..=ms(3)));
    let heard = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let heard = heard.clone();
        drop(shutdown.spawn_task_fn(async move |guard| {
            latency(ms(0)..=ms(4)).await;
            guard.cancelled().await;
            heard.fetch_add(1, Relaxed);
        }));
    }
    let ended = shutdown.shutdown_with_limit(ms(50)).await;
    assert!(ended.is_ok(), "a guard never heard of it");
    assert_eq!(heard.load(Relaxed), 3);
}
