//! tower: its layers for timeouts, rates, concurrency and buffers.

mod show;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use show::{Promises, latency, ms};
use tokio::time::Instant;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

fn main() -> ExitCode {
    let mut promises = Promises::default();
    promises.holds(
        "a request ends by the timeout or has its answer",
        by_the_timeout,
    );
    promises.holds(
        "never more at once than the limit, and nobody starves",
        never_more,
    );
    promises.holds("fewer than twice the rate in any period", less_than_twice);
    promises.broken(
        "no more than the rate in any period",
        "three within one period",
        in_any_period,
    );
    promises.end()
}

async fn by_the_timeout() {
    let slow = service_fn(|(): ()| async {
        latency(ms(5)..=ms(15)).await;
        Ok::<_, Infallible>(())
    });
    let service = ServiceBuilder::new().timeout(ms(10)).service(slow);
    let start = Instant::now();
    let answered = service.oneshot(()).await.is_ok();
    let took = start.elapsed();
    assert!(took <= ms(11), "it took {took:?}");
    assert!(answered || took >= ms(10), "given up after {took:?}");
}

async fn never_more() {
    let busy = Arc::new(AtomicU32::new(0));
    let inner = service_fn(move |(): ()| {
        let busy = busy.clone();
        async move {
            assert!(busy.fetch_add(1, Relaxed) < 2, "three at once");
            latency(ms(1)..=ms(3)).await;
            busy.fetch_sub(1, Relaxed);
            Ok::<_, Infallible>(())
        }
    });
    let service = ServiceBuilder::new()
        .buffer(8)
        .concurrency_limit(2)
        .service(inner);
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { service.oneshot(()).await.is_ok() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.expect("a caller"), "a request failed");
    }
}

/// The moments at which five requests begin, with up to a period between them.
async fn five() -> Vec<Instant> {
    let inner = service_fn(|(): ()| async { Ok::<_, Infallible>(Instant::now()) });
    let mut service = ServiceBuilder::new().rate_limit(2, ms(10)).service(inner);
    let mut moments = Vec::new();
    for _ in 0..5 {
        latency(ms(0)..=ms(9)).await;
        let ready = service.ready().await.expect("a service");
        moments.push(ready.call(()).await.expect("a moment"));
    }
    moments
}

/// A period begins with its first request, so the end of one and all of the next may lie together.
async fn less_than_twice() {
    for four in five().await.windows(4) {
        assert!(four[3] - four[0] >= ms(10), "four within one period");
    }
}

async fn in_any_period() {
    for three in five().await.windows(3) {
        assert!(three[2] - three[0] >= ms(10), "three within one period");
    }
}
