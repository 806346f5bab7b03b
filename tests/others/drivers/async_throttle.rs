//! async-throttle: "a tool which can control the rate at which processing happens", one in each period.

mod show;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use async_throttle::RateLimiter;
use show::{Promises, latency, ms};
use tokio::time::{Instant, sleep};

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds("five at once take four periods", five_at_once);
    promises.holds(
        "a caller that gives up does not hold up the others",
        one_gives_up,
    );
    promises.broken(
        "never two in one period",
        "two within one period",
        after_a_pause,
    );
    promises.end()
}

async fn five_at_once() {
    let limiter = Arc::new(RateLimiter::new(ms(10)));
    let start = Instant::now();
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.throttle(|| async {}).await })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a caller");
    }
    let took = start.elapsed();
    assert!(took >= ms(40), "{took:?} for five");
    assert!(took < ms(45), "{took:?} for five");
}

async fn one_gives_up() {
    let limiter = Arc::new(RateLimiter::new(ms(10)));
    limiter.throttle(|| async {}).await;
    let other = limiter.clone();
    let waits = tokio::spawn(async move { other.throttle(|| async {}).await });
    latency(ms(0)..=ms(11)).await;
    waits.abort();
    let start = Instant::now();
    limiter.throttle(|| async {}).await;
    assert!(start.elapsed() <= ms(21), "waited {:?}", start.elapsed());
}

/// Nobody calls for a while, then several do.
async fn after_a_pause() {
    let limiter = RateLimiter::new(ms(10));
    limiter.throttle(|| async {}).await;
    latency(ms(0)..=ms(40)).await;
    let done = Mutex::new(Vec::new());
    for _ in 0..3 {
        limiter
            .throttle(|| async { done.lock().expect("a lock").push(Instant::now()) })
            .await;
        sleep(ms(0)).await;
    }
    let done = done.into_inner().expect("a lock");
    for pair in done.windows(2) {
        // Half a period allows for ticks that are late.
        assert!(pair[1] - pair[0] > ms(5), "two within one period");
    }
}
