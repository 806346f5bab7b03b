//! leaky-bucket: no more than its rate, in turn if it is fair, and "dropped tasks release any resources
//! they've reserved", also when the one that is dropped works for the others as their core.

mod show;

use std::process::ExitCode;
use std::sync::Arc;

use leaky_bucket::RateLimiter;
use show::{Promises, latency, ms};
use tokio::time::{Instant, sleep, timeout};

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds("no more than its rate, and no less", at_its_rate);
    promises.holds(
        "who waits goes on when others are dropped",
        some_are_dropped,
    );
    promises.end()
}

fn limiter() -> Arc<RateLimiter> {
    let mut builder = RateLimiter::builder();
    Arc::new(builder.initial(2).max(4).refill(2).interval(ms(10)).build())
}

async fn at_its_rate() {
    let limiter = limiter();
    let start = Instant::now();
    let callers: Vec<_> = (0..6)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move {
                latency(ms(0)..=ms(3)).await;
                limiter.acquire_one().await;
                Instant::now()
            })
        })
        .collect();
    let mut through = Vec::new();
    for caller in callers {
        through.push(caller.await.expect("a caller") - start);
    }
    through.sort();
    for (already, at) in through.iter().enumerate() {
        let free = 2 + 2 * (at.as_millis() / 10);
        assert!((already as u128) < free, "{already} before {at:?}");
    }
    assert!(through[5] <= ms(26), "the last one at {:?}", through[5]);
}

async fn some_are_dropped() {
    let limiter = limiter();
    limiter.acquire(2).await;
    let givers = [1, 2, 3].map(|permits| {
        let limiter = limiter.clone();
        tokio::spawn(async move {
            let waits = limiter.acquire(permits);
            drop(timeout(ms(10), waits).await);
        })
    });
    sleep(ms(1)).await;
    let stays = tokio::spawn({
        let limiter = limiter.clone();
        async move { limiter.acquire(2).await }
    });
    latency(ms(0)..=ms(12)).await;
    givers[0].abort();
    let late = timeout(ms(100), stays).await;
    assert!(late.is_ok(), "who waited is left behind");
    let again = timeout(ms(100), limiter.acquire(4)).await;
    assert!(again.is_ok(), "nobody refills any more");
}
